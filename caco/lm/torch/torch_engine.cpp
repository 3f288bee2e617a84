#include "caco/lm/torch/torch_engine.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "caco/lm/batch_plan.h"
#include "caco/lm/kernels.h"
#include "caco/lm/muon.h"
#include "caco/lm/torch/torch_guard.h"

namespace caco::lm {
namespace {

// Five Newton-Schulz steps towards the nearest semi-orthogonal matrix; see muon.h.
at::Tensor orthogonalized(const at::Tensor& matrix, at::ScalarType compute) {
  constexpr int kSteps = 5;
  const bool is_tall = matrix.size(0) > matrix.size(1);
  at::Tensor x = is_tall ? matrix.t() : matrix;
  x = (x / (at::linalg_vector_norm(x) + 1e-20)).to(compute);
  for (int i = 0; i < kSteps; ++i) {
    const at::Tensor gram = at::mm(x, x.t());
    const at::Tensor polynomial = gram * -4.7750 + at::mm(gram, gram) * 2.0315;
    x = x * 3.4445 + at::mm(polynomial, x);
  }
  return (is_tall ? x.t() : x).to(at::kFloat);
}

}  // namespace

TorchEngine::TorchEngine(const Device& device, const ModelConfig& config,
                         const TrainerOptions& options, const LoraParameters* lora,
                         std::vector<float> base)
    : config_(config),
      options_(options),
      lora_(lora),
      device_(torch_device(device)),
      layout_(config),
      base_(std::move(base)) {
  at::globalContext().setFlushDenormal(true);
  if (lora_ != nullptr) base_values_ = upload_values(base_, device_).to(compute_type());
}

at::ScalarType TorchEngine::compute_type() const {
  return options_.precision == Precision::BFloat16 ? at::kBFloat16 : at::kFloat;
}

void TorchEngine::add_to(Group& group, int64_t offset, at::IntArrayRef shape) {
  int64_t size = 1;
  for (const int64_t dimension : shape)
    size *= dimension;
  group.values.push_back(values_.narrow(0, offset, size).view(shape));
  group.gradients.push_back(gradients_.narrow(0, offset, size).view(shape));
  group.moments1.push_back(moment1_.narrow(0, offset, size).view(shape));
  group.moments2.push_back(moment2_.narrow(0, offset, size).view(shape));
}

void TorchEngine::make_groups() {
  if (lora_ != nullptr) {
    for (const LoraParameters::Module& module : lora_->modules()) {
      add_to(matrices_, module.a, {lora_->rank() * (module.rows + module.columns)});
    }
    return;
  }
  for (const ParameterLayout::Slot& slot : layout_.slots()) {
    const bool is_matrix = slot.weight.shape.size() > 1;
    const bool is_hidden = is_matrix && slot.weight.name.starts_with("model.layers.");
    const bool is_muon = is_hidden && options_.optimizer == Optimizer::Muon;
    add_to(is_muon ? muon_ : (is_matrix ? matrices_ : vectors_), slot.offset, slot.weight.shape);
  }
}

void TorchEngine::take_values(TrainingState& state) {
  const auto take = [&](std::vector<float>& values) {
    const at::Tensor taken = upload_values(values, device_);
    std::vector<float>().swap(values);  // of no use until write_back, and as large as the model
    return taken;
  };
  values_ = take(state.parameters);
  moment1_ = take(state.moment1);
  moment2_ = take(state.moment2);
  gradients_ = at::zeros_like(values_);
  make_groups();
  const at::Tensor& weights = lora_ == nullptr ? values_ : base_values_;
  model_ = std::make_unique<TorchModel>(config_, layout_, weights, compute_type());
  model_->set_activations(options_.recomputes_activations ? Activations::Recomputed
                                                          : Activations::Kept);
  if (lora_ == nullptr) {
    model_->train_weights(gradients_);
  } else {
    model_->train_adapters(*lora_, values_, gradients_);
  }
}

Result<void> TorchEngine::begin(TrainingState& state) {
  return guarded([&]() -> Result<void> {
    take_values(state);
    return {};
  });
}

Result<void> TorchEngine::write_back(TrainingState& state) {
  return guarded([&]() -> Result<void> {
    state.parameters = download_values(values_);
    state.moment1 = download_values(moment1_);
    state.moment2 = download_values(moment2_);
    return {};
  });
}

Result<std::span<const float>> TorchEngine::model_parameters(const TrainingState& state) {
  if (lora_ == nullptr) return std::span<const float>(state.parameters);
  const Matmul matmul(Precision::Float32);
  merged_ = base_;
  for (const LoraParameters::Module& module : lora_->modules())
    lora_->merge_module(module, base_, state.parameters, merged_, matmul);
  return std::span<const float>(merged_);
}

double TorchEngine::gradient_norm() const {
  std::vector<at::Tensor> norms;
  for (const Group* group : {&matrices_, &vectors_, &muon_}) {
    for (const at::Tensor& gradient : group->gradients)
      norms.push_back(at::linalg_vector_norm(gradient));
  }
  return at::stack(norms).to(at::kDouble).square().sum().sqrt().item<double>();
}

void TorchEngine::update_muon(double learning_rate) {
  const MuonStep muon;
  for (size_t i = 0; i < muon_.values.size(); ++i) {
    const at::Tensor& momentum = muon_.moments1[i];
    momentum.mul_(muon.momentum).add_(muon_.gradients[i]);
    const at::Tensor nesterov = muon_.gradients[i] + momentum * muon.momentum;
    const double width = static_cast<double>(std::max(nesterov.size(0), nesterov.size(1)));
    muon_.values[i]
        .mul_(1.0 - learning_rate * options_.weight_decay)
        .sub_(orthogonalized(nesterov, compute_type()) * (learning_rate * 0.2 * std::sqrt(width)));
  }
}

void TorchEngine::update(int64_t num_updates, double learning_rate) {
  const AdamWStep defaults;
  TorchAdamW adamw;
  adamw.learning_rate = learning_rate;
  adamw.beta1 = static_cast<double>(defaults.beta1);
  adamw.beta2 = static_cast<double>(defaults.beta2);
  adamw.epsilon = static_cast<double>(defaults.epsilon);
  adamw.step = num_updates + 1;
  torch_adamw(vectors_.values, vectors_.gradients, vectors_.moments1, vectors_.moments2, adamw);
  adamw.weight_decay = options_.weight_decay;
  torch_adamw(matrices_.values, matrices_.gradients, matrices_.moments1, matrices_.moments2, adamw);
  update_muon(learning_rate);
}

StepOutcome TorchEngine::step(const TrainingState& state, const TrainingSet& data,
                              std::span<const int64_t> documents, double learning_rate) {
  gradients_.zero_();
  double loss = 0;
  int64_t num_targets = 0;
  const auto passes = divide_step(data, documents, 1, options_.pack_tokens);
  for (const std::vector<int64_t>& pass : passes[0]) {
    PackedBatch batch;
    for (const int64_t document : pass)
      data.append_to(document, batch);
    loss += model_->forward_backward(batch);
    num_targets += batch.num_targets();
  }
  const at::NoGradGuard no_gradients;
  const ScaledStep scaled = scale_step(loss, gradient_norm(), num_targets, options_.clip_norm);
  if (scaled.outcome.is_skipped) return scaled.outcome;
  gradients_.mul_(scaled.gradient_scale);
  update(state.step, learning_rate);
  return scaled.outcome;
}

Result<StepOutcome> TorchEngine::run(TrainingState& state, const TrainingSet& data,
                                     std::span<const int64_t> documents, double learning_rate) {
  return guarded(
      [&]() -> Result<StepOutcome> { return step(state, data, documents, learning_rate); });
}

Result<double> TorchEngine::evaluate(const TrainingState&, const TrainingSet& data) {
  return guarded([&]() -> Result<double> {
    std::vector<int64_t> documents(static_cast<size_t>(data.num_documents()));
    std::iota(documents.begin(), documents.end(), 0);
    const auto passes = divide_step(data, documents, 1, options_.pack_tokens);
    double loss = 0;
    for (const std::vector<int64_t>& pass : passes[0]) {
      PackedBatch batch;
      for (const int64_t document : pass)
        data.append_to(document, batch);
      loss += model_->forward_loss(batch);
    }
    return loss / static_cast<double>(data.num_targets());
  });
}

}  // namespace caco::lm
