#include "caco/lm/torch/torch_engine.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/DeviceGuard.h>

#include <cassert>
#include <cmath>
#include <exception>
#include <memory>
#include <numeric>
#include <thread>
#include <utility>

#include "caco/lm/batch_plan.h"
#include "caco/lm/torch/torch_guard.h"

namespace caco::lm {

TorchEngine::TorchEngine(const std::vector<Device>& devices, const ModelConfig& config,
                         const TrainerOptions& options, const LoraParameters* lora,
                         std::vector<float> base)
    : options_(options), lora_(lora), layout_(config), base_(std::move(base)) {
  assert(!devices.empty());
  for (const Device& device : devices) {
    replicas_.push_back(std::make_unique<TorchReplica>(torch_device(device), config, layout_,
                                                       options_, lora_, base_));
  }
}

// Calls work(i, replica i) for all of them at once, each on a thread of its own, the caller's being
// the first, and waits for all, also when a thread cannot be had. Throws what the first of them by
// number threw.
void TorchEngine::on_each_device(const std::function<void(size_t, TorchReplica&)>& work) {
  std::vector<std::exception_ptr> problems(replicas_.size());
  const auto run_one = [&](size_t index) {
    try {
      // These are settings of a thread.
      at::globalContext().setFlushDenormal(true);
      at::init_num_threads();
      const c10::OptionalDeviceGuard current(replicas_[index]->device());
      work(index, *replicas_[index]);
    } catch (...) {  // nothing may leave a thread; thrown again below
      problems[index] = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;  // joined at the end of the block
    for (size_t i = 1; i < replicas_.size(); ++i)
      others.emplace_back(run_one, i);
    run_one(0);
  }
  for (const std::exception_ptr& problem : problems) {
    if (problem) std::rethrow_exception(problem);
  }
}

Result<void> TorchEngine::begin(TrainingState& state) {
  return guarded([&]() -> Result<void> {
    const int64_t size = static_cast<int64_t>(state.parameters.size());
    std::vector<OptimizerShard> shards =
        plan_shards(trained_pieces(layout_, options_.optimizer, lora_), size,
                    static_cast<int64_t>(replicas_.size()));
    for (size_t i = 0; i < replicas_.size(); ++i)
      replicas_[i]->begin(state, std::move(shards[i]));
    // Of no use until write_back, and as large as the model.
    std::vector<float>().swap(state.parameters);
    std::vector<float>().swap(state.moment1);
    std::vector<float>().swap(state.moment2);
    return {};
  });
}

Result<void> TorchEngine::write_back(TrainingState& state) {
  return guarded([&]() -> Result<void> {
    state.parameters = replicas_[0]->parameters();
    state.moment1.resize(state.parameters.size());
    state.moment2.resize(state.parameters.size());
    for (const std::unique_ptr<TorchReplica>& replica : replicas_)
      replica->write_moments(state);
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

StepOutcome TorchEngine::step(const TrainingState& state, const TrainingSet& data,
                              std::span<const int64_t> documents, double learning_rate) {
  const auto passes =
      divide_step(data, documents, static_cast<int64_t>(replicas_.size()), options_.pack_tokens);
  std::vector<LossSum> losses(replicas_.size());
  on_each_device([&](size_t index, TorchReplica& replica) {
    losses[index] = replica.compute_gradients(data, passes[index]);
  });
  std::vector<double> squares(replicas_.size());
  on_each_device([&](size_t index, TorchReplica& replica) {
    squares[index] = replica.reduce_gradients(replicas_);
  });
  LossSum sum;
  for (const LossSum& part : losses) {
    sum.loss += part.loss;
    sum.num_targets += part.num_targets;
  }
  const double norm = std::sqrt(std::accumulate(squares.begin(), squares.end(), 0.0));
  const ScaledStep scaled = scale_step(sum.loss, norm, sum.num_targets, options_.clip_norm);
  if (scaled.outcome.is_skipped) return scaled.outcome;
  const ShardUpdate update{state.step, learning_rate, scaled.gradient_scale};
  on_each_device([&](size_t, TorchReplica& replica) { replica.update_shard(update, replicas_); });
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
    const auto passes =
        divide_step(data, documents, static_cast<int64_t>(replicas_.size()), options_.pack_tokens);
    std::vector<double> losses(replicas_.size());
    on_each_device([&](size_t index, TorchReplica& replica) {
      losses[index] = replica.evaluate(data, passes[index]);
    });
    return std::accumulate(losses.begin(), losses.end(), 0.0) /
           static_cast<double>(data.num_targets());
  });
}

std::vector<int64_t> TorchEngine::num_state_bytes() const {
  std::vector<int64_t> bytes;
  for (const std::unique_ptr<TorchReplica>& replica : replicas_)
    bytes.push_back(replica->num_state_bytes());
  return bytes;
}

}  // namespace caco::lm
