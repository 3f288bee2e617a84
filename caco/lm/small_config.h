// The shapes of the small decoders that tests and benchmarks make: a handful of sizes each, the
// rest alike.
#pragma once

#include <cstdint>

#include "caco/lm/model_config.h"

namespace caco::lm {

// Two layers with tied embeddings.
inline ModelConfig small_config(int64_t vocab_size, int64_t hidden_size, int64_t intermediate_size,
                                int64_t num_heads, int64_t num_key_value_heads, int64_t head_dim) {
  ModelConfig config;
  config.vocab_size = vocab_size;
  config.hidden_size = hidden_size;
  config.intermediate_size = intermediate_size;
  config.num_hidden_layers = 2;
  config.num_attention_heads = num_heads;
  config.num_key_value_heads = num_key_value_heads;
  config.head_dim = head_dim;
  config.tie_word_embeddings = true;
  return config;
}

// For decoding: sizes that fit no vector length, so that padding is exercised; grouped-query
// attention.
inline ModelConfig small_config() {
  ModelConfig config = small_config(300, 36, 50, 4, 2, 10);
  config.max_position_embeddings = 128;
  return config;
}

// The same sizes with everything that a family may add.
inline ModelConfig small_config_of(ModelFamily family) {
  ModelConfig config = small_config();
  config.family = family;
  config.attention_bias = family != ModelFamily::Qwen2;
  config.mlp_bias = family == ModelFamily::Llama;
  return config;
}

// For gradients: initial weights so large that each of their paths matters.
inline ModelConfig tiny_config(int64_t vocab_size) {
  ModelConfig config = small_config(vocab_size, 24, 40, 4, 2, 8);
  config.initializer_range = 0.2;
  return config;
}

}  // namespace caco::lm
