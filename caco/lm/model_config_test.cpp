#include "caco/lm/model_config.h"

#include <gtest/gtest.h>

namespace caco::lm {
namespace {

std::string config_text(const std::string& extra) {
  return R"({"architectures":["LlamaForCausalLM"],"vocab_size":64,"hidden_size":16,
    "intermediate_size":32,"num_hidden_layers":2,"num_attention_heads":4)" +
         extra + "}";
}

TEST(ModelConfig, ReadsOldAndNewNames) {
  const ModelConfig plain = parse_model_config(config_text("")).value();
  EXPECT_EQ(plain.head_dim, 4);
  EXPECT_EQ(plain.num_key_value_heads, 4);
  EXPECT_EQ(plain.rope_theta, 10000.0);
  EXPECT_FALSE(plain.tie_word_embeddings);
  EXPECT_TRUE(plain.eos_token_ids.empty());
  const ModelConfig renamed =
      parse_model_config(config_text(R"(,"rope_parameters":{"rope_type":"default",
        "rope_theta":5e5},"dtype":"bfloat16","eos_token_id":[2,3],"head_dim":8)"))
          .value();
  EXPECT_EQ(renamed.rope_theta, 5e5);
  EXPECT_EQ(renamed.torch_dtype, "bfloat16");
  EXPECT_EQ(renamed.eos_token_ids, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(renamed.head_dim, 8);
}

TEST(ModelConfig, WrittenTextComesBack) {
  ModelConfig config = parse_model_config(config_text("")).value();
  config.num_key_value_heads = 2;
  config.head_dim = 6;
  config.eos_token_ids = {2};
  config.pad_token_id = 0;
  config.tie_word_embeddings = true;
  config.rope_theta = 12345.0;
  config.torch_dtype = "bfloat16";
  const std::string text = model_config_to_json(config);
  const ModelConfig again = parse_model_config(text).value();
  EXPECT_EQ(model_config_to_json(again), text);
  EXPECT_EQ(again.eos_token_ids, config.eos_token_ids);
  // By hand: 64*16 + 2*(16*(2*24+2*12) + 3*16*32 + 2*16) + 16.
  EXPECT_EQ(again.num_parameters(), 6480);
}

TEST(ModelConfig, FamiliesHaveTheirDefaults) {
  const ModelConfig llama = parse_model_config(config_text(R"(,"model_type":"llama")")).value();
  EXPECT_EQ(llama.family, ModelFamily::Llama);
  EXPECT_FALSE(llama.has_query_key_value_bias());
  EXPECT_EQ(llama.max_position_embeddings, 2048);
  const std::string qwen2_text = R"(,"architectures":["Qwen2ForCausalLM"],"model_type":"qwen2",
    "use_sliding_window":false,"sliding_window":4096,"num_key_value_heads":null)";
  const ModelConfig qwen2 = parse_model_config(config_text(qwen2_text)).value();
  EXPECT_EQ(qwen2.family, ModelFamily::Qwen2);
  EXPECT_TRUE(qwen2.has_query_key_value_bias());
  EXPECT_FALSE(qwen2.has_attention_output_bias());
  EXPECT_FALSE(qwen2.has_query_key_norm());
  EXPECT_EQ(qwen2.num_key_value_heads, 4);
  EXPECT_EQ(qwen2.max_position_embeddings, 32768);
  const std::string qwen3_text = R"(,"architectures":["Qwen3ForCausalLM"],"attention_bias":true)";
  const ModelConfig qwen3 = parse_model_config(config_text(qwen3_text)).value();
  EXPECT_EQ(qwen3.head_dim, 128);
  EXPECT_TRUE(qwen3.has_query_key_norm());
  EXPECT_TRUE(qwen3.has_query_key_value_bias());
  EXPECT_TRUE(qwen3.has_attention_output_bias());
  for (const ModelConfig& config : {llama, qwen2, qwen3}) {
    const std::string text = model_config_to_json(config);
    const ModelConfig again = parse_model_config(text).value();
    EXPECT_EQ(again.family, config.family);
    EXPECT_EQ(again.num_parameters(), config.num_parameters());
    EXPECT_EQ(model_config_to_json(again), text);
  }
}

TEST(ModelConfig, ReadsScaledRopesInEverySpelling) {
  const char* rows[] = {
      R"(,"rope_theta":5e5,"rope_scaling":{"type":"yarn","factor":4,
        "original_max_position_embeddings":64})",
      R"(,"rope_theta":5e5,"rope_scaling":{"rope_type":"yarn","factor":4.0,
        "original_max_position_embeddings":64})",
      R"(,"rope_parameters":{"rope_type":"yarn","rope_theta":5e5,"factor":4,
        "original_max_position_embeddings":64})",
      R"(,"rope_theta":5e5,"max_position_embeddings":256,
        "rope_scaling":{"rope_type":"yarn","original_max_position_embeddings":64})"};
  for (const char* row : rows) {
    const Result<ModelConfig> config = parse_model_config(config_text(row));
    ASSERT_TRUE(config.ok()) << row << config.error().message;
    EXPECT_EQ(config.value().rope_scaling.type, RopeType::Yarn);
    EXPECT_EQ(config.value().rope_scaling.factor, 4.0);
    EXPECT_EQ(config.value().rope_scaling.original_max_position_embeddings, 64);
    EXPECT_EQ(config.value().rope_theta, 5e5);
  }
}

