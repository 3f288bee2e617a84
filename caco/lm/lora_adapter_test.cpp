#include "caco/lm/lora_adapter.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "caco/base/file.h"
#include "caco/base/json.h"
#include "caco/lm/test_directory.h"

namespace caco::lm {
namespace {

namespace fs = std::filesystem;

constexpr const char* kQuery = "model.layers.0.self_attn.q_proj.weight";
constexpr const char* kDown = "model.layers.1.mlp.down_proj.weight";

LoraPair numbered_pair(int64_t rank, int64_t inputs, int64_t outputs) {
  LoraPair pair{rank, inputs, outputs, {}, {}};
  for (int64_t i = 0; i < rank * inputs; ++i)
    pair.a.push_back(static_cast<float>(i % 7) - 3.0f);
  for (int64_t i = 0; i < outputs * rank; ++i)
    pair.b.push_back(0.25f * (static_cast<float>(i % 5) - 2.0f));
  return pair;
}

LoraAdapter small_adapter() {
  LoraAdapter adapter;
  adapter.config.r = 2;
  adapter.config.lora_alpha = 8;
  adapter.config.target_modules = {"q_proj", "down_proj"};
  adapter.config.base_model_name_or_path = "models/base";
  adapter.pairs[kQuery] = numbered_pair(2, 6, 4);
  adapter.pairs[kDown] = numbered_pair(2, 5, 6);
  return adapter;
}

TEST(LoraAdapter, WrittenAdapterComesBack) {
  const std::string directory = fresh_directory("adapter_back");
  LoraAdapter adapter = small_adapter();
  adapter.config.use_rslora = true;
  adapter.config.rank_pattern = {{"down_proj", 3}};
  adapter.config.alpha_pattern = {{"layers.1.mlp.down_proj", 6}};
  adapter.pairs[kDown] = numbered_pair(3, 5, 6);
  ASSERT_TRUE(write_lora_adapter(directory, adapter).ok());
  const SafetensorsFile file =
      SafetensorsFile::open(directory + "/adapter_model.safetensors").value();
  // The names and shapes that PEFT's loader looks for.
  EXPECT_EQ(file.header().tensors.size(), 4u);
  EXPECT_EQ(file.header()
                .tensors.at("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight")
                .shape,
            (std::vector<int64_t>{2, 6}));
  EXPECT_EQ(
      file.header().tensors.at("base_model.model.model.layers.1.mlp.down_proj.lora_B.weight").shape,
      (std::vector<int64_t>{6, 3}));
  const Result<LoraAdapter> again = read_lora_adapter(directory);
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(lora_config_to_json(again.value().config), lora_config_to_json(adapter.config));
  EXPECT_EQ(again.value().pairs.at(kQuery).a, adapter.pairs.at(kQuery).a);
  EXPECT_EQ(again.value().pairs.at(kDown).b, adapter.pairs.at(kDown).b);
  EXPECT_DOUBLE_EQ(again.value().scale(kQuery), 8 / std::sqrt(2.0));
  EXPECT_DOUBLE_EQ(again.value().scale(kDown), 6 / std::sqrt(3.0));
}

TEST(LoraAdapter, MergesIntoTheWeights) {
  const LoraAdapter adapter = small_adapter();
  const LoraPair& pair = adapter.pairs.at(kQuery);
  const std::vector<float> base(24, 1.5f);
  const std::vector<float> sum = merged(base, pair, adapter.scale(kQuery));
  for (size_t o = 0; o < 4; ++o) {
    for (size_t i = 0; i < 6; ++i) {
      const float change = pair.b[o * 2] * pair.a[i] + pair.b[o * 2 + 1] * pair.a[6 + i];
      EXPECT_EQ(sum[o * 6 + i], 1.5f + 4.0f * change);  // exact: all are small dyadic numbers
    }
  }
  Weights weights;
  weights[kQuery] = {{4, 6}, base};
  EXPECT_NE(merge_adapter(weights, adapter).error().message.find("the base model has no weight"),
            std::string::npos);
  EXPECT_EQ(weights[kQuery].values, base);  // nothing was changed
  weights[kDown] = {{5, 6}, std::vector<float>(30)};
  EXPECT_NE(merge_adapter(weights, adapter).error().message.find("do not fit"), std::string::npos);
  weights[kDown] = {{6, 5}, std::vector<float>(30)};
  ASSERT_TRUE(merge_adapter(weights, adapter).ok());
  EXPECT_EQ(weights[kQuery].values, sum);
}

TEST(LoraAdapter, ConfigurationsGoodAndBad) {
  const struct {
    const char* members;
    const char* problem;  // nullptr: good
  } rows[] = {
      {R"("target_modules":["q_proj"])", nullptr},
      {R"("target_modules":"all-linear","r":16,"lora_alpha":32.5,"use_rslora":true)", nullptr},
      {R"("bias":"none","use_dora":false,"alora_invocation_tokens":null,"loftq_config":{},
         "megatron_config":null,"modules_to_save":null,"task_type":"CAUSAL_LM","new_option":false,
         "layers_to_transform":[1],"init_lora_weights":"gaussian","peft_version":"0.18",
         "megatron_core":"megatron.core")",
       nullptr},
      {R"("use_dora":true)", "use_dora = true"},
      {R"("bias":"all")", "bias = all"},
      {R"("modules_to_save":["lm_head"])", "modules_to_save"},
      {R"("layer_replication":[[0,1]])", "layer_replication"},
      {R"("alora_invocation_tokens":[5])", "alora_invocation_tokens"},
      {R"("trainable_token_indices":[5])", "trainable_token_indices"},
      {R"("target_parameters":["experts"])", "target_parameters"},
      {R"("fan_in_fan_out":true)", "fan_in_fan_out"},
      {R"("init_lora_weights":"pissa")", "init_lora_weights = pissa"},
      {R"("some_new_option":7)", "option is not supported: some_new_option = 7"},
      {R"("r":0)", "r: 0"},
      {R"("r":-3)", "r: -3"},
      {R"("r":"8")", "\"r\""},
      {R"("lora_alpha":1e999)", ""},
      {R"("rank_pattern":{"^model.*q_proj":4})", "regular expression"},
      {R"("rank_pattern":{"q_proj":0})", "rank_pattern of q_proj"},
      {R"("alpha_pattern":{"q_proj":"x"})", "alpha_pattern of q_proj"},
      {R"("target_modules":[1])", "target_modules"},
      {R"("peft_type":"IA3")", "peft_type is not LORA: IA3"},
  };
  for (const auto& row : rows) {
    std::string text = std::string("{") + row.members;
    if (text.find("peft_type") == std::string::npos) text += R"(,"peft_type":"LORA")";
    const Result<LoraConfig> config = parse_lora_config(text + "}");
    if (row.problem == nullptr) {
      EXPECT_TRUE(config.ok()) << row.members << ": " << config.error().message;
      continue;
    }
    ASSERT_FALSE(config.ok()) << row.members;
    EXPECT_NE(config.error().message.find(row.problem), std::string::npos)
        << config.error().message;
  }
}

TEST(LoraAdapter, TensorsThatDoNotFitAreRefused) {
  const std::string directory = fresh_directory("adapter_bad");
  EXPECT_EQ(read_lora_adapter(directory).error().code, ErrorCode::NotFound);
  ASSERT_TRUE(write_lora_adapter(directory, small_adapter()).ok());
  const std::string prefix = "base_model.model.model.layers.0.self_attn.q_proj.";
  const std::vector<float> values(12, 1.0f);
  const TensorView a = {prefix + "lora_A.weight", {2, 6}, values};
  const std::span<const float> eight(values.data(), 8);
  const TensorView b = {prefix + "lora_B.weight", {4, 2}, eight};
  const struct {
    std::vector<TensorView> tensors;
    const char* problem;  // nullptr: good
  } rows[] = {
      {{a, b}, nullptr},
      {{a}, "lora_B is missing"},
      {{b}, "lora_A is missing"},
      {{{a.name, {3, 4}, values}, b}, "rank of model.layers.0.self_attn.q_proj should be 2"},
      {{a, {b.name, {2, 4}, eight}}, "do not fit each other"},
      {{a, {b.name, {8}, eight}}, "is not a matrix"},
      {{a, b, {prefix + "lora_magnitude_vector", {8}, eight}}, "lora_magnitude_vector"},
      {{a, b, {"base_model.model.lm_head.weight", {8}, eight}}, "lm_head.weight"},
      {{{"base_model.model.lora_A.weight", {2, 6}, values}}, "not a factor"},
      {{{"lora_A.weight", {2, 6}, values}}, "not a factor"},
      {{{"base_model.model.model.layers.0.self_attn.k_proj.lora_A.weight", {2, 6}, values},
        {"base_model.model.model.layers.0.self_attn.k_proj.lora_B.weight", {4, 2}, eight}},
       "target_modules does not name model.layers.0.self_attn.k_proj"},
  };
  for (const auto& row : rows) {
    ASSERT_TRUE(
        write_safetensors(directory + "/adapter_model.safetensors", row.tensors, DType::F32).ok());
    const Result<LoraAdapter> adapter = read_lora_adapter(directory);
    if (row.problem == nullptr) {
      EXPECT_TRUE(adapter.ok()) << adapter.error().message;
      continue;
    }
    ASSERT_FALSE(adapter.ok()) << row.problem;
    EXPECT_NE(adapter.error().message.find(row.problem), std::string::npos)
        << adapter.error().message;
  }
  EXPECT_FALSE(write_lora_adapter(directory, {}).ok());
}

}  // namespace
}  // namespace caco::lm
