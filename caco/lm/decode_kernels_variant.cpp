// The kernels of decode_kernels.h for one instruction set: the build compiles this file once per
// set and names the table by CACO_DECODE_TABLE. Nothing here may have external linkage but that
// table, and no library templates are used: a function that the linker shares between the
// compilations could otherwise run instructions that the processor lacks.
//
// Vectors are the compiler's own vector types (decode_vectors.inc), so one text serves all sets.
// The order of every sum is written out (no -fassociative-math), which is what makes rows
// independent of their batch: a tile of one row and a tile of eight add the products of a column in
// the same order, k = 0, 1, ...
#include <cstddef>
#include <cstdint>

#include "caco/lm/decode_kernels.h"
#include "caco/lm/decode_vectors.inc"

namespace caco::lm {
namespace {

#if defined(__AVX512F__)
constexpr int64_t kTileRows = 8;  // 8 rows x 2 registers of columns: 16 accumulators of 32
#else
constexpr int64_t kTileRows = 6;
#endif
constexpr int64_t kPanelVectors = 2;
constexpr int64_t kPanelColumns = kPanelVectors * kWidth;
constexpr int64_t kVectorsPerBlock = kLanes / kWidth;

// One tile: kRows rows by kNumPanels panels, all of `depth`.
template <int64_t kRows, int64_t kNumPanels>
inline void multiply_tile(const Product& product, int64_t row, int64_t panel) {
  constexpr int64_t kColumns = kNumPanels * kPanelVectors;
  const int64_t depth = product.depth;
  const float* input = product.input + row * product.input_stride;
  const float* weights = product.panels + panel * depth * kPanelColumns;
  Vec sums[static_cast<size_t>(kRows)][static_cast<size_t>(kColumns)] = {};
  for (int64_t k = 0; k < depth; ++k) {
    Vec column[static_cast<size_t>(kColumns)];
#pragma GCC unroll 8
    for (int64_t c = 0; c < kColumns; ++c) {
      const int64_t in_panel = c % kPanelVectors * kWidth;
      column[c] = load(weights + (c / kPanelVectors * depth + k) * kPanelColumns + in_panel);
    }
#pragma GCC unroll 8
    for (int64_t r = 0; r < kRows; ++r) {
      const float x = input[r * product.input_stride + k];
#pragma GCC unroll 8
      for (int64_t c = 0; c < kColumns; ++c)
        sums[r][c] += x * column[c];
    }
  }
  for (int64_t r = 0; r < kRows; ++r) {
    float* output = product.output + (row + r) * product.output_stride + panel * kPanelColumns;
    for (int64_t c = 0; c < kColumns; ++c) {
      Vec& place = at(output + c * kWidth);
      place = product.adds_to_output ? place + sums[r][c] : sums[r][c];
    }
  }
}

// Few rows read every weight once and are bound by memory and latency: several panels at a time.
template <int64_t kRows, int64_t kNumPanels>
void multiply_few_rows(const Product& product, int64_t row) {
  int64_t panel = 0;
  for (; panel + kNumPanels <= product.num_panels; panel += kNumPanels) {
    multiply_tile<kRows, kNumPanels>(product, row, panel);
  }
  for (; panel < product.num_panels; ++panel)
    multiply_tile<kRows, 1>(product, row, panel);
}

void multiply_rest(const Product& product, int64_t row, int64_t rows, int64_t panel) {
  switch (rows) {
    case 1:
      return multiply_tile<1, 1>(product, row, panel);
    case 2:
      return multiply_tile<2, 1>(product, row, panel);
    case 3:
      return multiply_tile<3, 1>(product, row, panel);
    case 4:
      return multiply_tile<4, 1>(product, row, panel);
    case 5:
      return multiply_tile<5, 1>(product, row, panel);
#if defined(__AVX512F__)
    case 6:
      return multiply_tile<6, 1>(product, row, panel);
    case 7:
      return multiply_tile<7, 1>(product, row, panel);
#endif
    default:
      return;
  }
}

void multiply(const Product& product) {
  if (product.num_rows == 1) return multiply_few_rows<1, 4>(product, 0);
  if (product.num_rows == 2) return multiply_few_rows<2, 2>(product, 0);
  // A panel stays in the first-level cache while all rows pass by.
  for (int64_t panel = 0; panel < product.num_panels; ++panel) {
    int64_t row = 0;
    for (; row + kTileRows <= product.num_rows; row += kTileRows) {
      multiply_tile<kTileRows, 1>(product, row, panel);
    }
    multiply_rest(product, row, product.num_rows - row, panel);
  }
}

// Scores of one block of kLanes positions: four partial sums over the head's elements hide the
// latency of the additions; their order depends on nothing but the head's size.
template <typename Element>
inline void score_block(const float* query, const Element* keys, int64_t head, float scale,
                        float* scores) {
  Vec sums[4][kVectorsPerBlock] = {};
  for (int64_t d = 0; d < head; d += 4) {
#pragma GCC unroll 4
    for (int64_t part = 0; part < 4; ++part) {
      const float q = query[d + part];
#pragma GCC unroll 4
      for (int64_t v = 0; v < kVectorsPerBlock; ++v) {
        sums[part][v] += q * widen(keys + (d + part) * kLanes + v * kWidth);
      }
    }
  }
#pragma GCC unroll 4
  for (int64_t v = 0; v < kVectorsPerBlock; ++v) {
    at(scores + v * kWidth) = ((sums[0][v] + sums[1][v]) + (sums[2][v] + sums[3][v])) * scale;
  }
}

// Turns scores into weights e^(s - max) and returns 1 / their sum. Positions from `count` to the
// end of the block become 0.
float weigh(float* scores, int64_t count) {
  const int64_t padded = round_up(count, kLanes);
  for (int64_t i = count; i < padded; ++i)
    scores[i] = -1e30f;
  Vec largest = load(scores);
  for (int64_t i = kWidth; i < padded; i += kWidth) {
    const Vec& next = load(scores + i);
    largest = next > largest ? next : largest;
  }
  float maximum = largest[0];
  for (int64_t i = 1; i < kWidth; ++i)
    maximum = largest[i] > maximum ? largest[i] : maximum;
  Vec sums = {};
  for (int64_t i = 0; i < padded; i += kWidth) {
    Vec weight = load(scores + i) - maximum;
    exponential(weight);
    at(scores + i) = weight;
    sums += weight;
  }
  return 1.0f / sum_of(sums);
}

// Adds weight * value over the positions of one chunk for kCount registers of the head; four
// partial sums each, by the position's remainder, hide the latency of the additions.
template <int64_t kCount, typename Element>
inline void mix_chunk(const float* weights, const Element* values, int64_t stride, int64_t count,
                      Vec (&sums)[4][static_cast<size_t>(kCount)]) {
  const int64_t whole = count / 4 * 4;
  for (int64_t position = 0; position < whole; position += 4) {
#pragma GCC unroll 4
    for (int64_t part = 0; part < 4; ++part) {
#pragma GCC unroll 4
      for (int64_t c = 0; c < kCount; ++c) {
        sums[part][c] +=
            weights[position + part] * widen(values + (position + part) * stride + c * kWidth);
      }
    }
  }
  for (int64_t position = whole; position < count; ++position) {
    for (int64_t c = 0; c < kCount; ++c) {
      sums[position - whole][c] +=
          weights[position] * widen(values + position * stride + c * kWidth);
    }
  }
}

template <typename Element>
inline const Element* chunk_of(const void* first, const AttentionHead& head, int64_t position) {
  const char* chunk =
      static_cast<const char*>(first) + position / kChunkPositions * head.chunk_bytes;
  return reinterpret_cast<const Element*>(chunk);
}

// output[d] = the mixture of the values for kCount registers of the head from d on.
template <int64_t kCount, typename Element>
inline void mix_values(const AttentionHead& head, float inverse_sum, int64_t d, float* output) {
  Vec sums[4][static_cast<size_t>(kCount)] = {};
  for (int64_t first = 0; first < head.num_positions; first += kChunkPositions) {
    const int64_t rest = head.num_positions - first;
    mix_chunk<kCount, Element>(head.scores + first, chunk_of<Element>(head.values, head, first) + d,
                               head.head_padded, rest < kChunkPositions ? rest : kChunkPositions,
                               sums);
  }
  for (int64_t c = 0; c < kCount; ++c) {
    const Vec sum = (sums[0][c] + sums[1][c]) + (sums[2][c] + sums[3][c]);
    at(output + d + c * kWidth) = sum * inverse_sum;
  }
}

template <typename Element>
void attend_as(const AttentionHead& head) {
  const int64_t size = head.head_padded;
  for (int64_t q = 0; q < head.num_queries; ++q) {
    const float* query = head.queries + q * size;
    for (int64_t position = 0; position < head.num_positions; position += kLanes) {
      const Element* keys = chunk_of<Element>(head.keys, head, position);
      score_block(query, keys + position % kChunkPositions * size, size, head.scale,
                  head.scores + position);
    }
    const float inverse_sum = weigh(head.scores, head.num_positions);
    float* output = head.outputs + q * size;
    int64_t d = 0;
    for (; d + 4 * kWidth <= size; d += 4 * kWidth) {
      mix_values<4, Element>(head, inverse_sum, d, output);
    }
    for (; d + 2 * kWidth <= size; d += 2 * kWidth) {
      mix_values<2, Element>(head, inverse_sum, d, output);
    }
    for (; d < size; d += kWidth)
      mix_values<1, Element>(head, inverse_sum, d, output);
  }
}

void attend(const AttentionHead& head) {
  if (head.precision == CachePrecision::Float16) return attend_as<Half>(head);
  attend_as<float>(head);
}

template <typename Element>
void store_as(const float* key, const float* value, int64_t size, Element* key_lane,
              Element* value_row) {
  for (int64_t d = 0; d < size; d += kWidth) {
    narrow(value + d, value_row + d);
    Element keys[kWidth];
    narrow(key + d, keys);
    for (int64_t i = 0; i < kWidth; ++i)
      key_lane[(d + i) * kLanes] = keys[i];
  }
}

void store(const float* key, const float* value, int64_t head_padded, CachePrecision precision,
           void* key_lane, void* value_row) {
  if (precision == CachePrecision::Float16) {
    return store_as(key, value, head_padded, static_cast<Half*>(key_lane),
                    static_cast<Half*>(value_row));
  }
  store_as(key, value, head_padded, static_cast<float*>(key_lane), static_cast<float*>(value_row));
}

void rms_norm(const float* x, const float* weight, float* out, int64_t size, int64_t padded,
              float eps) {
  Vec squares = {};
  for (int64_t i = 0; i < padded; i += kWidth)
    squares += load(x + i) * load(x + i);
  const float mean = sum_of(squares) / static_cast<float>(size);
  const float inverse = 1.0f / __builtin_sqrtf(mean + eps);
  for (int64_t i = 0; i < padded; i += kWidth) {
    at(out + i) = load(x + i) * inverse * load(weight + i);
  }
}

void swiglu(const float* gate, const float* up, float* out, int64_t padded) {
  for (int64_t i = 0; i < padded; i += kWidth) {
    Vec decay = -load(gate + i);
    exponential(decay);
    at(out + i) = load(gate + i) / (1.0f + decay) * load(up + i);
  }
}

float maximum(const float* x, int64_t size) {
  float largest = x[0];
  int64_t i = 0;
  if (size >= kWidth) {
    Vec best = load(x);
    for (i = kWidth; i + kWidth <= size; i += kWidth) {
      const Vec& next = load(x + i);
      best = next > best ? next : best;
    }
    for (int64_t lane = 0; lane < kWidth; ++lane) {
      largest = best[lane] > largest ? best[lane] : largest;
    }
  }
  for (; i < size; ++i)
    largest = x[i] > largest ? x[i] : largest;
  return largest;
}

void exponentials(const float* x, int64_t size, float shift, float scale, float* out,
                  float* block_sums) {
  const int64_t padded = round_up(size, kLanes);
  for (int64_t block = 0; block < padded; block += kLanes) {
    float sum = 0;
    for (int64_t i = block; i < block + kLanes; i += kWidth) {
      Vec value = (load(x + i) - shift) * scale;
      exponential(value);
      at(out + i) = value;
    }
    for (int64_t i = size < block + kLanes ? size : block + kLanes; i < block + kLanes; ++i) {
      out[i] = 0;
    }
    Vec sums = {};
    for (int64_t i = block; i < block + kLanes; i += kWidth)
      sums += load(out + i);
    sum = sum_of(sums);
    block_sums[block / kLanes] = sum;
  }
}

}  // namespace

extern const DecodeKernels CACO_DECODE_TABLE;
const DecodeKernels CACO_DECODE_TABLE = {CACO_DECODE_NAME, kPanelColumns, multiply,
                                         attend,           store,         rms_norm,
                                         swiglu,           maximum,       exponentials};

}  // namespace caco::lm