TEST(ModelConfig, RefusesWhatItCannotRun) {
  const struct {
    const char* extra;
    const char* problem;
  } rows[] = {
      {R"(,"architectures":["GPT2LMHeadModel"])", "architecture"},
      {R"(,"model_type":"qwen2")", "architecture is not"},
      {R"(,"model_type":"qwen3","architectures":["Qwen3ForCausalLM"],"mlp_bias":true)",
       "mlp_bias is not supported for qwen3"},
      {R"(,"layer_types":["full_attention","sliding_attention"])", "sliding_attention"},
      {R"(,"architectures":["Qwen2ForCausalLM"],"use_sliding_window":true,"sliding_window":8,
        "max_window_layers":1)",
       "use_sliding_window is true"},
      {R"(,"quantization_config":{"bits":4})", "quantization_config"},
      {R"(,"partial_rotary_factor":0.5)", "partial_rotary_factor"},
      {R"(,"hidden_act":"gelu")", "hidden_act is not silu: gelu"},
      {R"(,"rope_scaling":{"type":"dynamic","factor":4.0})", "rope type is not supported: dynamic"},
      {R"(,"rope_scaling":{"rope_type":"longrope"})", "rope type is not supported: longrope"},
      {R"(,"rope_scaling":{"rope_type":"linear"})", "impossible factor"},
      {R"(,"rope_scaling":{"rope_type":"llama3","factor":8,"low_freq_factor":1,
        "high_freq_factor":4})",
       "impossible original_max_position_embeddings"},
      {R"(,"rope_scaling":{"rope_type":"llama3","factor":8,"low_freq_factor":4,
        "high_freq_factor":4,"original_max_position_embeddings":64})",
       "impossible high_freq_factor"},
      {R"(,"rope_scaling":{"rope_type":"yarn","factor":0.5})", "impossible factor"},
      {R"(,"rope_scaling":{"rope_type":"yarn","factor":2,"beta_slow":33})", "impossible beta_fast"},
      {R"(,"rope_theta":1,"rope_scaling":{"rope_type":"yarn","factor":2})", "rope_theta"},
      {R"(,"rope_parameters":{"full_attention":{"rope_type":"default"}})", "differs by layers"},
      {R"(,"num_key_value_heads":3)", "no multiple"},
      {R"(,"head_dim":5)", "head_dim must be even: 5"},
      {R"(,"vocab_size":0)", "vocab_size must be 1 to"},
      {R"(,"vocab_size":"64")", "vocab_size"},
      {R"(,"hidden_size":99999999999)", "hidden_size must be 1 to"},
      {R"(,"rope_theta":0)", "rope_theta"},
      {R"(,"eos_token_id":64)", "eos_token_id is outside of the vocabulary: 64"},
      {R"(,"eos_token_id":"x")", "eos_token_id is neither"},
  };
  for (const auto& row : rows) {
    // A key that occurs twice takes the later value, so the rows may override the base text.
    const Result<ModelConfig> config = parse_model_config(config_text(row.extra));
    ASSERT_FALSE(config.ok()) << row.extra;
    EXPECT_NE(config.error().message.find(row.problem), std::string::npos)
        << row.extra << ": " << config.error().message;
  }
  EXPECT_FALSE(parse_model_config("[]").ok());
  EXPECT_FALSE(parse_model_config("{").ok());
  EXPECT_FALSE(parse_model_config("{}").ok());
}

// Every prefix and many damaged bytes are either read or refused, never a crash.
TEST(ModelConfig, DamagedTextNeverCrashes) {
  const std::string good = config_text(R"(,"rope_scaling":{"rope_type":"yarn","factor":4.0,
    "original_max_position_embeddings":64},"eos_token_id":[1,2],"head_dim":8)");
  ASSERT_TRUE(parse_model_config(good).ok());
  for (size_t length = 0; length < good.size(); ++length) {
    EXPECT_FALSE(parse_model_config(good.substr(0, length)).ok()) << length;
  }
  for (size_t at = 0; at < good.size(); ++at) {
    for (const char byte : {'"', '-', '9', '{', ']', 'e', '\xff', '\0'}) {
      std::string damaged = good;
      damaged[at] = byte;
      const Result<ModelConfig> config = parse_model_config(damaged);
      if (!config.ok()) continue;
      EXPECT_TRUE(check_model_config(config.value()).ok()) << damaged;
    }
  }
}

}  // namespace
}  // namespace caco::lm
