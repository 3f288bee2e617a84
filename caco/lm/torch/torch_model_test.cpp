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

// Random weights of a configuration and documents for it.
struct ModelCase {
  explicit ModelCase(const ModelConfig& of)
      : config(of),
        layout(config),
        parameters(flatten_weights(layout, random_checkpoint(config, 5, 1.0).weights)),
        batch(sample_batch(config.vocab_size)) {}

  // The two models of the weights; they refer to the case.
  Transformer native() const { return {config, layout, Precision::Float32}; }
  TorchModel torch(at::ScalarType products = at::kFloat) const {
    return {config, layout, upload_values(parameters, at::kCPU), products};
  }

  const ModelConfig config;
  const ParameterLayout layout;
  const std::vector<float> parameters;
  const PackedBatch batch;
};

TEST(TorchModel, LogitsAreThoseOfTheNativeModel) {
  for (const NamedConfig& row : golden_configs()) {
    SCOPED_TRACE(row.name);
    const ModelCase sample(row.config);
    const std::vector<float> expected =
        sample.native().forward_logits(sample.parameters, sample.batch);
    const std::vector<float> found = download_values(sample.torch().forward_logits(sample.batch));
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
    const ModelCase sample(row.config);
    std::vector<float> expected(sample.parameters.size());
    const double loss = sample.native().forward_backward(sample.parameters, sample.batch, expected);
    for (const Activations activations : {Activations::Kept, Activations::Recomputed}) {
      const at::Tensor gradients = at::zeros({sample.layout.size()});
      TorchModel model = sample.torch();
      model.train_weights(gradients);
      model.set_activations(activations);
      EXPECT_NEAR(model.forward_backward(sample.batch), loss, 1e-5 * loss);
      EXPECT_NEAR(model.forward_loss(sample.batch), loss, 1e-5 * loss);
      const std::vector<float> found = download_values(gradients);
      for (const ParameterLayout::Slot& slot : sample.layout.slots()) {
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
  const ModelCase sample(small_config());
  const at::Tensor once = at::zeros({sample.layout.size()});
  const at::Tensor twice = at::zeros_like(once);
  TorchModel first = sample.torch();
  first.train_weights(once);
  first.forward_backward(sample.batch);
  TorchModel second = sample.torch();
  second.train_weights(twice);
  second.forward_backward(sample.batch);
  second.forward_backward(sample.batch);
  EXPECT_TRUE(at::allclose(twice, once * 2, 1e-6, 1e-6));
}

// What a GPU does by default: products in bfloat16, gradients as float32.
TEST(TorchModel, ProductsInBfloat16StayClose) {
  const ModelCase sample(small_config_of(ModelFamily::Qwen3));
  const at::Tensor exact = at::zeros({sample.layout.size()});
  const at::Tensor rounded = at::zeros_like(exact);
  TorchModel wide = sample.torch();
  wide.train_weights(exact);
  const double loss = wide.forward_backward(sample.batch);
  TorchModel narrow = sample.torch(at::kBFloat16);
  narrow.train_weights(rounded);
  narrow.set_activations(Activations::Recomputed);
  EXPECT_NEAR(narrow.forward_backward(sample.batch), loss, 5e-3 * loss);
  const double cosine =
      (exact * rounded).sum().item<double>() / (exact.norm() * rounded.norm()).item<double>();
  EXPECT_GT(cosine, 0.999);
}

}  // namespace
}  // namespace caco::lm
