// The backward pass of the decoder; see transformer.h.
#include <cstring>

#include "caco/lm/kernels.h"
#include "caco/lm/transformer_state.h"

namespace caco::lm {

// Turns dqkv from the gradient of the normed heads into that of the heads themselves.
void Transformer::State::norm_heads_backward(const float* parameters,
                                             const ParameterLayout::Layer& at,
                                             const LayerActivations& layer, int64_t n,
                                             float* gradients) {
  const Kernels& kernel = kernels();
  const int64_t dim = config.head_dim;
  const int64_t query_size = config.query_size();
  const int64_t normed_size = query_size + config.key_value_size();
  const int64_t row_size = normed_size + config.key_value_size();
  const int64_t num_heads = config.num_attention_heads + config.num_key_value_heads;
  for (int64_t i = 0; i < n; ++i) {
    const float* heads = layer.heads.data() + i * normed_size;
    const float* rstd = layer.head_rstd.data() + i * num_heads;
    float* dout = dqkv.data() + i * row_size;
    dheads.assign(to_size(normed_size), 0.0f);
    kernel.rms_norm_backward(dout, heads, parameters + at.query_norm, rstd, dheads.data(),
                             gradients + at.query_norm, config.num_attention_heads, dim);
    kernel.rms_norm_backward(dout + query_size, heads + query_size, parameters + at.key_norm,
                             rstd + config.num_attention_heads, dheads.data() + query_size,
                             gradients + at.key_norm, config.num_key_value_heads, dim);
    std::memcpy(dout, dheads.data(), to_size(normed_size) * sizeof(float));
  }
}

void Transformer::State::backward_layer(const float* parameters, int64_t index,
                                        const PackedBatch& batch, float* gradients) {
  const Kernels& kernel = kernels();
  const ParameterLayout::Layer& at = layout.layer(index);
  LayerActivations& layer = activations_of(index);
  const int64_t n = batch.num_rows();
  const int64_t hidden = config.hidden_size;
  const int64_t inner = config.intermediate_size;
  const int64_t row_size = config.query_size() + 2 * config.key_value_size();
  add_bias_backward(dhidden.data(), n, hidden, at.down_bias, gradients);
  // Down projection: the gradient of the activation first, then the activation again in its place.
  matmul.multiply(n, inner, hidden, {dhidden.data(), hidden, false},
                  {parameters + at.down, inner, false}, activated.data(), inner, 0);
  kernel.swiglu_backward(layer.gate_up.data(), activated.data(), n, inner);
  matmul.multiply(hidden, inner, n, {dhidden.data(), hidden, true},
                  {activated.data(), inner, false}, gradients + at.down, inner, 1);
  add_bias_backward(layer.gate_up.data(), n, 2 * inner, at.gate_up_bias, gradients);
  linear_backward(n, 2 * inner, hidden, layer.gate_up.data(), layer.middle_normed.data(),
                  parameters + at.gate_up, dnormed.data(), gradients + at.gate_up);
  kernel.rms_norm_backward(dnormed.data(), layer.middle.data(), parameters + at.post_norm,
                           layer.middle_rstd.data(), dhidden.data(), gradients + at.post_norm, n,
                           hidden);
  add_bias_backward(dhidden.data(), n, hidden, at.attention_output_bias, gradients);
  linear_backward(n, hidden, config.query_size(), dhidden.data(), layer.attended.data(),
                  parameters + at.attention_output, dattended.data(),
                  gradients + at.attention_output);
  attention.backward(layer.qkv.data(), batch.starts, layer.attended.data(), layer.log_sums.data(),
                     dattended.data(), dqkv.data());
  rotate_rows(dqkv, batch, -1.0f);
  if (config.has_query_key_norm()) norm_heads_backward(parameters, at, layer, n, gradients);
  add_bias_backward(dqkv.data(), n, row_size, at.query_key_value_bias, gradients);
  linear_backward(n, row_size, hidden, dqkv.data(), layer.normed.data(),
                  parameters + at.query_key_value, dnormed.data(), gradients + at.query_key_value);
  kernel.rms_norm_backward(dnormed.data(), inputs[to_size(index)].data(),
                           parameters + at.input_norm, layer.input_rstd.data(), dhidden.data(),
                           gradients + at.input_norm, n, hidden);
}

void Transformer::State::backward(const float* parameters, const PackedBatch& batch,
                                  float* gradients) {
  const int64_t n = batch.num_rows();
  const int64_t hidden = config.hidden_size;
  dnormed.resize(to_size(n * hidden));
  dattended.resize(to_size(n * config.query_size()));
  dqkv.resize(to_size(n * (config.query_size() + 2 * config.key_value_size())));
  for (int64_t i = config.num_hidden_layers; i-- > 0;) {
    // The forward pass left the activations of the last layer; those before it are computed again
    // from the layer's input, with the same bits. What comes out is known and goes nowhere.
    const bool is_last = i + 1 == config.num_hidden_layers;
    if (layers.size() == 1 && !is_last) forward_layer(parameters, i, batch, final_hidden.data());
    backward_layer(parameters, i, batch, gradients);
  }
  for (int64_t i = 0; i < n; ++i) {
    kernels().add(gradients + layout.embedding() + batch.tokens[to_size(i)] * hidden,
                  dhidden.data() + i * hidden, hidden);
  }
}

}  // namespace caco::lm
