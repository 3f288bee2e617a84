// What a Transformer holds while it works; seen by its own sources alone.
#pragma once

#include <cstdint>
#include <vector>

#include "caco/lm/attention.h"
#include "caco/lm/kernels.h"
#include "caco/lm/matmul.h"
#include "caco/lm/model_config.h"
#include "caco/lm/parameter_layout.h"
#include "caco/lm/transformer.h"

namespace caco::lm {

// Rows of logits that exist at one time: vocab floats each, gradient written in place.
inline constexpr int64_t kLogitRows = 512;

// The activations of one layer, beside its input, that the backward pass needs.
struct LayerActivations {
  std::vector<float> input_rstd;  // [N]
  std::vector<float> normed;      // [N, hidden]
  std::vector<float> qkv;         // [N, query + 2 key_value], rotated
  std::vector<float> heads;       // [N, query + key] before their norms; empty without norms
  std::vector<float> head_rstd;   // [N, query heads + key heads]
  std::vector<float> attended;    // [N, query]
  std::vector<float> log_sums;    // [N, heads]
  std::vector<float> middle;      // [N, hidden], after attention was added
  std::vector<float> middle_rstd;
  std::vector<float> middle_normed;
  std::vector<float> gate_up;  // [N, 2 intermediate]

  void resize(const ModelConfig& config, int64_t n) {
    const int64_t hidden = config.hidden_size;
    input_rstd.resize(to_size(n));
    normed.resize(to_size(n * hidden));
    qkv.resize(to_size(n * (config.query_size() + 2 * config.key_value_size())));
    if (config.has_query_key_norm()) {
      heads.resize(to_size(n * (config.query_size() + config.key_value_size())));
      head_rstd.resize(to_size(n * (config.num_attention_heads + config.num_key_value_heads)));
    }
    attended.resize(to_size(n * config.query_size()));
    log_sums.resize(to_size(n * config.num_attention_heads));
    middle.resize(to_size(n * hidden));
    middle_rstd.resize(to_size(n));
    middle_normed.resize(to_size(n * hidden));
    gate_up.resize(to_size(2 * n * config.intermediate_size));
  }
};

// Scratch for kLogitRows rows of the output matrix.
struct HeadRows {
  std::vector<float> input;
  std::vector<float> normed;
  std::vector<float> rstd;
  std::vector<float> logits;
  std::vector<float> dnormed;
  std::vector<float> dinput;

  void resize(const ModelConfig& config) {
    input.resize(to_size(kLogitRows * config.hidden_size));
    normed.resize(input.size());
    rstd.resize(to_size(kLogitRows));
    logits.resize(to_size(kLogitRows * config.vocab_size));
    dnormed.resize(input.size());
    dinput.resize(input.size());
  }
};

struct Transformer::State {
  State(const ModelConfig& model, const ParameterLayout& parameter_layout, Precision precision,
        Activations kept)
      : config(model),
        layout(parameter_layout),
        matmul(precision),
        attention({model.num_attention_heads, model.num_key_value_heads, model.head_dim}, matmul),
        inputs(to_size(model.num_hidden_layers)),
        layers(kept == Activations::Kept ? inputs.size() : 1) {}

  void forward(const float* parameters, const PackedBatch& batch);
  void forward_layer(const float* parameters, int64_t index, const PackedBatch& batch, float* out);
  double head(const float* parameters, const PackedBatch& batch, float* gradients);
  void backward(const float* parameters, const PackedBatch& batch, float* gradients);
  void backward_layer(const float* parameters, int64_t index, const PackedBatch& batch,
                      float* gradients);
  void rotate_rows(std::vector<float>& qkv, const PackedBatch& batch, float sign);
  void prepare_rotations(int64_t length);
  void norm_heads(const float* parameters, const ParameterLayout::Layer& at,
                  LayerActivations& layer, int64_t n) const;
  void norm_heads_backward(const float* parameters, const ParameterLayout::Layer& at,
                           const LayerActivations& layer, int64_t n, float* gradients);

  LayerActivations& activations_of(int64_t index) {
    return layers[layers.size() == 1 ? 0 : to_size(index)];
  }

  // out[n, rows] = beta * out + x[n, columns] W[rows, columns]^T.
  void linear(int64_t n, int64_t rows, int64_t columns, const float* x, const float* weight,
              float* out, float beta) const {
    matmul.multiply(n, rows, columns, {x, columns, false}, {weight, columns, true}, out, rows,
                    beta);
  }

  // out[n, rows] += bias in every row, where the model has that bias (offset not negative).
  void add_bias(const float* parameters, int64_t offset, int64_t n, int64_t rows,
                float* out) const {
    if (offset < 0) return;
    for (int64_t i = 0; i < n; ++i)
      kernels().add(out + i * rows, parameters + offset, rows);
  }

  // dbias += the sum of dout's rows.
  void add_bias_backward(const float* dout, int64_t n, int64_t rows, int64_t offset,
                         float* gradients) const {
    if (offset < 0) return;
    for (int64_t i = 0; i < n; ++i)
      kernels().add(gradients + offset, dout + i * rows, rows);
  }

  // dx[n, columns] = dout[n, rows] W, dW += dout^T x.
  void linear_backward(int64_t n, int64_t rows, int64_t columns, const float* dout, const float* x,
                       const float* weight, float* dx, float* dweight) const {
    matmul.multiply(n, columns, rows, {dout, rows, false}, {weight, columns, false}, dx, columns,
                    0);
    matmul.multiply(rows, columns, n, {dout, rows, true}, {x, columns, false}, dweight, columns, 1);
  }

  const ModelConfig config;
  const ParameterLayout& layout;
  Matmul matmul;
  PackedAttention attention;
  std::vector<std::vector<float>> inputs;  // of each layer: [N, hidden], the residual stream
  std::vector<LayerActivations> layers;    // of each layer, or of the one that was computed last
  std::vector<float> final_hidden;         // [N, hidden]
  std::vector<float> activated;            // [N, intermediate]
  std::vector<float> dhidden;              // [N, hidden], gradient of the residual stream
  std::vector<float> dnormed;              // [N, hidden]
  std::vector<float> dattended;            // [N, query]
  std::vector<float> dqkv;
  std::vector<float> dheads;  // [query + key], one token's
  HeadRows head_rows;
  std::vector<float> cosines;  // [positions, head_dim / 2]
  std::vector<float> sines;
  int64_t num_positions = 0;
};

}  // namespace caco::lm
