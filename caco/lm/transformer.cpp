#include "caco/lm/transformer.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

#include "caco/lm/kernels.h"
#include "caco/lm/rope.h"
#include "caco/lm/transformer_state.h"

namespace caco::lm {
int64_t PackedBatch::num_targets() const {
  return std::count_if(targets.begin(), targets.end(), [](int32_t id) { return id >= 0; });
}

void PackedBatch::clear() {
  tokens.clear();
  targets.clear();
  starts.assign(1, 0);
}

void PackedBatch::add_document(std::span<const int32_t> document, int64_t first_target) {
  if (document.empty()) return;
  const int64_t length = static_cast<int64_t>(document.size());
  tokens.insert(tokens.end(), document.begin(), document.end());
  for (int64_t i = 1; i <= length; ++i) {
    targets.push_back(i < length && i >= first_target ? document[to_size(i)] : -1);
  }
  starts.push_back(num_rows());
}

void Transformer::State::prepare_rotations(int64_t length) {
  if (length <= num_positions) return;
  const int64_t half = config.head_dim / 2;
  cosines.resize(to_size(length * half));
  sines.resize(to_size(length * half));
  write_rotations(rotary_frequencies(config.head_dim, config.rope_theta, config.rope_scaling),
                  length, cosines, sines);
  num_positions = length;
}

void Transformer::State::rotate_rows(std::vector<float>& qkv, const PackedBatch& batch,
                                     float sign) {
  const Kernels& kernel = kernels();
  const int64_t dim = config.head_dim;
  const int64_t row_size = config.query_size() + 2 * config.key_value_size();
  const int64_t num_rotated = config.num_attention_heads + config.num_key_value_heads;
  for (size_t document = 1; document < batch.starts.size(); ++document) {
    const int64_t begin = batch.starts[document - 1];
    for (int64_t row = begin; row < batch.starts[document]; ++row) {
      const int64_t angles = (row - begin) * (dim / 2);
      for (int64_t head = 0; head < num_rotated; ++head) {
        kernel.rotate(qkv.data() + row * row_size + head * dim, cosines.data() + angles,
                      sines.data() + angles, dim, sign);
      }
    }
  }
}

// Keeps the heads as they are and puts their norms into qkv.
void Transformer::State::norm_heads(const float* parameters, const ParameterLayout::Layer& at,
                                    LayerActivations& layer, int64_t n) const {
  const Kernels& kernel = kernels();
  const int64_t dim = config.head_dim;
  const int64_t query_size = config.query_size();
  const int64_t normed_size = query_size + config.key_value_size();
  const int64_t row_size = normed_size + config.key_value_size();
  const int64_t num_heads = config.num_attention_heads + config.num_key_value_heads;
  const float eps = static_cast<float>(config.rms_norm_eps);
  for (int64_t i = 0; i < n; ++i) {
    float* heads = layer.heads.data() + i * normed_size;
    float* rstd = layer.head_rstd.data() + i * num_heads;
    float* out = layer.qkv.data() + i * row_size;
    std::memcpy(heads, out, to_size(normed_size) * sizeof(float));
    kernel.rms_norm(heads, parameters + at.query_norm, out, rstd, config.num_attention_heads, dim,
                    eps);
    kernel.rms_norm(heads + query_size, parameters + at.key_norm, out + query_size,
                    rstd + config.num_attention_heads, config.num_key_value_heads, dim, eps);
  }
}

void Transformer::State::forward_layer(const float* parameters, int64_t index,
                                       const PackedBatch& batch, float* out) {
  const Kernels& kernel = kernels();
  const ParameterLayout::Layer& at = layout.layer(index);
  LayerActivations& layer = activations_of(index);
  const float* input = inputs[to_size(index)].data();
  const int64_t n = batch.num_rows();
  const int64_t hidden = config.hidden_size;
  const int64_t inner = config.intermediate_size;
  const float eps = static_cast<float>(config.rms_norm_eps);
  kernel.rms_norm(input, parameters + at.input_norm, layer.normed.data(), layer.input_rstd.data(),
                  n, hidden, eps);
  const int64_t row_size = config.query_size() + 2 * config.key_value_size();
  linear(n, row_size, hidden, layer.normed.data(), parameters + at.query_key_value,
         layer.qkv.data(), 0);
  add_bias(parameters, at.query_key_value_bias, n, row_size, layer.qkv.data());
  if (config.has_query_key_norm()) norm_heads(parameters, at, layer, n);
  rotate_rows(layer.qkv, batch, 1.0f);
  attention.forward(layer.qkv.data(), batch.starts, layer.attended.data(), layer.log_sums.data());
  std::memcpy(layer.middle.data(), input, to_size(n * hidden) * sizeof(float));
  linear(n, hidden, config.query_size(), layer.attended.data(), parameters + at.attention_output,
         layer.middle.data(), 1);
  add_bias(parameters, at.attention_output_bias, n, hidden, layer.middle.data());
  kernel.rms_norm(layer.middle.data(), parameters + at.post_norm, layer.middle_normed.data(),
                  layer.middle_rstd.data(), n, hidden, eps);
  linear(n, 2 * inner, hidden, layer.middle_normed.data(), parameters + at.gate_up,
         layer.gate_up.data(), 0);
  add_bias(parameters, at.gate_up_bias, n, 2 * inner, layer.gate_up.data());
  kernel.swiglu(layer.gate_up.data(), activated.data(), n, inner);
  std::memcpy(out, layer.middle.data(), to_size(n * hidden) * sizeof(float));
  linear(n, hidden, inner, activated.data(), parameters + at.down, out, 1);
  add_bias(parameters, at.down_bias, n, hidden, out);
}

void Transformer::State::forward(const float* parameters, const PackedBatch& batch) {
  const int64_t n = batch.num_rows();
  const int64_t hidden = config.hidden_size;
  int64_t longest = 0;
  for (size_t i = 1; i < batch.starts.size(); ++i) {
    longest = std::max(longest, batch.starts[i] - batch.starts[i - 1]);
  }
  prepare_rotations(longest);
  for (LayerActivations& layer : layers)
    layer.resize(config, n);
  for (std::vector<float>& input : inputs)
    input.resize(to_size(n * hidden));
  final_hidden.resize(to_size(n * hidden));
  activated.resize(to_size(n * config.intermediate_size));
  const float* embedding = parameters + layout.embedding();
  for (int64_t i = 0; i < n; ++i) {
    std::memcpy(inputs[0].data() + i * hidden, embedding + batch.tokens[to_size(i)] * hidden,
                to_size(hidden) * sizeof(float));
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    float* out = i + 1 < inputs.size() ? inputs[i + 1].data() : final_hidden.data();
    forward_layer(parameters, static_cast<int64_t>(i), batch, out);
  }
}

// The output matrix sees only the rows that have a target. Adds gradients and sets dhidden when
// `gradients` is given.
double Transformer::State::head(const float* parameters, const PackedBatch& batch,
                                float* gradients) {
  const Kernels& kernel = kernels();
  const int64_t hidden = config.hidden_size;
  const int64_t vocab = config.vocab_size;
  std::vector<int64_t> rows;
  for (int64_t i = 0; i < batch.num_rows(); ++i) {
    if (batch.targets[to_size(i)] >= 0) rows.push_back(i);
  }
  head_rows.resize(config);
  float* input = head_rows.input.data();
  float* normed = head_rows.normed.data();
  float* logits = head_rows.logits.data();
  if (gradients != nullptr) dhidden.assign(to_size(batch.num_rows() * hidden), 0.0f);
  double loss = 0;
  for (size_t first = 0; first < rows.size(); first += to_size(kLogitRows)) {
    const int64_t count = std::min(kLogitRows, static_cast<int64_t>(rows.size() - first));
    for (int64_t i = 0; i < count; ++i) {
      std::memcpy(input + i * hidden, final_hidden.data() + rows[first + to_size(i)] * hidden,
                  to_size(hidden) * sizeof(float));
    }
    kernel.rms_norm(input, parameters + layout.final_norm(), normed, head_rows.rstd.data(), count,
                    hidden, static_cast<float>(config.rms_norm_eps));
    linear(count, vocab, hidden, normed, parameters + layout.output(), logits, 0);
    for (int64_t i = 0; i < count; ++i) {
      loss += static_cast<double>(kernel.cross_entropy(
          logits + i * vocab, vocab, batch.targets[to_size(rows[first + to_size(i)])]));
    }
    if (gradients == nullptr) continue;
    float* dinput = head_rows.dinput.data();
    linear_backward(count, vocab, hidden, logits, normed, parameters + layout.output(),
                    head_rows.dnormed.data(), gradients + layout.output());
    std::memset(dinput, 0, to_size(count * hidden) * sizeof(float));
    kernel.rms_norm_backward(head_rows.dnormed.data(), input, parameters + layout.final_norm(),
                             head_rows.rstd.data(), dinput, gradients + layout.final_norm(), count,
                             hidden);
    for (int64_t i = 0; i < count; ++i) {
      std::memcpy(dhidden.data() + rows[first + to_size(i)] * hidden, dinput + i * hidden,
                  to_size(hidden) * sizeof(float));
    }
  }
  return loss;
}

Transformer::Transformer(const ModelConfig& config, const ParameterLayout& layout,
                         Precision precision, Activations activations)
    : state_(std::make_unique<State>(config, layout, precision, activations)) {}

Transformer::~Transformer() = default;

double Transformer::forward_backward(std::span<const float> parameters, const PackedBatch& batch,
                                     std::span<float> gradients) {
  assert(static_cast<int64_t>(parameters.size()) == state_->layout.size());
  assert(gradients.size() == parameters.size());
  if (batch.num_rows() == 0) return 0;
  state_->forward(parameters.data(), batch);
  const double loss = state_->head(parameters.data(), batch, gradients.data());
  state_->backward(parameters.data(), batch, gradients.data());
  return loss;
}

double Transformer::forward_loss(std::span<const float> parameters, const PackedBatch& batch) {
  if (batch.num_rows() == 0) return 0;
  state_->forward(parameters.data(), batch);
  return state_->head(parameters.data(), batch, nullptr);
}

std::vector<float> Transformer::forward_logits(std::span<const float> parameters,
                                               const PackedBatch& batch) {
  const int64_t n = batch.num_rows();
  const int64_t hidden = state_->config.hidden_size;
  const int64_t vocab = state_->config.vocab_size;
  std::vector<float> logits(to_size(n * vocab));
  if (n == 0) return logits;
  state_->forward(parameters.data(), batch);
  std::vector<float> normed(to_size(n * hidden));
  std::vector<float> rstd(to_size(n));
  kernels().rms_norm(state_->final_hidden.data(), parameters.data() + state_->layout.final_norm(),
                     normed.data(), rstd.data(), n, hidden,
                     static_cast<float>(state_->config.rms_norm_eps));
  state_->linear(n, vocab, hidden, normed.data(), parameters.data() + state_->layout.output(),
                 logits.data(), 0);
  return logits;
}

}  // namespace caco::lm
