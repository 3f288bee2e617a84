#include "caco/lm/torch/torch_model.h"

#include <torch/csrc/autograd/autograd.h>

#include <cassert>
#include <utility>

#include "caco/lm/rope.h"

namespace caco::lm {

at::Device torch_device(const Device& device) {
  assert(!device.is_native());
  if (device.kind == DeviceKind::TorchCpu) return at::Device(at::kCPU);
  return at::Device(at::kCUDA, static_cast<at::DeviceIndex>(device.index));
}

at::Tensor upload_values(std::span<const float> values, const at::Device& device) {
  at::Tensor out = at::empty({static_cast<int64_t>(values.size())},
                             at::TensorOptions().dtype(at::kFloat).device(device));
  // from_blob takes no pointer to const; nothing is written through it.
  out.copy_(at::from_blob(const_cast<float*>(values.data()), out.sizes(), at::kFloat));
  return out;
}

std::vector<float> download_values(const at::Tensor& values) {
  std::vector<float> out(static_cast<size_t>(values.numel()));
  at::from_blob(out.data(), {values.numel()}, at::kFloat).copy_(values.flatten());
  return out;
}

TorchModel::TorchModel(const ModelConfig& config, const ParameterLayout& layout, at::Tensor weights,
                       at::ScalarType compute)
    : config_(config), layout_(layout), weights_(std::move(weights)), compute_(compute) {
  assert(weights_.numel() == layout.size());
  make_layers();
}

at::Tensor TorchModel::leaf(int64_t offset, at::IntArrayRef shape) {
  int64_t size = 1;
  for (const int64_t dimension : shape)
    size *= dimension;
  const at::Tensor values = weights_.narrow(0, offset, size).view(shape).detach();
  leaves_.push_back({offset, values});
  return values;
}

TorchModel::Linear TorchModel::make_linear(int64_t offset, int64_t rows, int64_t columns,
                                           int64_t bias) {
  Linear linear;
  linear.offset = offset;
  linear.weight = leaf(offset, {rows, columns});
  if (bias >= 0) linear.bias = leaf(bias, {rows});
  return linear;
}

void TorchModel::make_layers() {
  const int64_t hidden = config_.hidden_size;
  const int64_t query = config_.query_size();
  embedding_ = leaf(layout_.embedding(), {config_.vocab_size, hidden});
  for (int64_t i = 0; i < config_.num_hidden_layers; ++i) {
    const ParameterLayout::Layer& at = layout_.layer(i);
    Layer layer;
    layer.input_norm = leaf(at.input_norm, {hidden});
    layer.query_key_value = make_linear(at.query_key_value, query + 2 * config_.key_value_size(),
                                        hidden, at.query_key_value_bias);
    if (at.query_norm >= 0) {
      layer.query_norm = leaf(at.query_norm, {config_.head_dim});
      layer.key_norm = leaf(at.key_norm, {config_.head_dim});
    }
    layer.attention_output =
        make_linear(at.attention_output, hidden, query, at.attention_output_bias);
    layer.post_norm = leaf(at.post_norm, {hidden});
    layer.gate_up = make_linear(at.gate_up, 2 * config_.intermediate_size, hidden, at.gate_up_bias);
    layer.down = make_linear(at.down, hidden, config_.intermediate_size, at.down_bias);
    layers_.push_back(std::move(layer));
  }
  final_norm_ = leaf(layout_.final_norm(), {hidden});
  output_ = config_.tie_word_embeddings ? embedding_
                                        : leaf(layout_.output(), {config_.vocab_size, hidden});
}

std::vector<TorchModel::Linear*> TorchModel::linears_of(Layer& layer) {
  return {&layer.query_key_value, &layer.attention_output, &layer.gate_up, &layer.down};
}

void TorchModel::train_weights(const at::Tensor& gradients) {
  for (Leaf& leaf : leaves_) {
    leaf.values.requires_grad_(true);
    leaf.values.mutable_grad() =
        gradients.narrow(0, leaf.offset, leaf.values.numel()).view(leaf.values.sizes());
  }
}

void TorchModel::train_adapters(const LoraParameters& lora, const at::Tensor& trained,
                                const at::Tensor& gradients) {
  lora_scaling_ = lora.scaling();
  const auto factor = [&](int64_t offset, int64_t rows, int64_t columns) {
    const at::Tensor values =
        trained.narrow(0, offset, rows * columns).view({rows, columns}).detach();
    values.requires_grad_(true);
    values.mutable_grad() = gradients.narrow(0, offset, rows * columns).view({rows, columns});
    return values;
  };
  for (Layer& layer : layers_) {
    for (Linear* linear : linears_of(layer)) {
      for (const LoraParameters::Module& module : lora.modules()) {
        const int64_t inside = module.weight - linear->offset;
        if (inside < 0 || inside >= linear->weight.numel()) continue;
        linear->adapters.push_back({inside / module.columns,
                                    factor(module.a, lora.rank(), module.columns),
                                    factor(module.b, module.rows, lora.rank())});
      }
    }
  }
}

void TorchModel::prepare_rotations(int64_t num_positions) {
  if (cosines_.defined() && cosines_.size(0) >= num_positions) return;
  const int64_t half = config_.head_dim / 2;
  std::vector<float> cosines(static_cast<size_t>(num_positions * half));
  std::vector<float> sines(cosines.size());
  write_rotations(rotary_frequencies(config_.head_dim, config_.rope_theta, config_.rope_scaling),
                  num_positions, cosines, sines);
  const auto table = [&](const std::vector<float>& values) {
    return upload_values(values, device()).view({num_positions, 1, half}).to(compute_);
  };
  cosines_ = table(cosines);
  sines_ = table(sines);
}

at::Tensor TorchModel::linear(const Linear& layer, const at::Tensor& x) const {
  const at::Tensor bias = layer.bias.defined() ? layer.bias.to(compute_) : at::Tensor();
  at::Tensor y = at::linear(x, layer.weight.to(compute_), bias);
  for (const Adapter& adapter : layer.adapters) {
    const at::Tensor inner = at::linear(x, adapter.a.to(compute_));
    const at::Tensor added = at::linear(inner, adapter.b.to(compute_)) * lora_scaling_;
    y.narrow(1, adapter.first_row, added.size(1)).add_(added);
  }
  return y;
}

at::Tensor TorchModel::run_layer(int64_t index, const at::Tensor& x, const at::Tensor& cosines,
                                 const at::Tensor& sines, const Attend& attend) const {
  const Layer& layer = layers_[static_cast<size_t>(index)];
  const int64_t num_rows = x.size(0);
  const int64_t query = config_.query_size();
  const int64_t key = config_.key_value_size();
  const int64_t inner = config_.intermediate_size;
  const at::Tensor qkv =
      linear(layer.query_key_value, torch_rms_norm(x, layer.input_norm, config_.rms_norm_eps));
  const auto heads = [&](int64_t from, int64_t size) {
    return qkv.narrow(1, from, size).view({num_rows, size / config_.head_dim, config_.head_dim});
  };
  at::Tensor q = heads(0, query);
  at::Tensor k = heads(query, key);
  if (layer.query_norm.defined()) {
    q = torch_rms_norm(q, layer.query_norm, config_.rms_norm_eps);
    k = torch_rms_norm(k, layer.key_norm, config_.rms_norm_eps);
  }
  const at::Tensor attended = attend(index, torch_rotate(q, cosines, sines),
                                     torch_rotate(k, cosines, sines), heads(query + key, key));
  const at::Tensor middle = x + linear(layer.attention_output, attended);
  const at::Tensor gate_up =
      linear(layer.gate_up, torch_rms_norm(middle, layer.post_norm, config_.rms_norm_eps));
  const at::Tensor activated =
      at::silu(gate_up.narrow(1, 0, inner)) * gate_up.narrow(1, inner, inner);
  return middle + linear(layer.down, activated);
}

at::Tensor TorchModel::forward_hidden(const at::Tensor& tokens, const at::Tensor& positions,
                                      int64_t num_positions, const Attend& attend) {
  prepare_rotations(num_positions);
  const at::Tensor cosines = cosines_.index_select(0, positions);
  const at::Tensor sines = sines_.index_select(0, positions);
  at::Tensor x = at::embedding(embedding_, tokens).to(compute_);
  const bool recomputes = activations_ == Activations::Recomputed && at::GradMode::is_enabled();
  bodies_.clear();
  bodies_.reserve(layers_.size());
  for (int64_t i = 0; i < config_.num_hidden_layers; ++i) {
    if (!recomputes) {
      x = run_layer(i, x, cosines, sines, attend);
      continue;
    }
    bodies_.push_back([this, i, cosines, sines, attend](const at::Tensor& input) {
      return run_layer(i, input, cosines, sines, attend);
    });
    x = torch_recomputed(bodies_.back(), x);
  }
  return x;
}

at::Tensor TorchModel::packed_hidden(const TorchRows& rows) {
  return forward_hidden(
      rows.tokens, rows.positions, rows.longest,
      [&rows](int64_t, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
        return torch_packed_attention(q, k, v, rows);
      });
}

at::Tensor TorchModel::loss_of(const TorchRows& rows) {
  const at::Tensor hidden = packed_hidden(rows).index_select(0, rows.target_row);
  return torch_chunked_loss(torch_rms_norm(hidden, final_norm_, config_.rms_norm_eps), output_,
                            rows.target_id);
}

double TorchModel::forward_backward(const PackedBatch& batch) {
  if (batch.num_targets() == 0) return 0;
  const TorchRows rows(batch, device());
  const at::Tensor loss = loss_of(rows);
  torch::autograd::backward({loss}, {});
  bodies_.clear();
  return loss.item<double>();
}

double TorchModel::forward_loss(const PackedBatch& batch) {
  if (batch.num_targets() == 0) return 0;
  const at::NoGradGuard no_gradients;
  return loss_of(TorchRows(batch, device())).item<double>();
}

at::Tensor TorchModel::forward_logits(const PackedBatch& batch) {
  const at::NoGradGuard no_gradients;
  return logits_of(packed_hidden(TorchRows(batch, device())));
}

at::Tensor TorchModel::logits_of(const at::Tensor& hidden) const {
  const at::Tensor normed = torch_rms_norm(hidden, final_norm_, config_.rms_norm_eps);
  return at::linear(normed, output_.to(compute_)).to(at::kFloat);
}

}  // namespace caco::lm
