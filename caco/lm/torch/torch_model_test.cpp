// The transformer on LibTorch's processor device against the native one, which is compared with
// transformers in parity_test.cpp, on every configuration of that test.
#include "caco/lm/torch/torch_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "caco/base/file.h"
#include "caco/base/json.h"
#include "caco/lm/small_model.h"

namespace caco::lm {
namespace {

struct NamedConfig {
  std::string name;
  ModelConfig config;
};

std::vector<NamedConfig> golden_configs() {
  const Json golden =
      parse_json(read_file(CACO_SOURCE_DIR "/caco/lm/golden/parity.json").value()).value();
  std::vector<NamedConfig> configs;
  for (const auto& [name, golden_case] : golden["cases"].items()) {
    configs.push_back({name, parse_model_config(dump_json(golden_case["config"])).value()});
  }
  return configs;
}

// Documents of several lengths in no order, one of them a single token, prompts of several lengths.
PackedBatch sample_batch(int64_t vocab_size) {
  PackedBatch batch;
  int32_t token = 1;
  for (const int64_t length : {7, 40, 1, 23, 40, 38, 3}) {
    std::vector<int32_t> document;
    for (int64_t i = 0; i < length; ++i) {
      token = static_cast<int32_t>((token * 17 + 5) % vocab_size);
      document.push_back(token);
    }
    batch.add_document(document, 1 + length / 4);
  }
  return batch;
}

std::vector<float> parameters_of(const ParameterLayout& layout, const ModelConfig& config) {
  return flatten_weights(layout, random_checkpoint(config, 5, 1.0).weights);
}

TEST(TorchModel, LogitsAreThoseOfTheNativeModel) {
  for (const NamedConfig& row : golden_configs()) {
    SCOPED_TRACE(row.name);
    const ParameterLayout layout(row.config);
    const std::vector<float> parameters = parameters_of(layout, row.config);
    const PackedBatch batch = sample_batch(row.config.vocab_size);
    Transformer native(row.config, layout, Precision::Float32);
    const std::vector<float> expected = native.forward_logits(parameters, batch);
    TorchModel model(row.config, layout, upload_values(parameters, at::kCPU), at::kFloat);
    const std::vector<float> found = download_values(model.forward_logits(batch));
    ASSERT_EQ(found.size(), expected.size());
    float worst = 0;
    for (size_t i = 0; i < found.size(); ++i)
      worst = std::max(worst, std::fabs(found[i] - expected[i]));
    EXPECT_LT(worst, 1e-4f);
  }
}

TEST(TorchModel, LossAndGradientsAreThoseOfTheNativeModel) {
  for (const NamedConfig& row : golden_configs()) {
    SCOPED_TRACE(row.name);
    const ParameterLayout layout(row.config);
    const std::vector<float> parameters = parameters_of(layout, row.config);
    const PackedBatch batch = sample_batch(row.config.vocab_size);
    Transformer native(row.config, layout, Precision::Float32);
    std::vector<float> expected(parameters.size());
    const double loss = native.forward_backward(parameters, batch, expected);
    for (const Activations activations : {Activations::Kept, Activations::Recomputed}) {
      const at::Tensor gradients = at::zeros({layout.size()});
      TorchModel model(row.config, layout, upload_values(parameters, at::kCPU), at::kFloat);
      model.train_weights(gradients);
      model.set_activations(activations);
      EXPECT_NEAR(model.forward_backward(batch), loss, 1e-5 * loss);
      EXPECT_NEAR(model.forward_loss(batch), loss, 1e-5 * loss);
      const std::vector<float> found = download_values(gradients);
      for (const ParameterLayout::Slot& slot : layout.slots()) {
        double squares = 0;
        double wrong = 0;
        for (int64_t i = slot.offset; i < slot.offset + slot.size; ++i) {
          const double value = static_cast<double>(expected[static_cast<size_t>(i)]);
          const double difference = value - static_cast<double>(found[static_cast<size_t>(i)]);
          squares += value * value;
          wrong += difference * difference;
        }
        // A gradient that is zero in exact arithmetic, the key's bias, is all rounding.
        EXPECT_LE(std::sqrt(wrong), 1e-4 * std::sqrt(squares) + 1e-4) << slot.weight.name;
      }
    }
  }
}

// A second pass adds to the first: what accumulation over the passes of a step relies on.
TEST(TorchModel, GradientsAddUp) {
  const ModelConfig config = small_config();
  const ParameterLayout layout(config);
  const at::Tensor weights = upload_values(parameters_of(layout, config), at::kCPU);
  const PackedBatch batch = sample_batch(config.vocab_size);
  const at::Tensor once = at::zeros({layout.size()});
  const at::Tensor twice = at::zeros({layout.size()});
  TorchModel first(config, layout, weights, at::kFloat);
  first.train_weights(once);
  first.forward_backward(batch);
  TorchModel second(config, layout, weights, at::kFloat);
  second.train_weights(twice);
  second.forward_backward(batch);
  second.forward_backward(batch);
  EXPECT_TRUE(at::allclose(twice, once * 2, 1e-6, 1e-6));
}

// What a GPU does by default: products in bfloat16, gradients as float32.
TEST(TorchModel, ProductsInBfloat16StayClose) {
  const ModelConfig config = small_config_of(ModelFamily::Qwen3);
  const ParameterLayout layout(config);
  const at::Tensor weights = upload_values(parameters_of(layout, config), at::kCPU);
  const PackedBatch batch = sample_batch(config.vocab_size);
  const at::Tensor exact = at::zeros({layout.size()});
  const at::Tensor rounded = at::zeros({layout.size()});
  TorchModel wide(config, layout, weights, at::kFloat);
  wide.train_weights(exact);
  const double loss = wide.forward_backward(batch);
  TorchModel narrow(config, layout, weights, at::kBFloat16);
  narrow.train_weights(rounded);
  narrow.set_activations(Activations::Recomputed);
  EXPECT_NEAR(narrow.forward_backward(batch), loss, 5e-3 * loss);
  const double cosine =
      (exact * rounded).sum().item<double>() / (exact.norm() * rounded.norm()).item<double>();
  EXPECT_GT(cosine, 0.999);
}

}  // namespace
}  // namespace caco::lm
