#include "caco/lm/attention.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "caco/lm/kernels.h"

namespace caco::lm {
namespace {

// Queries per block. Larger blocks waste more work above the diagonal, smaller ones make the
// products too small to be fast.
constexpr int64_t kBlock = 64;

int64_t longest_document(std::span<const int64_t> starts) {
  int64_t longest = 0;
  for (size_t i = 1; i < starts.size(); ++i)
    longest = std::max(longest, starts[i] - starts[i - 1]);
  return longest;
}

}  // namespace

void PackedAttention::forward(const float* qkv, std::span<const int64_t> starts, float* out,
                              float* log_sums) {
  const Kernels& kernel = kernels();
  const int64_t row = shape_.row_size();
  const int64_t out_row = shape_.query_size();
  const int64_t dim = shape_.head_dim;
  const int64_t group = shape_.num_heads / shape_.num_key_value_heads;
  const float scale = 1.0f / std::sqrt(static_cast<float>(dim));
  scores_.resize(static_cast<size_t>(kBlock * longest_document(starts)));
  for (size_t document = 1; document < starts.size(); ++document) {
    const int64_t begin = starts[document - 1];
    const int64_t length = starts[document] - begin;
    for (int64_t head = 0; head < shape_.num_heads; ++head) {
      const float* query = qkv + begin * row + head * dim;
      const float* key = qkv + begin * row + out_row + head / group * dim;
      const float* value = key + shape_.key_value_size();
      for (int64_t first = 0; first < length; first += kBlock) {
        const int64_t num_rows = std::min(kBlock, length - first);
        const int64_t width = first + num_rows;
        matmul_.multiply(num_rows, width, dim, {query + first * row, row, false}, {key, row, true},
                         scores_.data(), width, 0);
        for (int64_t i = 0; i < num_rows; ++i) {
          log_sums[(begin + first + i) * shape_.num_heads + head] =
              kernel.softmax_row(scores_.data() + i * width, first + i + 1, width, scale);
        }
        matmul_.multiply(num_rows, dim, width, {scores_.data(), width, false}, {value, row, false},
                         out + (begin + first) * out_row + head * dim, out_row, 0);
      }
    }
  }
}

void PackedAttention::backward(const float* qkv, std::span<const int64_t> starts, const float* out,
                               const float* log_sums, const float* dout, float* dqkv) {
  const Kernels& kernel = kernels();
  const int64_t row = shape_.row_size();
  const int64_t out_row = shape_.query_size();
  const int64_t dim = shape_.head_dim;
  const int64_t group = shape_.num_heads / shape_.num_key_value_heads;
  const float scale = 1.0f / std::sqrt(static_cast<float>(dim));
  const size_t scratch = static_cast<size_t>(kBlock * longest_document(starts));
  scores_.resize(scratch);
  dscores_.resize(scratch);
  for (size_t document = 1; document < starts.size(); ++document) {
    const int64_t begin = starts[document - 1];
    const int64_t length = starts[document] - begin;
    for (int64_t head = 0; head < shape_.num_heads; ++head) {
      const int64_t query_at = begin * row + head * dim;
      const int64_t key_at = begin * row + out_row + head / group * dim;
      const int64_t value_at = key_at + shape_.key_value_size();
      // Blocks go from the end: the last one sees all keys, so it writes the key and value
      // gradients and the others add to them; nothing has to be cleared first.
      for (int64_t first = (length - 1) / kBlock * kBlock; first >= 0; first -= kBlock) {
        const int64_t num_rows = std::min(kBlock, length - first);
        const int64_t width = first + num_rows;
        const bool is_first_writer = width == length && head % group == 0;
        const float beta = is_first_writer ? 0.0f : 1.0f;
        const int64_t out_at = (begin + first) * out_row + head * dim;
        const MatrixView block_query = {qkv + query_at + first * row, row, false};
        const MatrixView block_dout = {dout + out_at, out_row, false};
        matmul_.multiply(num_rows, width, dim, block_query, {qkv + key_at, row, true},
                         scores_.data(), width, 0);
        matmul_.multiply(num_rows, width, dim, block_dout, {qkv + value_at, row, true},
                         dscores_.data(), width, 0);
        for (int64_t i = 0; i < num_rows; ++i) {
          const int64_t token = begin + first + i;
          kernel.softmax_again(scores_.data() + i * width, first + i + 1, width, scale,
                               log_sums[token * shape_.num_heads + head]);
        }
        matmul_.multiply(width, dim, num_rows, {scores_.data(), width, true}, block_dout,
                         dqkv + value_at, row, beta);
        for (int64_t i = 0; i < num_rows; ++i) {
          const float delta =
              kernel.dot(dout + out_at + i * out_row, out + out_at + i * out_row, dim);
          kernel.softmax_backward(scores_.data() + i * width, dscores_.data() + i * width, delta,
                                  scale, width);
        }
        matmul_.multiply(num_rows, dim, width, {dscores_.data(), width, false},
                         {qkv + key_at, row, false}, dqkv + query_at + first * row, row, 0);
        matmul_.multiply(width, dim, num_rows, {dscores_.data(), width, true}, block_query,
                         dqkv + key_at, row, beta);
      }
    }
  }
}

}  // namespace caco::lm
