// Low-rank adaptation: the factors' gradients against finite differences, and what merging gives.
#include "caco/lm/lora_training.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "caco/lm/small_config.h"
#include "caco/lm/transformer.h"

namespace caco::lm {
namespace {

LoraOptions lora_options(std::vector<std::string> targets) {
  LoraOptions options;
  options.rank = 3;
  options.alpha = 6;
  options.target_modules = std::move(targets);
  return options;
}

TEST(LoraTraining, TargetsNameLayers) {
  const ParameterLayout layout(tiny_config(37));
  const struct {
    std::vector<std::string> targets;
    size_t num_modules;  // 0: refused
  } rows[] = {{{"q_proj"}, 2},
              {{"q_proj", "v_proj"}, 4},
              {{"all-linear"}, 14},
              {{"down_proj", "all-linear"}, 14},
              {{"x_proj"}, 0},
              {{"lm_head"}, 0},
              {{}, 0}};
  for (const auto& row : rows) {
    const Result<LoraParameters> lora = LoraParameters::create(layout, lora_options(row.targets));
    ASSERT_EQ(lora.ok(), row.num_modules > 0);
    if (!lora.ok()) continue;
    EXPECT_EQ(lora.value().modules().size(), row.num_modules);
    EXPECT_EQ(lora.value().modules()[0].name, "model.layers.0.self_attn.q_proj");
  }
  LoraOptions no_rank = lora_options({"q_proj"});
  no_rank.rank = 0;
  EXPECT_FALSE(LoraParameters::create(layout, no_rank).ok());
}

TEST(LoraTraining, ScalingIsAlphaOverRankOrItsRoot) {
  LoraOptions options;
  options.rank = 16;
  options.alpha = 32;
  EXPECT_DOUBLE_EQ(options.scaling(), 2);
  options.uses_rslora = true;
  EXPECT_DOUBLE_EQ(options.scaling(), 8);
}

TEST(LoraTraining, BeginsAtTheBaseModel) {
  const ModelConfig config = tiny_config(37);
  const ParameterLayout layout(config);
  const LoraParameters lora = LoraParameters::create(layout, lora_options({"all-linear"})).value();
  const std::vector<float> base = initialize_parameters(config, 1);
  const std::vector<float> trained = lora.initialize(5);
  EXPECT_EQ(trained, lora.initialize(5));
  EXPECT_NE(trained, lora.initialize(6));
  std::vector<float> merged = base;
  const Matmul matmul(Precision::Float32);
  for (const LoraParameters::Module& module : lora.modules())
    lora.merge_module(module, base, trained, merged, matmul);
  EXPECT_EQ(merged, base);
}

class Adapted {
 public:
  explicit Adapted(const LoraOptions& options)
      : layout_(config_),
        lora_(LoraParameters::create(layout_, options).value()),
        base_(initialize_parameters(config_, 1)),
        model_(config_, layout_, Precision::Float32) {
    std::vector<int32_t> tokens(40);
    for (size_t i = 0; i < tokens.size(); ++i)
      tokens[i] = static_cast<int32_t>((i * i * 3 + i) % 37);
    batch_.add_document(tokens, 4);
  }

  const LoraParameters& lora() const { return lora_; }
  const std::vector<float>& base() const { return base_; }

  std::vector<float> merged(const std::vector<float>& trained) const {
    std::vector<float> parameters = base_;
    for (const LoraParameters::Module& module : lora_.modules())
      lora_.merge_module(module, base_, trained, parameters, matmul_);
    return parameters;
  }

  double loss(const std::vector<float>& trained) {
    return model_.forward_loss(merged(trained), batch_);
  }

  std::vector<float> gradients(const std::vector<float>& trained) {
    std::vector<float> full(base_.size(), 0.0f);
    model_.forward_backward(merged(trained), batch_, full);
    std::vector<float> projected(trained.size(), 0.0f);
    for (const LoraParameters::Module& module : lora_.modules())
      lora_.project_module(module, full, trained, projected, matmul_);
    return projected;
  }

 private:
  const ModelConfig config_ = tiny_config(37);
  const ParameterLayout layout_;
  const LoraParameters lora_;
  const std::vector<float> base_;
  Transformer model_;
  Matmul matmul_{Precision::Float32};
  PackedBatch batch_;
};

TEST(LoraTraining, GradientEqualsFiniteDifferences) {
  for (const bool uses_rslora : {false, true}) {
    LoraOptions options = lora_options({"all-linear"});
    options.uses_rslora = uses_rslora;
    Adapted adapted(options);
    std::vector<float> trained = adapted.lora().initialize(5);
    for (size_t i = 0; i < trained.size(); ++i) {  // B is not zero in the middle of a training
      if (trained[i] == 0) trained[i] = 0.1f * std::sin(static_cast<float>(i));
    }
    const std::vector<float> found = adapted.gradients(trained);
    // Along the gradient of each module, where the difference is largest beside the rounding.
    for (const LoraParameters::Module& module : adapted.lora().modules()) {
      const int64_t rank = adapted.lora().rank();
      const struct {
        const char* name;
        int64_t begin;
        int64_t size;
      } parts[] = {{".A", module.a, rank * module.columns}, {".B", module.b, rank * module.rows}};
      for (const auto& part : parts) {
        double norm = 0;
        for (int64_t i = part.begin; i < part.begin + part.size; ++i) {
          norm += std::pow(static_cast<double>(found[static_cast<size_t>(i)]), 2);
        }
        norm = std::sqrt(norm);
        ASSERT_GT(norm, 0) << module.name << part.name;
        const double step = 4e-3;
        const auto moved = [&](double sign) {
          std::vector<float> values = trained;
          for (int64_t i = part.begin; i < part.begin + part.size; ++i) {
            const size_t at = static_cast<size_t>(i);
            values[at] += static_cast<float>(sign * step * static_cast<double>(found[at]) / norm);
          }
          return adapted.loss(values);
        };
        EXPECT_NEAR((moved(1) - moved(-1)) / (2 * step), norm, 0.01 * norm + 5e-3)
            << module.name << part.name;
      }
    }
  }
}

TEST(LoraTraining, AdapterMergesToTheSameWeights) {
  Adapted adapted(lora_options({"q_proj", "down_proj"}));
  std::vector<float> trained = adapted.lora().initialize(5);
  for (size_t i = 0; i < trained.size(); ++i)
    trained[i] += 0.01f * std::cos(static_cast<float>(i));
  const LoraAdapter adapter =
      adapted.lora().to_adapter(trained, lora_options({"q_proj", "down_proj"}), "base");
  EXPECT_EQ(adapter.config.base_model_name_or_path, "base");
  EXPECT_EQ(adapter.pairs.size(), 4u);
  const ParameterLayout layout(tiny_config(37));
  Weights weights = unflatten_weights(layout, adapted.base());
  ASSERT_TRUE(merge_adapter(weights, adapter).ok());
  const std::vector<float> expected = flatten_weights(layout, weights);
  const std::vector<float> merged = adapted.merged(trained);
  double worst = 0;
  for (size_t i = 0; i < merged.size(); ++i)
    worst = std::max(worst, std::fabs(static_cast<double>(merged[i] - expected[i])));
  EXPECT_LT(worst, 1e-6);
  EXPECT_NE(merged, adapted.base());
}

}  // namespace
}  // namespace caco::lm
