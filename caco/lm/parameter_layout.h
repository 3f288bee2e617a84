// Where each weight of a model lies in one flat buffer of parameters, and fresh parameters.
//
// Training works on one buffer: the optimizer, the gradients and the training state treat it as a
// vector, and the transformer finds its matrices by offset. Immutable; safe to share.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "caco/lm/checkpoint.h"
#include "caco/lm/model_config.h"

namespace caco::lm {

// Returns a count or an offset as the standard containers want it. REQUIRES: not negative.
inline size_t to_size(int64_t value) {
  return static_cast<size_t>(value);
}

// All parameters in one buffer, in the order of expected_weights(); so query, key and value
// matrices lie together and multiply as one, and so do gate and up. Their biases lie together too.
class ParameterLayout {
 public:
  explicit ParameterLayout(const ModelConfig& config);

  struct Layer {
    int64_t input_norm = 0;
    int64_t query_key_value = 0;
    int64_t attention_output = 0;
    int64_t post_norm = 0;
    int64_t gate_up = 0;
    int64_t down = 0;
    // Weights that not every family has; -1: absent.
    int64_t query_key_value_bias = -1;
    int64_t query_norm = -1;
    int64_t key_norm = -1;
    int64_t attention_output_bias = -1;
    int64_t gate_up_bias = -1;
    int64_t down_bias = -1;
  };

  struct Slot {
    WeightShape weight;
    int64_t offset = 0;
    int64_t size = 0;
  };

  const std::vector<Slot>& slots() const { return slots_; }
  const Layer& layer(int64_t index) const { return layers_[static_cast<size_t>(index)]; }
  int64_t embedding() const { return 0; }
  int64_t final_norm() const { return final_norm_; }
  int64_t output() const { return output_; }  // the embedding's offset when tied
  int64_t size() const { return size_; }

 private:
  std::vector<Slot> slots_;
  std::vector<Layer> layers_;
  int64_t final_norm_ = 0;
  int64_t output_ = 0;
  int64_t size_ = 0;
};

// Copies between named weights and the flat buffer. REQUIRES: weights as expected_weights().
std::vector<float> flatten_weights(const ParameterLayout& layout, const Weights& weights);
Weights unflatten_weights(const ParameterLayout& layout, std::span<const float> parameters);

// Draws fresh parameters: normal with `config.initializer_range`, the matrices that write to the
// residual stream divided by sqrt(2 * layers), norms 1, biases 0. Depends on `seed` and the shape
// alone.
std::vector<float> initialize_parameters(const ModelConfig& config, uint64_t seed);

}  // namespace caco::lm
