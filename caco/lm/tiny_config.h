// The shape of the tiny decoder that tests of training take gradients of.
#pragma once

#include <cstdint>

#include "caco/lm/model_config.h"

namespace caco::lm {

inline ModelConfig tiny_config(int64_t vocab_size) {
  ModelConfig config;
  config.vocab_size = vocab_size;
  config.hidden_size = 24;
  config.intermediate_size = 40;
  config.num_hidden_layers = 2;
  config.num_attention_heads = 4;
  config.num_key_value_heads = 2;
  config.head_dim = 8;
  config.tie_word_embeddings = true;
  config.initializer_range = 0.2;
  return config;
}

}  // namespace caco::lm
