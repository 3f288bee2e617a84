// A checkpoint laid out for decoding: weights packed for the kernels, and the forward pass of one
// step for many independent sequences.
//
// A step is a list of rows, one token each, of any sequences in any mixture of prompt and reply.
// Keys and values of a sequence live in its slot of a cache. What a row computes depends on its
// token, its position and its slot's cache alone, bit for bit: not on the other rows of the step.
// Formulas: Llama's decoder as in the Hugging Face layout (RMSNorm, split-half rotary positions,
// grouped-query attention, SwiGLU), with the biases and the norms of queries and keys that Qwen2
// and Qwen3 add; all arithmetic is float.
//
// A DecodeModel is immutable and shared by threads; cache and step state belong to one thread each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/checkpoint.h"
#include "caco/lm/decode_backend.h"
#include "caco/lm/decode_kernels.h"
#include "caco/lm/float_buffer.h"
#include "caco/lm/model_config.h"

namespace caco::lm {

// A linear layer in panels of output columns, in the order in which the kernel reads them.
struct PackedMatrix {
  int64_t depth = 0;           // inputs
  int64_t padded_columns = 0;  // outputs, rounded up to whole panels
  int64_t num_panels = 0;
  FloatBuffer panels;
};

class DecodeModel final : public DecodeBackend {
 public:
  // Packs the weights. InvalidArgument: sizes that the decoder does not support.
  static Result<DecodeModel> create(const Checkpoint& checkpoint);

  const ModelConfig& config() const override { return config_; }
  std::unique_ptr<DecodeRunner> make_runner(const DecodeRunnerOptions& options) const override;
  int64_t padded_vocab_size() const { return output_.padded_columns; }
  int64_t head_padded() const { return head_padded_; }

 private:
  friend class DecodeStep;

  struct Layer {
    FloatBuffer attention_norm;
    PackedMatrix query_key_value;
    PackedMatrix attention_output;
    FloatBuffer mlp_norm;
    PackedMatrix gate_up;
    PackedMatrix down;
    // What not every family has; empty: absent. Laid out as the outputs of their matrices.
    FloatBuffer query_key_value_bias;
    FloatBuffer query_norm;  // [head_padded]
    FloatBuffer key_norm;
    FloatBuffer attention_output_bias;
    FloatBuffer gate_up_bias;
    FloatBuffer down_bias;
  };

  DecodeModel() = default;
  Layer make_layer(const Checkpoint& checkpoint, const std::string& prefix) const;
  void add_optional_weights(const Checkpoint& checkpoint, const std::string& prefix,
                            Layer& layer) const;
  void make_rotations();

  ModelConfig config_;
  int64_t hidden_padded_ = 0;
  int64_t head_padded_ = 0;
  int64_t gate_columns_ = 0;  // where `up` begins in the output of gate_up
  FloatBuffer embedding_;     // [vocab, hidden_padded]
  std::vector<Layer> layers_;
  FloatBuffer final_norm_;
  PackedMatrix output_;
  FloatBuffer cosines_;  // [position, head_dim / 2]
  FloatBuffer sines_;
};

// Keys and values of `num_slots` sequences of up to `capacity` positions. Memory is reserved at
// once and taken, by large pages where there are any, when it is first written.
class KeyValueCache {
 public:
  KeyValueCache(const DecodeModel& model, int64_t num_slots, int64_t capacity,
                CachePrecision precision);

  int64_t capacity() const { return capacity_; }
  int64_t num_slots() const { return num_slots_; }

  // Of the first chunk of kChunkPositions; the next ones follow chunk_bytes() apart. Keys in blocks
  // of kLanes positions [block, head_padded, kLanes]; values [position, head_padded].
  std::byte* keys(int64_t slot, int64_t layer, int64_t head);
  std::byte* values(int64_t slot, int64_t layer, int64_t head);

  int64_t chunk_bytes() const { return num_layers_ * num_heads_ * 2 * part_bytes(); }
  CachePrecision precision() const { return precision_; }
  int64_t element_size() const { return precision_ == CachePrecision::Float16 ? 2 : 4; }

  // Copies the first `num_positions` of one slot to another: a prompt shared by several replies.
  void copy_prefix(int64_t from_slot, int64_t to_slot, int64_t num_positions);

 private:
  // Keys or values of one head in one chunk.
  int64_t part_bytes() const { return kChunkPositions * head_padded_ * element_size(); }

  int64_t num_slots_ = 0;
  int64_t capacity_ = 0;  // a multiple of kChunkPositions
  int64_t num_layers_ = 0;
  int64_t num_heads_ = 0;
  int64_t head_padded_ = 0;
  CachePrecision precision_;
  FloatBuffer memory_;  // [slot, chunk, layer, head, {keys, values}], halves or floats
};

// The forward pass with its buffers. Not thread-safe: one a thread.
class DecodeStep {
 public:
  // Up to `max_rows` rows a step.
  DecodeStep(const DecodeModel& model, KeyValueCache& cache, int64_t max_rows);

  int64_t max_rows() const { return max_rows_; }

  // Computes the rows and writes their keys and values. Rows of one sequence come in the order of
  // their positions, and all earlier positions of the slot are there. REQUIRES: positions below
  // the cache's capacity, tokens within the vocabulary, at most max_rows rows.
  void forward(std::span<const DecodeRow> rows);

  // Returns the logits of the `index`-th row that wanted them; vocab_size values, valid until the
  // next forward, and writable up to padded_vocab_size.
  std::span<float> logits(int64_t index);

 private:
  void attention(const DecodeModel::Layer& layer, int64_t layer_index,
                 std::span<const DecodeRow> rows);
  void store_key_value(const DecodeRow& row, int64_t layer_index, const float* key_value);
  void norm_heads(const DecodeModel::Layer& layer, float* heads) const;
  void rotate(float* heads, int64_t num_heads, int64_t position) const;
  void mlp(const DecodeModel::Layer& layer, int64_t num_rows);

  const DecodeModel& model_;
  KeyValueCache& cache_;
  int64_t max_rows_ = 0;
  int64_t query_columns_ = 0;  // stride of the joint query, key, value rows
  FloatBuffer hidden_;         // [row, hidden_padded]
  FloatBuffer normed_;
  FloatBuffer query_key_value_;
  FloatBuffer attended_;
  FloatBuffer gate_up_;
  FloatBuffer activated_;
  FloatBuffer scores_;
  FloatBuffer logits_;
};

}  // namespace caco::lm
