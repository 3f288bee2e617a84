// Causal self-attention over packed documents: each document attends to itself alone, so a packed
// batch gives exactly what its documents give one by one. There is no mask in memory: a document's
// queries are taken in blocks, and a block multiplies only the keys up to its end.
//
// The forward pass keeps the logarithm of each softmax's denominator (one value per token and head)
// and the backward pass recomputes the probabilities from it (Dao et al., FlashAttention, 2022,
// section 3.1), so memory grows with the length, not with its square.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "caco/lm/matmul.h"

namespace caco::lm {

struct AttentionShape {
  int64_t num_heads = 0;
  int64_t num_key_value_heads = 0;
  int64_t head_dim = 0;

  int64_t query_size() const { return num_heads * head_dim; }
  int64_t key_value_size() const { return num_key_value_heads * head_dim; }
  int64_t row_size() const { return query_size() + 2 * key_value_size(); }
};

// One thread's attention: holds the scratch for a block of scores. Not thread-safe.
class PackedAttention {
 public:
  PackedAttention(const AttentionShape& shape, const Matmul& matmul)
      : shape_(shape), matmul_(matmul) {}

  // qkv: [N, query | key | value], rotated. starts: first row of each document, then N. Writes
  // out [N, query] and log_sums [N, heads].
  void forward(const float* qkv, std::span<const int64_t> starts, float* out, float* log_sums);

  // dout: [N, query]; out and log_sums of the forward pass. Writes the gradient dqkv, like qkv.
  void backward(const float* qkv, std::span<const int64_t> starts, const float* out,
                const float* log_sums, const float* dout, float* dqkv);

 private:
  AttentionShape shape_;
  const Matmul& matmul_;
  std::vector<float> scores_;
  std::vector<float> dscores_;
};

}  // namespace caco::lm
