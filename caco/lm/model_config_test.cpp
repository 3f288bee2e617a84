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

TEST(ModelConfig, RefusesWhatItCannotRun) {
  const struct {
    const char* extra;
    const char* problem;
  } rows[] = {
      {R"(,"architectures":["GPT2LMHeadModel"])", "architecture"},
      {R"(,"attention_bias":true)", "biases"},
      {R"(,"hidden_act":"gelu")", "hidden_act is not silu: gelu"},
      {R"(,"rope_scaling":{"type":"yarn","factor":4.0})", "rope type is not supported: yarn"},
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

}  // namespace
}  // namespace caco::lm
