#include "caco/lm/torch/torch_replica.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "caco/lm/kernels.h"
#include "caco/lm/muon.h"

namespace caco::lm {
namespace {

// Gradients that another device's are fetched for at one time: 256 MB.
constexpr int64_t kExchangedValues = int64_t{1} << 26;

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

PackedBatch batch_of(const TrainingSet& data, const std::vector<int64_t>& documents) {
  PackedBatch batch;
  for (const int64_t document : documents)
    data.append_to(document, batch);
  return batch;
}

void download_into(const at::Tensor& values, std::span<float> out) {
  at::from_blob(out.data(), values.sizes(), at::kFloat).copy_(values);
}

}  // namespace

TorchReplica::TorchReplica(at::Device device, const ModelConfig& config,
                           const ParameterLayout& layout, const TrainerOptions& options,
                           const LoraParameters* lora, std::span<const float> base)
    : device_(device), config_(config), layout_(layout), options_(options), lora_(lora) {
  if (lora_ != nullptr) base_values_ = upload_values(base, device_).to(compute_type());
}

at::ScalarType TorchReplica::compute_type() const {
  return options_.precision == Precision::BFloat16 ? at::kBFloat16 : at::kFloat;
}

at::Tensor TorchReplica::of_shard(const at::Tensor& whole) const {
  return whole.narrow(0, shard_.begin, shard_.size());
}

void TorchReplica::make_groups() {
  for (const TrainedPiece& piece : shard_.pieces) {
    Group& group = piece.rule == UpdateRule::Muon           ? muon_
                   : piece.rule == UpdateRule::DecayedAdamW ? matrices_
                                                            : vectors_;
    const int64_t inside = piece.offset - shard_.begin;
    const int64_t size = piece.size();
    group.values.push_back(values_.narrow(0, piece.offset, size).view(piece.shape));
    group.gradients.push_back(gradients_.narrow(0, piece.offset, size).view(piece.shape));
    group.moments1.push_back(moment1_.narrow(0, inside, size).view(piece.shape));
    group.moments2.push_back(moment2_.narrow(0, inside, size).view(piece.shape));
  }
}

void TorchReplica::begin(const TrainingState& state, OptimizerShard shard) {
  shard_ = std::move(shard);
  const auto upload_shard = [&](const std::vector<float>& values) {
    const std::span<const float> all = values;
    return upload_values(all.subspan(to_size(shard_.begin), to_size(shard_.size())), device_);
  };
  values_ = upload_values(state.parameters, device_);
  gradients_ = at::zeros_like(values_);
  moment1_ = upload_shard(state.moment1);
  moment2_ = upload_shard(state.moment2);
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

void TorchReplica::write_moments(TrainingState& state) const {
  const auto write = [&](const at::Tensor& moment, std::vector<float>& out) {
    download_into(moment, std::span(out).subspan(to_size(shard_.begin), to_size(shard_.size())));
  };
  write(moment1_, state.moment1);
  write(moment2_, state.moment2);
}

LossSum TorchReplica::compute_gradients(const TrainingSet& data,
                                        const std::vector<std::vector<int64_t>>& passes) {
  gradients_.zero_();
  LossSum sum;
  for (const std::vector<int64_t>& documents : passes) {
    const PackedBatch batch = batch_of(data, documents);
    sum.loss += model_->forward_backward(batch);
    sum.num_targets += batch.num_targets();
  }
  return sum;
}

double TorchReplica::evaluate(const TrainingSet& data,
                              const std::vector<std::vector<int64_t>>& passes) {
  double loss = 0;
  for (const std::vector<int64_t>& documents : passes)
    loss += model_->forward_loss(batch_of(data, documents));
  return loss;
}

double TorchReplica::reduce_gradients(const TorchReplicas& replicas) {
  const at::NoGradGuard no_gradients;
  for (int64_t first = shard_.begin; first < shard_.end; first += kExchangedValues) {
    const int64_t count = std::min(kExchangedValues, shard_.end - first);
    const at::Tensor sum = gradients_.narrow(0, first, count);
    for (const std::unique_ptr<TorchReplica>& other : replicas) {
      if (other.get() == this) continue;
      sum.add_(other->gradients_.narrow(0, first, count).to(device_));
    }
  }
  std::vector<at::Tensor> norms;
  for (const Group* group : {&matrices_, &vectors_, &muon_}) {
    for (const at::Tensor& gradient : group->gradients)
      norms.push_back(at::linalg_vector_norm(gradient));
  }
  if (norms.empty()) return 0;
  return at::stack(norms).to(at::kDouble).square().sum().item<double>();
}

void TorchReplica::update_muon(double learning_rate) {
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

void TorchReplica::update_shard(const ShardUpdate& update, const TorchReplicas& replicas) {
  const at::NoGradGuard no_gradients;
  of_shard(gradients_).mul_(update.gradient_scale);
  const AdamWStep defaults;
  TorchAdamW adamw;
  adamw.learning_rate = update.learning_rate;
  adamw.beta1 = static_cast<double>(defaults.beta1);
  adamw.beta2 = static_cast<double>(defaults.beta2);
  adamw.epsilon = static_cast<double>(defaults.epsilon);
  adamw.step = update.num_updates + 1;
  torch_adamw(vectors_.values, vectors_.gradients, vectors_.moments1, vectors_.moments2, adamw);
  adamw.weight_decay = options_.weight_decay;
  torch_adamw(matrices_.values, matrices_.gradients, matrices_.moments1, matrices_.moments2, adamw);
  update_muon(update.learning_rate);
  for (const std::unique_ptr<TorchReplica>& other : replicas) {
    if (other.get() != this) of_shard(other->values_).copy_(of_shard(values_));
  }
}

int64_t TorchReplica::num_state_bytes() const {
  return static_cast<int64_t>(moment1_.nbytes() + moment2_.nbytes());
}

}  // namespace caco::lm
