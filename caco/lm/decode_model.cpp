// Weights packed for decoding; see decode_model.h.
#include "caco/lm/decode_model.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>

#include "caco/lm/decode_kernels.h"
#include "caco/lm/rope.h"

namespace caco::lm {
namespace {

// Values in the tables of cosines and sines together, which are made at once: 2^20 positions of
// heads of 256.
constexpr int64_t kMaxRotations = int64_t{1} << 28;

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

// A cache and a step of one thread.
class NativeRunner final : public DecodeRunner {
 public:
  NativeRunner(const DecodeModel& model, const DecodeRunnerOptions& options)
      : cache_(model, options.num_slots, options.capacity, options.cache_precision),
        step_(model, cache_, options.max_rows) {}

  Result<void> forward(std::span<const DecodeRow> rows) override {
    step_.forward(rows);
    return {};
  }
  std::span<float> logits(int64_t index) override { return step_.logits(index); }
  Result<void> copy_prefix(int64_t from_slot, int64_t to_slot, int64_t num_positions) override {
    cache_.copy_prefix(from_slot, to_slot, num_positions);
    return {};
  }

 private:
  KeyValueCache cache_;
  DecodeStep step_;
};

}  // namespace

std::unique_ptr<DecodeRunner> DecodeModel::make_runner(const DecodeRunnerOptions& options) const {
  return std::make_unique<NativeRunner>(*this, options);
}

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
  if (config.max_position_embeddings * config.head_dim > kMaxRotations) {
    return Error{ErrorCode::InvalidArgument,
                 "max_position_embeddings is too large for the table of rotations: " +
                     std::to_string(config.max_position_embeddings),
                 ""};
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
    model.layers_.push_back(model.make_layer(checkpoint, prefix));
    model.add_optional_weights(checkpoint, prefix, model.layers_.back());
  }
  model.final_norm_ = padded_vector(weight("model.norm.weight"), model.hidden_padded_);
  model.output_ = pack(config.tie_word_embeddings ? embedding : weight("lm_head.weight"));
  model.make_rotations();
  return model;
}

DecodeModel::Layer DecodeModel::make_layer(const Checkpoint& checkpoint,
                                           const std::string& prefix) const {
  const auto of_layer = [&](const char* name) -> const Weight& {
    return checkpoint.weights.at(prefix + name + ".weight");
  };
  const int64_t first_key = config_.num_attention_heads * head_padded_;
  const int64_t first_value = first_key + config_.num_key_value_heads * head_padded_;
  DenseMatrix joint(first_value + config_.num_key_value_heads * head_padded_, config_.hidden_size);
  place_heads(joint, of_layer("self_attn.q_proj"), 0, config_.head_dim, head_padded_);
  place_heads(joint, of_layer("self_attn.k_proj"), first_key, config_.head_dim, head_padded_);
  place_heads(joint, of_layer("self_attn.v_proj"), first_value, config_.head_dim, head_padded_);
  DenseMatrix gate_up(2 * gate_columns_, config_.hidden_size);
  for (int64_t column = 0; column < config_.intermediate_size; ++column) {
    gate_up.set_column(column, of_layer("mlp.gate_proj"), column);
    gate_up.set_column(gate_columns_ + column, of_layer("mlp.up_proj"), column);
  }
  Layer layer;
  layer.attention_norm = padded_vector(of_layer("input_layernorm"), hidden_padded_);
  layer.query_key_value = pack(joint);
  layer.attention_output = pack_attention_output(
      of_layer("self_attn.o_proj"), config_.num_attention_heads, config_.head_dim, head_padded_);
  layer.mlp_norm = padded_vector(of_layer("post_attention_layernorm"), hidden_padded_);
  layer.gate_up = pack(gate_up);
  layer.down = pack(of_layer("mlp.down_proj"));
  return layer;
}

// Biases and head norms; see ModelFamily.
void DecodeModel::add_optional_weights(const Checkpoint& checkpoint, const std::string& prefix,
                                       Layer& layer) const {
  const auto values = [&](const char* name) -> const std::vector<float>& {
    return checkpoint.weights.at(prefix + name).values;
  };
  if (config_.has_query_key_value_bias()) {
    layer.query_key_value_bias = FloatBuffer(layer.query_key_value.padded_columns);
    float* out = layer.query_key_value_bias.data();
    for (const char* name :
         {"self_attn.q_proj.bias", "self_attn.k_proj.bias", "self_attn.v_proj.bias"}) {
      const std::vector<float>& bias = values(name);
      for (size_t i = 0; i < bias.size(); i += static_cast<size_t>(config_.head_dim)) {
        std::copy_n(bias.begin() + static_cast<int64_t>(i), config_.head_dim, out);
        out += head_padded_;
      }
    }
  }
  if (config_.has_query_key_norm()) {
    layer.query_norm =
        padded_vector(checkpoint.weights.at(prefix + "self_attn.q_norm.weight"), head_padded_);
    layer.key_norm =
        padded_vector(checkpoint.weights.at(prefix + "self_attn.k_norm.weight"), head_padded_);
  }
  if (config_.has_attention_output_bias()) {
    layer.attention_output_bias =
        padded_vector(checkpoint.weights.at(prefix + "self_attn.o_proj.bias"), hidden_padded_);
  }
  if (config_.mlp_bias) {
    layer.gate_up_bias = FloatBuffer(layer.gate_up.padded_columns);
    const std::vector<float>& gate = values("mlp.gate_proj.bias");
    const std::vector<float>& up = values("mlp.up_proj.bias");
    std::copy(gate.begin(), gate.end(), layer.gate_up_bias.data());
    std::copy(up.begin(), up.end(), layer.gate_up_bias.data() + gate_columns_);
    layer.down_bias =
        padded_vector(checkpoint.weights.at(prefix + "mlp.down_proj.bias"), hidden_padded_);
  }
}

void DecodeModel::make_rotations() {
  const int64_t size = config_.max_position_embeddings * (config_.head_dim / 2);
  cosines_ = FloatBuffer(size);
  sines_ = FloatBuffer(size);
  write_rotations(rotary_frequencies(config_.head_dim, config_.rope_theta, config_.rope_scaling),
                  config_.max_position_embeddings, {cosines_.data(), static_cast<size_t>(size)},
                  {sines_.data(), static_cast<size_t>(size)});
}

}  // namespace caco::lm
