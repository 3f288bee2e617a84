// The inner loops of decoding, as one table of functions per instruction set.
//
// decode_kernels_variant.cpp is compiled once per set; decode_kernels() picks the best table that
// this processor runs. What every kernel keeps: the result for one row depends on that row alone,
// bit for bit, whatever other rows are computed beside it. A sum is always taken in the same order,
// so a request gets the same tokens alone and in a full batch.
//
// Lengths named `padded` are multiples of kLanes; the elements beyond the true length are zero.
// Thread-safety: the functions are pure apart from their output arguments.
#pragma once

#include <cstdint>

namespace caco::lm {

// The unit to which vectors are padded, and the number of positions in one block of keys.
inline constexpr int64_t kLanes = 16;

// Positions whose keys and values lie together; a multiple of kLanes. The next chunk of the same
// head follows after those of all layers and heads, so that what a sequence uses is one stretch of
// memory, which large pages can hold: page walks cost more than the arithmetic otherwise.
inline constexpr int64_t kChunkPositions = 128;

constexpr int64_t round_up(int64_t value, int64_t unit) {
  return (value + unit - 1) / unit * unit;
}

// out[r, c] (+)= sum over k of input[r, k] * weight[c, k]. The weights lie in panels of
// `panel_columns` outputs: panel p holds, for k = 0..depth-1, the weights of its columns.
struct Product {
  const float* input = nullptr;
  int64_t input_stride = 0;
  int64_t num_rows = 0;
  const float* panels = nullptr;
  int64_t num_panels = 0;
  int64_t depth = 0;
  float* output = nullptr;
  int64_t output_stride = 0;  // at least num_panels * panel_columns
  bool adds_to_output = false;
};

// How keys and values are kept. Half the bytes are half the traffic, which is what bounds decoding
// with many sequences; the rounding, 2^-11, is below that of weights kept as bfloat16.
enum class CachePrecision { Float32, Float16 };

// Attention of the query heads that share one key/value head, for one row.
struct AttentionHead {
  const float* queries = nullptr;  // [num_queries, head_padded], rotated
  int64_t num_queries = 0;
  int64_t head_padded = 0;
  // Of the first chunk. Keys in blocks of kLanes positions: [block, head_padded, kLanes]. Values:
  // [position, head_padded]. Further chunks follow `chunk_bytes` apart.
  const void* keys = nullptr;
  const void* values = nullptr;
  int64_t chunk_bytes = 0;
  CachePrecision precision = CachePrecision::Float32;
  int64_t num_positions = 0;  // positions 0 .. num_positions-1 are seen; at least 1
  float scale = 0;
  float* scores = nullptr;   // scratch: num_positions, rounded up to kLanes
  float* outputs = nullptr;  // [num_queries, head_padded]
};

struct DecodeKernels {
  const char* name;
  int64_t panel_columns;

  void (*multiply)(const Product& product);
  void (*attend)(const AttentionHead& head);

  // Writes the key and the value of one position: the key to its lane of a block (elements kLanes
  // apart), the value in a row. Half precision rounds to the nearest, ties to even.
  void (*store)(const float* key, const float* value, int64_t head_padded, CachePrecision precision,
                void* key_lane, void* value_row);

  // out = x / sqrt(mean(x^2) + eps) * weight; the mean is over `size` elements.
  void (*rms_norm)(const float* x, const float* weight, float* out, int64_t size, int64_t padded,
                   float eps);

  // out[i] = silu(gate[i]) * up[i].
  void (*swiglu)(const float* gate, const float* up, float* out, int64_t padded);

  // Returns the largest element of the first `size`; size >= 1.
  float (*maximum)(const float* x, int64_t size);

  // out[i] = exp((x[i] - shift) * scale), and block_sums[b] = the sum of out over block b of kLanes
  // elements; elements from `size` on count as zero.
  void (*exponentials)(const float* x, int64_t size, float shift, float scale, float* out,
                       float* block_sums);
};

// Returns the best table of this processor; the choice is made once.
const DecodeKernels& decode_kernels();

// The tables that this processor can run, best first; for tests and benchmarks.
struct DecodeKernelTables {
  const DecodeKernels* tables[3];
  int64_t count;
};
DecodeKernelTables runnable_decode_kernels();

}  // namespace caco::lm
