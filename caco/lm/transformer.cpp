#include "caco/lm/transformer.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

#include "caco/lm/attention.h"
#include "caco/lm/kernels.h"

namespace caco::lm {
namespace {

// Rows of logits that exist at one time: vocab floats each, gradient written in place.
constexpr int64_t kLogitRows = 512;

size_t to_size(int64_t value) {
  return static_cast<size_t>(value);
}

}  // namespace

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

// The activations of one layer that the backward pass needs.
struct LayerActivations {
  std::vector<float> input;       // [N, hidden], the residual stream at entry
  std::vector<float> input_rstd;  // [N]
  std::vector<float> normed;      // [N, hidden]
  std::vector<float> qkv;         // [N, query + 2 key_value], rotated
  std::vector<float> attended;    // [N, query]
  std::vector<float> log_sums;    // [N, heads]
  std::vector<float> middle;      // [N, hidden], after attention was added
  std::vector<float> middle_rstd;
  std::vector<float> middle_normed;
  std::vector<float> gate_up;  // [N, 2 intermediate]

  void resize(const ModelConfig& config, int64_t n) {
    const int64_t hidden = config.hidden_size;
    input.resize(to_size(n * hidden));
    input_rstd.resize(to_size(n));
    normed.resize(to_size(n * hidden));
    qkv.resize(to_size(n * (config.query_size() + 2 * config.key_value_size())));
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
  State(const ModelConfig& model, const ParameterLayout& parameter_layout, Precision precision)
      : config(model),
        layout(parameter_layout),
        matmul(precision),
        attention({model.num_attention_heads, model.num_key_value_heads, model.head_dim}, matmul),
        layers(to_size(model.num_hidden_layers)) {}

  void forward(const float* parameters, const PackedBatch& batch);
  void forward_layer(const float* parameters, int64_t index, const PackedBatch& batch, float* out);
  double head(const float* parameters, const PackedBatch& batch, float* gradients);
  void backward(const float* parameters, const PackedBatch& batch, float* gradients);
  void backward_layer(const float* parameters, int64_t index, const PackedBatch& batch,
                      float* gradients);
  void rotate_rows(std::vector<float>& qkv, const PackedBatch& batch, float sign);
  void prepare_rotations(int64_t length);

  // out[n, rows] = beta * out + x[n, columns] W[rows, columns]^T.
  void linear(int64_t n, int64_t rows, int64_t columns, const float* x, const float* weight,
              float* out, float beta) const {
    matmul.multiply(n, rows, columns, {x, columns, false}, {weight, columns, true}, out, rows,
                    beta);
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
  std::vector<LayerActivations> layers;
  std::vector<float> final_hidden;  // [N, hidden]
  std::vector<float> activated;     // [N, intermediate]
  std::vector<float> dhidden;       // [N, hidden], gradient of the residual stream
  std::vector<float> dnormed;       // [N, hidden]
  std::vector<float> dattended;     // [N, query]
  std::vector<float> dqkv;
  HeadRows head_rows;
  std::vector<float> cosines;  // [positions, head_dim / 2]
  std::vector<float> sines;
  int64_t num_positions = 0;
};

void Transformer::State::prepare_rotations(int64_t length) {
  if (length <= num_positions) return;
  const int64_t half = config.head_dim / 2;
  cosines.resize(to_size(length * half));
  sines.resize(to_size(length * half));
  for (int64_t i = 0; i < half; ++i) {
    const double exponent = -2.0 * static_cast<double>(i) / static_cast<double>(config.head_dim);
    const double frequency = std::pow(config.rope_theta, exponent);
    for (int64_t position = 0; position < length; ++position) {
      const double angle = frequency * static_cast<double>(position);
      cosines[to_size(position * half + i)] = static_cast<float>(std::cos(angle));
      sines[to_size(position * half + i)] = static_cast<float>(std::sin(angle));
    }
  }
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

void Transformer::State::forward_layer(const float* parameters, int64_t index,
                                       const PackedBatch& batch, float* out) {
  const Kernels& kernel = kernels();
  const ParameterLayout::Layer& at = layout.layer(index);
  LayerActivations& layer = layers[to_size(index)];
  const int64_t n = batch.num_rows();
  const int64_t hidden = config.hidden_size;
  const int64_t inner = config.intermediate_size;
  const float eps = static_cast<float>(config.rms_norm_eps);
  kernel.rms_norm(layer.input.data(), parameters + at.input_norm, layer.normed.data(),
                  layer.input_rstd.data(), n, hidden, eps);
  linear(n, config.query_size() + 2 * config.key_value_size(), hidden, layer.normed.data(),
         parameters + at.query_key_value, layer.qkv.data(), 0);
  rotate_rows(layer.qkv, batch, 1.0f);
  attention.forward(layer.qkv.data(), batch.starts, layer.attended.data(), layer.log_sums.data());
  std::memcpy(layer.middle.data(), layer.input.data(), to_size(n * hidden) * sizeof(float));
  linear(n, hidden, config.query_size(), layer.attended.data(), parameters + at.attention_output,
         layer.middle.data(), 1);
  kernel.rms_norm(layer.middle.data(), parameters + at.post_norm, layer.middle_normed.data(),
                  layer.middle_rstd.data(), n, hidden, eps);
  linear(n, 2 * inner, hidden, layer.middle_normed.data(), parameters + at.gate_up,
         layer.gate_up.data(), 0);
  kernel.swiglu(layer.gate_up.data(), activated.data(), n, inner);
  std::memcpy(out, layer.middle.data(), to_size(n * hidden) * sizeof(float));
  linear(n, hidden, inner, activated.data(), parameters + at.down, out, 1);
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
  final_hidden.resize(to_size(n * hidden));
  activated.resize(to_size(n * config.intermediate_size));
  const float* embedding = parameters + layout.embedding();
  for (int64_t i = 0; i < n; ++i) {
    std::memcpy(layers[0].input.data() + i * hidden, embedding + batch.tokens[to_size(i)] * hidden,
                to_size(hidden) * sizeof(float));
  }
  for (size_t i = 0; i < layers.size(); ++i) {
    float* out = i + 1 < layers.size() ? layers[i + 1].input.data() : final_hidden.data();
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

void Transformer::State::backward_layer(const float* parameters, int64_t index,
                                        const PackedBatch& batch, float* gradients) {
  const Kernels& kernel = kernels();
  const ParameterLayout::Layer& at = layout.layer(index);
  LayerActivations& layer = layers[to_size(index)];
  const int64_t n = batch.num_rows();
  const int64_t hidden = config.hidden_size;
  const int64_t inner = config.intermediate_size;
  const int64_t row_size = config.query_size() + 2 * config.key_value_size();
  // Down projection: the gradient of the activation first, then the activation again in its place.
  matmul.multiply(n, inner, hidden, {dhidden.data(), hidden, false},
                  {parameters + at.down, inner, false}, activated.data(), inner, 0);
  kernel.swiglu_backward(layer.gate_up.data(), activated.data(), n, inner);
  matmul.multiply(hidden, inner, n, {dhidden.data(), hidden, true},
                  {activated.data(), inner, false}, gradients + at.down, inner, 1);
  linear_backward(n, 2 * inner, hidden, layer.gate_up.data(), layer.middle_normed.data(),
                  parameters + at.gate_up, dnormed.data(), gradients + at.gate_up);
  kernel.rms_norm_backward(dnormed.data(), layer.middle.data(), parameters + at.post_norm,
                           layer.middle_rstd.data(), dhidden.data(), gradients + at.post_norm, n,
                           hidden);
  linear_backward(n, hidden, config.query_size(), dhidden.data(), layer.attended.data(),
                  parameters + at.attention_output, dattended.data(),
                  gradients + at.attention_output);
  attention.backward(layer.qkv.data(), batch.starts, layer.attended.data(), layer.log_sums.data(),
                     dattended.data(), dqkv.data());
  rotate_rows(dqkv, batch, -1.0f);
  linear_backward(n, row_size, hidden, dqkv.data(), layer.normed.data(),
                  parameters + at.query_key_value, dnormed.data(), gradients + at.query_key_value);
  kernel.rms_norm_backward(dnormed.data(), layer.input.data(), parameters + at.input_norm,
                           layer.input_rstd.data(), dhidden.data(), gradients + at.input_norm, n,
                           hidden);
}

void Transformer::State::backward(const float* parameters, const PackedBatch& batch,
                                  float* gradients) {
  const int64_t n = batch.num_rows();
  const int64_t hidden = config.hidden_size;
  dnormed.resize(to_size(n * hidden));
  dattended.resize(to_size(n * config.query_size()));
  dqkv.resize(to_size(n * (config.query_size() + 2 * config.key_value_size())));
  for (size_t i = layers.size(); i-- > 0;) {
    backward_layer(parameters, static_cast<int64_t>(i), batch, gradients);
  }
  for (int64_t i = 0; i < n; ++i) {
    kernels().add(gradients + layout.embedding() + batch.tokens[to_size(i)] * hidden,
                  dhidden.data() + i * hidden, hidden);
  }
}

Transformer::Transformer(const ModelConfig& config, const ParameterLayout& layout,
                         Precision precision)
    : state_(std::make_unique<State>(config, layout, precision)) {}

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
