// Weights packed for decoding, and the forward pass of one step; see decode_model.h.
#include "caco/lm/decode_model.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <string>
#include <utility>

#include "caco/lm/decode_kernels.h"

namespace caco::lm {
namespace {

// A dense matrix on its way into panels: `columns` outputs of `depth` inputs each, zero at first.
struct DenseMatrix {
  DenseMatrix(int64_t num_columns, int64_t num_inputs)
      : columns(num_columns),
        depth(num_inputs),
        values(static_cast<size_t>(num_columns * num_inputs)) {}

  // Copies output `from` of a weight [out, in] to column `to`.
  void set_column(int64_t to, const Weight& weight, int64_t from) {
    const int64_t inputs = weight.shape[1];
    std::copy_n(weight.values.begin() + from * inputs, inputs, values.begin() + to * depth);
  }

  int64_t columns = 0;
  int64_t depth = 0;
  std::vector<float> values;
};

PackedMatrix pack(const DenseMatrix& dense) {
  const int64_t width = decode_kernels().panel_columns;
  PackedMatrix packed;
  packed.depth = dense.depth;
  packed.padded_columns = round_up(dense.columns, width);
  packed.num_panels = packed.padded_columns / width;
  packed.panels = FloatBuffer(packed.padded_columns * dense.depth);
  packed.panels.prefer_large_pages();
  for (int64_t column = 0; column < dense.columns; ++column) {
    float* panel = packed.panels.data() + column / width * width * dense.depth + column % width;
    for (int64_t k = 0; k < dense.depth; ++k) {
      panel[k * width] = dense.values[static_cast<size_t>(column * dense.depth + k)];
    }
  }
  return packed;
}

PackedMatrix pack(const Weight& weight) {
  DenseMatrix dense(weight.shape[0], weight.shape[1]);
  for (int64_t column = 0; column < dense.columns; ++column) {
    dense.set_column(column, weight, column);
  }
  return pack(dense);
}

// Puts heads of `head_dim` outputs into columns of `head_padded` each, from column `first` on.
void place_heads(DenseMatrix& dense, const Weight& weight, int64_t first, int64_t head_dim,
                 int64_t head_padded) {
  for (int64_t output = 0; output < weight.shape[0]; ++output) {
    dense.set_column(first + output / head_dim * head_padded + output % head_dim, weight, output);
  }
}

// The output projection reads padded heads: its inputs are spread accordingly.
PackedMatrix pack_attention_output(const Weight& weight, int64_t num_heads, int64_t head_dim,
                                   int64_t head_padded) {
  DenseMatrix dense(weight.shape[0], num_heads * head_padded);
  for (int64_t column = 0; column < dense.columns; ++column) {
    for (int64_t head = 0; head < num_heads; ++head) {
      std::copy_n(weight.values.begin() + column * weight.shape[1] + head * head_dim, head_dim,
                  dense.values.begin() + column * dense.depth + head * head_padded);
    }
  }
  return pack(dense);
}

FloatBuffer padded_vector(const Weight& weight, int64_t padded) {
  FloatBuffer buffer(padded);
  std::copy(weight.values.begin(), weight.values.end(), buffer.data());
  return buffer;
}

void multiply(const FloatBuffer& input, int64_t input_stride, int64_t num_rows,
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

Result<DecodeModel> DecodeModel::create(const Checkpoint& checkpoint) {
  const ModelConfig& config = checkpoint.config;
  TRY(check_model_config(config));
  for (const WeightShape& expected : expected_weights(config)) {
    const auto found = checkpoint.weights.find(expected.name);
    if (found == checkpoint.weights.end() || found->second.shape != expected.shape) {
      return Error{ErrorCode::InvalidArgument,
                   "weight is missing or has another shape: " + expected.name, ""};
    }
  }
  const int64_t width = decode_kernels().panel_columns;
  DecodeModel model;
  model.config_ = config;
  // Rows of the residual stream are written by whole panels.
  model.hidden_padded_ = round_up(round_up(config.hidden_size, width), kLanes);
  model.head_padded_ = round_up(config.head_dim, kLanes);
  model.gate_columns_ = round_up(round_up(config.intermediate_size, width), kLanes);

  const auto weight = [&](const std::string& name) -> const Weight& {
    return checkpoint.weights.at(name);
  };
  const Weight& embedding = weight("model.embed_tokens.weight");
  model.embedding_ = FloatBuffer(config.vocab_size * model.hidden_padded_);
  for (int64_t id = 0; id < config.vocab_size; ++id) {
    std::copy_n(embedding.values.begin() + id * config.hidden_size, config.hidden_size,
                model.embedding_.data() + id * model.hidden_padded_);
  }
  for (int64_t index = 0; index < config.num_hidden_layers; ++index) {
    const std::string prefix = "model.layers." + std::to_string(index) + ".";
    const auto of_layer = [&](const char* name) -> const Weight& {
      return weight(prefix + name + ".weight");
    };
    const int64_t head_padded = model.head_padded_;
    const int64_t first_key = config.num_attention_heads * head_padded;
    const int64_t first_value = first_key + config.num_key_value_heads * head_padded;
    DenseMatrix joint(first_value + config.num_key_value_heads * head_padded, config.hidden_size);
    place_heads(joint, of_layer("self_attn.q_proj"), 0, config.head_dim, head_padded);
    place_heads(joint, of_layer("self_attn.k_proj"), first_key, config.head_dim, head_padded);
    place_heads(joint, of_layer("self_attn.v_proj"), first_value, config.head_dim, head_padded);
    DenseMatrix gate_up(2 * model.gate_columns_, config.hidden_size);
    for (int64_t column = 0; column < config.intermediate_size; ++column) {
      gate_up.set_column(column, of_layer("mlp.gate_proj"), column);
      gate_up.set_column(model.gate_columns_ + column, of_layer("mlp.up_proj"), column);
    }
    Layer layer;
    layer.attention_norm = padded_vector(of_layer("input_layernorm"), model.hidden_padded_);
    layer.query_key_value = pack(joint);
    layer.attention_output = pack_attention_output(
        of_layer("self_attn.o_proj"), config.num_attention_heads, config.head_dim, head_padded);
    layer.mlp_norm = padded_vector(of_layer("post_attention_layernorm"), model.hidden_padded_);
    layer.gate_up = pack(gate_up);
    layer.down = pack(of_layer("mlp.down_proj"));
    model.layers_.push_back(std::move(layer));
  }
  model.final_norm_ = padded_vector(weight("model.norm.weight"), model.hidden_padded_);
  model.output_ = pack(config.tie_word_embeddings ? embedding : weight("lm_head.weight"));
  model.make_rotations();
  return model;
}

// Angles position * theta^(-2i / head_dim), in double as the positions grow (RoFormer, arXiv
// 2104.09864); the reference computes them in float, which differs in the last bits.
void DecodeModel::make_rotations() {
  const int64_t half = config_.head_dim / 2;
  cosines_ = FloatBuffer(config_.max_position_embeddings * half);
  sines_ = FloatBuffer(config_.max_position_embeddings * half);
  for (int64_t i = 0; i < half; ++i) {
    const double frequency = std::pow(
        config_.rope_theta, -2.0 * static_cast<double>(i) / static_cast<double>(config_.head_dim));
    for (int64_t position = 0; position < config_.max_position_embeddings; ++position) {
      const double angle = static_cast<double>(position) * frequency;
      cosines_.data()[position * half + i] = static_cast<float>(std::cos(angle));
      sines_.data()[position * half + i] = static_cast<float>(std::sin(angle));
    }
  }
}

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
  multiply(normed_, stride, num_wanted, model_.output_, logits_, model_.output_.padded_columns,
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
  multiply(normed_, stride, num_rows, layer.query_key_value, query_key_value_, query_columns_,
           /*adds_to_output=*/false);
  // All rows are written to the cache before any is read: rows of one sequence see each other.
  for (int64_t r = 0; r < num_rows; ++r) {
    const DecodeRow& row = rows[static_cast<size_t>(r)];
    float* joint = query_key_value_.data() + r * query_columns_;
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
  multiply(attended_, query_heads * head, num_rows, layer.attention_output, hidden_, stride,
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
  multiply(normed_, stride, num_rows, layer.gate_up, gate_up_, gate_up_stride,
           /*adds_to_output=*/false);
  for (int64_t r = 0; r < num_rows; ++r) {
    const float* gate = gate_up_.data() + r * gate_up_stride;
    decode_kernels().swiglu(gate, gate + gate_columns, activated_.data() + r * gate_columns,
                            gate_columns);
  }
  multiply(activated_, gate_columns, num_rows, layer.down, hidden_, stride,
           /*adds_to_output=*/true);
}

}  // namespace caco::lm
