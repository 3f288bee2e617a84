// The cache of keys and values, and the forward pass of one step; see decode_model.h.
#include <algorithm>
#include <cassert>
#include <cmath>

#include "caco/lm/decode_kernels.h"
#include "caco/lm/decode_model.h"

namespace caco::lm {
namespace {

// Puts a bias, where the layer has one, into every row of an output that the product then adds to.
// Returns whether it did. The order of the sums depends on the layer alone.
bool start_from_bias(const FloatBuffer& bias, int64_t num_rows, FloatBuffer& output,
                     int64_t output_stride) {
  if (bias.size() == 0) return false;
  for (int64_t r = 0; r < num_rows; ++r)
    std::copy_n(bias.data(), bias.size(), output.data() + r * output_stride);
  return true;
}

// Adds a bias, where the layer has one, to every row of the residual stream.
void add_bias(const FloatBuffer& bias, int64_t num_rows, FloatBuffer& output,
              int64_t output_stride) {
  for (int64_t r = 0; r < num_rows; ++r) {
    float* row = output.data() + r * output_stride;
    for (int64_t i = 0; i < bias.size(); ++i)
      row[i] += bias.data()[i];
  }
}

void multiply_rows(const FloatBuffer& input, int64_t input_stride, int64_t num_rows,
                   const PackedMatrix& matrix, FloatBuffer& output, int64_t output_stride,
                   bool adds_to_output) {
  decode_kernels().multiply({.input = input.data(),
                             .input_stride = input_stride,
                             .num_rows = num_rows,
                             .panels = matrix.panels.data(),
                             .num_panels = matrix.num_panels,
                             .depth = matrix.depth,
                             .output = output.data(),
                             .output_stride = output_stride,
                             .adds_to_output = adds_to_output});
}

}  // namespace

KeyValueCache::KeyValueCache(const DecodeModel& model, int64_t num_slots, int64_t capacity,
                             CachePrecision precision)
    : num_slots_(num_slots),
      capacity_(round_up(capacity, kChunkPositions)),
      num_layers_(model.config().num_hidden_layers),
      num_heads_(model.config().num_key_value_heads),
      head_padded_(model.head_padded()),
      precision_(precision),
      memory_(num_slots_ * (capacity_ / kChunkPositions) * chunk_bytes() /
              static_cast<int64_t>(sizeof(float))) {
  memory_.prefer_large_pages();
}

std::byte* KeyValueCache::keys(int64_t slot, int64_t layer, int64_t head) {
  return reinterpret_cast<std::byte*>(memory_.data()) +
         slot * (capacity_ / kChunkPositions) * chunk_bytes() +
         (layer * num_heads_ + head) * 2 * part_bytes();
}

std::byte* KeyValueCache::values(int64_t slot, int64_t layer, int64_t head) {
  return keys(slot, layer, head) + part_bytes();
}

void KeyValueCache::copy_prefix(int64_t from_slot, int64_t to_slot, int64_t num_positions) {
  const int64_t row_bytes = head_padded_ * element_size();
  for (int64_t first = 0; first < num_positions; first += kChunkPositions) {
    const int64_t count = std::min(num_positions - first, kChunkPositions);
    const int64_t offset = first / kChunkPositions * chunk_bytes();
    for (int64_t layer = 0; layer < num_layers_; ++layer) {
      for (int64_t head = 0; head < num_heads_; ++head) {
        std::copy_n(keys(from_slot, layer, head) + offset, round_up(count, kLanes) * row_bytes,
                    keys(to_slot, layer, head) + offset);
        std::copy_n(values(from_slot, layer, head) + offset, count * row_bytes,
                    values(to_slot, layer, head) + offset);
      }
    }
  }
}

DecodeStep::DecodeStep(const DecodeModel& model, KeyValueCache& cache, int64_t max_rows)
    : model_(model),
      cache_(cache),
      max_rows_(max_rows),
      query_columns_(model.layers_[0].query_key_value.padded_columns),
      hidden_(max_rows * model.hidden_padded_),
      normed_(max_rows * model.hidden_padded_),
      query_key_value_(max_rows * query_columns_),
      attended_(max_rows * model.config().num_attention_heads * model.head_padded_),
      gate_up_(max_rows * model.layers_[0].gate_up.padded_columns),
      activated_(max_rows * model.gate_columns_),
      scores_(cache.capacity() + kLanes),
      logits_(max_rows * model.output_.padded_columns) {}

void DecodeStep::forward(std::span<const DecodeRow> rows) {
  const ModelConfig& config = model_.config_;
  const int64_t num_rows = static_cast<int64_t>(rows.size());
  const int64_t stride = model_.hidden_padded_;
  assert(num_rows <= max_rows_);
  for (int64_t r = 0; r < num_rows; ++r) {
    const int64_t token = rows[static_cast<size_t>(r)].token;
    assert(token >= 0 && token < config.vocab_size);
    std::copy_n(model_.embedding_.data() + token * stride, stride, hidden_.data() + r * stride);
  }
  for (int64_t index = 0; index < config.num_hidden_layers; ++index) {
    const DecodeModel::Layer& layer = model_.layers_[static_cast<size_t>(index)];
    attention(layer, index, rows);
    mlp(layer, num_rows);
  }
  int64_t num_wanted = 0;
  for (int64_t r = 0; r < num_rows; ++r) {
    if (!rows[static_cast<size_t>(r)].wants_logits) continue;
    decode_kernels().rms_norm(hidden_.data() + r * stride, model_.final_norm_.data(),
                              normed_.data() + num_wanted * stride, config.hidden_size, stride,
                              static_cast<float>(config.rms_norm_eps));
    ++num_wanted;
  }
  if (num_wanted == 0) return;
  multiply_rows(normed_, stride, num_wanted, model_.output_, logits_, model_.output_.padded_columns,
                /*adds_to_output=*/false);
}

std::span<float> DecodeStep::logits(int64_t index) {
  return {logits_.data() + index * model_.output_.padded_columns,
          static_cast<size_t>(model_.config_.vocab_size)};
}

// Adds the attention block to the residual stream.
void DecodeStep::attention(const DecodeModel::Layer& layer, int64_t layer_index,
                           std::span<const DecodeRow> rows) {
  const ModelConfig& config = model_.config_;
  const int64_t num_rows = static_cast<int64_t>(rows.size());
  const int64_t stride = model_.hidden_padded_;
  const int64_t head = model_.head_padded_;
  const int64_t query_heads = config.num_attention_heads;
  const int64_t group = query_heads / config.num_key_value_heads;
  for (int64_t r = 0; r < num_rows; ++r) {
    decode_kernels().rms_norm(hidden_.data() + r * stride, layer.attention_norm.data(),
                              normed_.data() + r * stride, config.hidden_size, stride,
                              static_cast<float>(config.rms_norm_eps));
  }
  const bool has_bias =
      start_from_bias(layer.query_key_value_bias, num_rows, query_key_value_, query_columns_);
  multiply_rows(normed_, stride, num_rows, layer.query_key_value, query_key_value_, query_columns_,
                has_bias);
  // All rows are written to the cache before any is read: rows of one sequence see each other.
  for (int64_t r = 0; r < num_rows; ++r) {
    const DecodeRow& row = rows[static_cast<size_t>(r)];
    float* joint = query_key_value_.data() + r * query_columns_;
    if (layer.query_norm.size() > 0) norm_heads(layer, joint);
    rotate(joint, query_heads + config.num_key_value_heads, row.position);
    store_key_value(row, layer_index, joint + query_heads * head);
  }
  const float scale = 1.0f / std::sqrt(static_cast<float>(config.head_dim));
  for (int64_t r = 0; r < num_rows; ++r) {
    const DecodeRow& row = rows[static_cast<size_t>(r)];
    for (int64_t h = 0; h < config.num_key_value_heads; ++h) {
      decode_kernels().attend(
          {.queries = query_key_value_.data() + r * query_columns_ + h * group * head,
           .num_queries = group,
           .head_padded = head,
           .keys = cache_.keys(row.slot, layer_index, h),
           .values = cache_.values(row.slot, layer_index, h),
           .chunk_bytes = cache_.chunk_bytes(),
           .precision = cache_.precision(),
           .num_positions = row.position + 1,
           .scale = scale,
           .scores = scores_.data(),
           .outputs = attended_.data() + (r * query_heads + h * group) * head});
    }
  }
  add_bias(layer.attention_output_bias, num_rows, hidden_, stride);
  multiply_rows(attended_, query_heads * head, num_rows, layer.attention_output, hidden_, stride,
                /*adds_to_output=*/true);
}

void DecodeStep::store_key_value(const DecodeRow& row, int64_t layer_index,
                                 const float* key_value) {
  const int64_t head = model_.head_padded_;
  const int64_t num_heads = model_.config_.num_key_value_heads;
  assert(row.position < cache_.capacity());
  const int64_t size = cache_.element_size();
  const int64_t in_chunk = row.position % kChunkPositions;
  const int64_t chunk = row.position / kChunkPositions * cache_.chunk_bytes();
  const int64_t lane = in_chunk / kLanes * kLanes * head + in_chunk % kLanes;
  for (int64_t h = 0; h < num_heads; ++h) {
    decode_kernels().store(
        key_value + h * head, key_value + (num_heads + h) * head, head, cache_.precision(),
        cache_.keys(row.slot, layer_index, h) + chunk + lane * size,
        cache_.values(row.slot, layer_index, h) + chunk + in_chunk * head * size);
  }
}

// Norms each query head and each key head over its own elements.
void DecodeStep::norm_heads(const DecodeModel::Layer& layer, float* heads) const {
  const ModelConfig& config = model_.config_;
  const int64_t num_heads = config.num_attention_heads + config.num_key_value_heads;
  for (int64_t h = 0; h < num_heads; ++h) {
    const FloatBuffer& weight = h < config.num_attention_heads ? layer.query_norm : layer.key_norm;
    float* head = heads + h * model_.head_padded_;
    decode_kernels().rms_norm(head, weight.data(), head, config.head_dim, model_.head_padded_,
                              static_cast<float>(config.rms_norm_eps));
  }
}

// Rotates pairs (i, i + head_dim / 2) of each head by the angles of the position.
void DecodeStep::rotate(float* heads, int64_t num_heads, int64_t position) const {
  const int64_t half = model_.config_.head_dim / 2;
  const float* cosines = model_.cosines_.data() + position * half;
  const float* sines = model_.sines_.data() + position * half;
  for (int64_t h = 0; h < num_heads; ++h) {
    float* low = heads + h * model_.head_padded_;
    float* high = low + half;
    for (int64_t i = 0; i < half; ++i) {
      const float x = low[i];
      const float y = high[i];
      low[i] = x * cosines[i] - y * sines[i];
      high[i] = y * cosines[i] + x * sines[i];
    }
  }
}

// Adds the feed-forward block to the residual stream.
void DecodeStep::mlp(const DecodeModel::Layer& layer, int64_t num_rows) {
  const int64_t stride = model_.hidden_padded_;
  const int64_t gate_columns = model_.gate_columns_;
  const int64_t gate_up_stride = layer.gate_up.padded_columns;
  for (int64_t r = 0; r < num_rows; ++r) {
    decode_kernels().rms_norm(hidden_.data() + r * stride, layer.mlp_norm.data(),
                              normed_.data() + r * stride, model_.config_.hidden_size, stride,
                              static_cast<float>(model_.config_.rms_norm_eps));
  }
  const bool has_bias = start_from_bias(layer.gate_up_bias, num_rows, gate_up_, gate_up_stride);
  multiply_rows(normed_, stride, num_rows, layer.gate_up, gate_up_, gate_up_stride, has_bias);
  for (int64_t r = 0; r < num_rows; ++r) {
    const float* gate = gate_up_.data() + r * gate_up_stride;
    decode_kernels().swiglu(gate, gate + gate_columns, activated_.data() + r * gate_columns,
                            gate_columns);
  }
  add_bias(layer.down_bias, num_rows, hidden_, stride);
  multiply_rows(activated_, gate_columns, num_rows, layer.down, hidden_, stride,
                /*adds_to_output=*/true);
}

}  // namespace caco::lm
