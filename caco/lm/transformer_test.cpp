// The hand-written forward and backward passes against the plain reference and finite differences.
#include "caco/lm/transformer.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <cmath>
#include <numeric>

#include "caco/lm/kernels.h"
#include "caco/lm/reference_model.h"
#include "caco/lm/small_config.h"

namespace caco::lm {
namespace {

struct Shape {
  const char* name;
  int64_t heads;
  int64_t key_value_heads;
  int64_t head_dim;
  bool is_tied;
  ModelFamily family = ModelFamily::Llama;
  bool has_biases = false;
};

const Shape kShapes[] = {{"tied", 3, 3, 8, true},
                         {"untied", 2, 2, 16, false},
                         {"grouped", 4, 2, 8, true},
                         {"wide heads", 2, 1, 24, false},
                         {"llama with biases", 2, 2, 8, true, ModelFamily::Llama, true},
                         {"qwen2", 4, 2, 6, false, ModelFamily::Qwen2},
                         {"qwen3", 4, 2, 10, true, ModelFamily::Qwen3},
                         {"qwen3 with biases", 2, 1, 16, true, ModelFamily::Qwen3, true}};

ModelConfig config_of(const Shape& shape) {
  ModelConfig config = small_config(37, 24, 40, shape.heads, shape.key_value_heads, shape.head_dim);
  config.tie_word_embeddings = shape.is_tied;
  config.family = shape.family;
  config.attention_bias = shape.has_biases;
  config.mlp_bias = shape.has_biases && shape.family == ModelFamily::Llama;
  config.initializer_range = 0.3;  // large enough that every path of the gradient matters
  return config;
}

std::vector<int32_t> document(int64_t length, int32_t salt) {
  std::vector<int32_t> tokens;
  for (int64_t i = 0; i < length; ++i) {
    tokens.push_back(static_cast<int32_t>((i * i * 7 + i * 3 + salt * 11) % 37));
  }
  return tokens;
}

double reference_loss(const ModelConfig& config, const Weights& weights,
                      const std::vector<int32_t>& tokens, int64_t first_target) {
  const std::vector<Vector> logits = reference_logits(config, weights, tokens);
  double loss = 0;
  for (size_t i = 1; i < tokens.size(); ++i) {
    if (static_cast<int64_t>(i) < first_target) continue;
    double sum = 0;
    for (const double value : logits[i - 1])
      sum += std::exp(value);
    loss += std::log(sum) - logits[i - 1][static_cast<size_t>(tokens[i])];
  }
  return loss;
}

std::vector<float> zeros(const ParameterLayout& layout) {
  return std::vector<float>(static_cast<size_t>(layout.size()), 0.0f);
}

// Fresh biases are 0 and fresh norms 1, where mistakes would not show.
std::vector<float> varied_parameters(const ModelConfig& config, uint64_t seed) {
  std::vector<float> parameters = initialize_parameters(config, seed);
  const ParameterLayout layout(config);
  for (const ParameterLayout::Slot& slot : layout.slots()) {
    if (slot.weight.shape.size() > 1) continue;
    for (int64_t i = 0; i < slot.size; ++i) {
      parameters[static_cast<size_t>(slot.offset + i)] +=
          0.3f * std::sin(static_cast<float>(slot.offset + 3 * i));
    }
  }
  return parameters;
}

TEST(Transformer, LogitsEqualTheReference) {
  for (const Shape& shape : kShapes) {
    SCOPED_TRACE(shape.name);
    const ModelConfig config = config_of(shape);
    const ParameterLayout layout(config);
    const std::vector<float> parameters = varied_parameters(config, 5);
    const Weights weights = unflatten_weights(layout, parameters);
    const std::vector<int32_t> tokens = document(131, 1);  // more than two attention blocks
    PackedBatch batch;
    batch.add_document(tokens, 0);
    Transformer model(config, layout, Precision::Float32);
    const std::vector<float> logits = model.forward_logits(parameters, batch);
    const std::vector<Vector> expected = reference_logits(config, weights, tokens);
    double worst = 0;
    for (size_t i = 0; i < logits.size(); ++i) {
      worst = std::max(worst, std::fabs(logits[i] - expected[i / 37][i % 37]));
    }
    EXPECT_LT(worst, 1e-4);
  }
}

TEST(Transformer, GradientEqualsFiniteDifferences) {
  for (const Shape& shape : kShapes) {
    SCOPED_TRACE(shape.name);
    const ModelConfig config = config_of(shape);
    const ParameterLayout layout(config);
    const std::vector<float> parameters = varied_parameters(config, 7);
    const std::vector<int32_t> first = document(9, 1);
    const std::vector<int32_t> second = document(70, 2);
    PackedBatch batch;
    batch.add_document(first, 0);
    batch.add_document(second, 61);
    Transformer model(config, layout, Precision::Float32);
    std::vector<float> gradients = zeros(layout);
    model.forward_backward(parameters, batch, gradients);
    Weights weights = unflatten_weights(layout, parameters);
    // A few values of every weight, by central differences of the reference in double precision.
    for (const ParameterLayout::Slot& slot : layout.slots()) {
      for (int64_t sample = 0; sample < 3; ++sample) {
        const int64_t at = (sample * 7919 + 13) % slot.size;
        float& value = weights[slot.weight.name].values[static_cast<size_t>(at)];
        const float saved = value;
        const float step = 0x1p-10f;
        value = saved + step;
        const double above =
            reference_loss(config, weights, first, 0) + reference_loss(config, weights, second, 61);
        const float upper = value;
        value = saved - step;
        const double below =
            reference_loss(config, weights, first, 0) + reference_loss(config, weights, second, 61);
        const double expected = (above - below) / static_cast<double>(upper - value);
        value = saved;
        const double found = static_cast<double>(gradients[static_cast<size_t>(slot.offset + at)]);
        EXPECT_NEAR(found, expected, 2e-3 * (1.0 + std::fabs(expected)))
            << slot.weight.name << "[" << at << "]";
      }
    }
  }
}

TEST(Transformer, PackedEqualsOneByOne) {
  for (const Shape& shape : kShapes) {
    SCOPED_TRACE(shape.name);
    const ModelConfig config = config_of(shape);
    const ParameterLayout layout(config);
    const std::vector<float> parameters = varied_parameters(config, 3);
    Transformer model(config, layout, Precision::Float32);
    PackedBatch packed;
    std::vector<float> packed_gradients = zeros(layout);
    std::vector<float> gradients = zeros(layout);
    double loss = 0;
    const int64_t lengths[] = {1, 2, 65, 64, 130, 5};
    for (const int64_t length : lengths) {
      const std::vector<int32_t> tokens = document(length, static_cast<int32_t>(length));
      packed.add_document(tokens, length / 2);
      PackedBatch alone;
      alone.add_document(tokens, length / 2);
      loss += model.forward_backward(parameters, alone, gradients);
    }
    EXPECT_NEAR(model.forward_backward(parameters, packed, packed_gradients), loss, 1e-5 * loss);
    double worst = 0;
    for (size_t i = 0; i < gradients.size(); ++i) {
      worst = std::max(worst, static_cast<double>(std::fabs(gradients[i] - packed_gradients[i])));
    }
    EXPECT_LT(worst, 2e-4);
  }
}

TEST(Transformer, RecomputedActivationsGiveTheSameBits) {
  for (const Shape& shape : kShapes) {
    SCOPED_TRACE(shape.name);
    ModelConfig config = config_of(shape);
    config.num_hidden_layers = 3;
    const ParameterLayout layout(config);
    const std::vector<float> parameters = varied_parameters(config, 3);
    PackedBatch batch;
    batch.add_document(document(70, 1), 0);
    batch.add_document(document(9, 2), 3);
    std::vector<float> kept = zeros(layout);
    std::vector<float> recomputed = zeros(layout);
    Transformer first(config, layout, Precision::Float32);
    Transformer second(config, layout, Precision::Float32, Activations::Recomputed);
    EXPECT_EQ(first.forward_backward(parameters, batch, kept),
              second.forward_backward(parameters, batch, recomputed));
    EXPECT_EQ(kept, recomputed);
    EXPECT_EQ(first.forward_logits(parameters, batch), second.forward_logits(parameters, batch));
  }
}

// What a pass leaves allocated is what it needs at its peak: buffers are kept for the next one.
TEST(Transformer, RecomputedActivationsNeedLessMemory) {
  ModelConfig config = config_of(kShapes[0]);
  config.num_hidden_layers = 12;
  const ParameterLayout layout(config);
  const std::vector<float> parameters = varied_parameters(config, 3);
  PackedBatch batch;
  batch.add_document(document(2000, 1), 0);
  std::vector<float> gradients = zeros(layout);
  const auto allocated = [] {
    const struct mallinfo2 info = ::mallinfo2();
    return info.uordblks + info.hblkhd;
  };
  if (allocated() == 0) GTEST_SKIP() << "this build has an allocator of its own";
  const auto bytes_of = [&](Activations activations) {
    const size_t before = allocated();
    Transformer model(config, layout, Precision::Float32, activations);
    model.forward_backward(parameters, batch, gradients);
    return allocated() - before;
  };
  EXPECT_LT(bytes_of(Activations::Recomputed), bytes_of(Activations::Kept) / 2);
}

TEST(Transformer, Bfloat16IsNearFloat32) {
  if (!has_fast_bfloat16()) GTEST_SKIP() << "this processor has no fast bfloat16";
  const ModelConfig config = config_of(kShapes[2]);
  const ParameterLayout layout(config);
  const std::vector<float> parameters = initialize_parameters(config, 11);
  PackedBatch batch;
  batch.add_document(document(131, 1), 0);
  batch.add_document(document(33, 2), 0);
  std::vector<float> exact = zeros(layout);
  std::vector<float> rounded = zeros(layout);
  Transformer first(config, layout, Precision::Float32);
  Transformer second(config, layout, Precision::BFloat16);
  const double loss = first.forward_backward(parameters, batch, exact);
  EXPECT_NEAR(second.forward_backward(parameters, batch, rounded), loss, 0.01 * loss);
  const double dot = std::inner_product(exact.begin(), exact.end(), rounded.begin(), 0.0);
  const double norm1 = std::inner_product(exact.begin(), exact.end(), exact.begin(), 0.0);
  const double norm2 = std::inner_product(rounded.begin(), rounded.end(), rounded.begin(), 0.0);
  EXPECT_GT(dot / std::sqrt(norm1 * norm2), 0.995);
}

TEST(Transformer, RowsWithoutTargetsTakeNoPart) {
  const ModelConfig config = config_of(kShapes[0]);
  const ParameterLayout layout(config);
  PackedBatch batch;
  batch.add_document(document(6, 1), 4);
  batch.add_document({}, 0);
  batch.add_document(document(1, 2), 0);
  EXPECT_EQ(batch.num_targets(), 2);
  EXPECT_EQ(batch.num_rows(), 7);
  EXPECT_EQ(batch.targets[5], -1);
}

}  // namespace
}  // namespace caco::lm
