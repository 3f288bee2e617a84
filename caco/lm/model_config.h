// The shape of a decoder-only model as `config.json` of the Hugging Face layout describes it.
// Reads old and new field names (`torch_dtype`/`dtype`, `rope_theta`/`rope_parameters`) and writes
// the old ones, which every reader knows. Plain data: safe to copy and share between threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/rope.h"

namespace caco::lm {

// Families with the same blocks. They differ in biases and in norms of queries and keys:
//   Llama  no biases, or those that attention_bias and mlp_bias ask for
//   Qwen2  biases on query, key and value, always (Qwen2.5 too)
//   Qwen3  RMSNorm over each query and key head before the rotation; attention_bias as Llama
enum class ModelFamily { Llama, Qwen2, Qwen3 };

// Returns the error of a configuration that cannot be used.
Error unusable_config(const std::string& message);

// Returns "llama", and "LlamaForCausalLM".
std::string_view family_name(ModelFamily family);
std::string_view family_architecture(ModelFamily family);

// A Llama-style decoder: RMSNorm, rotary positions (split halves), grouped-query attention, SwiGLU.
// The fields have the names and the defaults of `LlamaConfig`.
struct ModelConfig {
  ModelFamily family = ModelFamily::Llama;
  int64_t vocab_size = 0;  // rows of the embedding; may exceed the tokenizer's size
  int64_t hidden_size = 0;
  int64_t intermediate_size = 0;
  int64_t num_hidden_layers = 0;
  int64_t num_attention_heads = 0;
  int64_t num_key_value_heads = 0;
  int64_t head_dim = 0;
  int64_t max_position_embeddings = 2048;
  double rms_norm_eps = 1e-6;
  double rope_theta = 10000.0;
  RopeScaling rope_scaling;
  bool attention_bias = false;  // as in the file; Qwen2 has its biases without it
  bool mlp_bias = false;
  double initializer_range = 0.02;
  bool tie_word_embeddings = false;
  std::vector<int64_t> eos_token_ids;  // `eos_token_id`: one id, a list, or absent
  int64_t bos_token_id = -1;           // -1: absent
  int64_t pad_token_id = -1;           // -1: absent
  std::string torch_dtype = "float32";

  // Widths of the projections' outputs.
  int64_t query_size() const { return num_attention_heads * head_dim; }
  int64_t key_value_size() const { return num_key_value_heads * head_dim; }

  // Which optional weights a layer has.
  bool has_query_key_value_bias() const { return family == ModelFamily::Qwen2 || attention_bias; }
  bool has_attention_output_bias() const { return family != ModelFamily::Qwen2 && attention_bias; }
  bool has_query_key_norm() const { return family == ModelFamily::Qwen3; }

  // Number of trainable values; the tied output matrix counts once.
  int64_t num_parameters() const;
};

// Parses the text of a config.json. Errors: not JSON, an architecture of no known family, a missing
// or non-positive size, sizes that do not fit each other, and whatever would change the result and
// is not computed here (a rope type, sliding windows in use, quantized weights); the message names
// the field and its value.
Result<ModelConfig> parse_model_config(std::string_view json_text);

// Reads `directory`/config.json. Errors: as parse_model_config, and a file that cannot be read.
Result<ModelConfig> read_model_config(const std::string& directory);

// Returns the text of the config.json of `config`, with a final newline.
std::string model_config_to_json(const ModelConfig& config);

// Returns an error that names the first field whose value is impossible or beyond the limits
// (sizes up to 2^20, 1024 layers), so that products of sizes cannot overflow 64 bits.
Result<void> check_model_config(const ModelConfig& config);

}  // namespace caco::lm
