#include "caco/lm/step_runner.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <thread>
#include <utility>

#include "caco/lm/batch_plan.h"
#include "caco/lm/kernels.h"

namespace caco::lm {
namespace {

constexpr int64_t kChunk = 1 << 16;  // parameters that AdamW updates in one piece

// Runs `work(i)` for i in [0, count) on as many threads, the caller being the first.
template <typename Work>
void run_on_threads(int64_t count, const Work& work) {
  std::vector<std::thread> others;
  for (int64_t i = 1; i < count; ++i) {
    others.emplace_back([&work, i] {
      flush_denormals();
      work(i);
    });
  }
  flush_denormals();
  work(0);
  for (std::thread& thread : others)
    thread.join();
}

}  // namespace

StepRunner::StepRunner(const ModelConfig& config, const TrainerOptions& options)
    : options_(options), layout_(config) {
  make_chunks();
  make_workers(config);
}

StepRunner::StepRunner(const ModelConfig& config, const TrainerOptions& options,
                       LoraParameters lora, std::vector<float> base)
    : options_(options), layout_(config), lora_(std::move(lora)), base_(std::move(base)) {
  assert(static_cast<int64_t>(base_.size()) == layout_.size());
  merged_ = base_;
  lora_gradients_.resize(static_cast<size_t>(lora_->size()));
  make_lora_chunks();
  make_workers(config);
}

void StepRunner::make_workers(const ModelConfig& config) {
  for (int64_t i = 0; i < options_.num_threads; ++i) {
    workers_.push_back(std::make_unique<Worker>(config, layout_, options_));
  }
}

void StepRunner::make_chunks() {
  for (const ParameterLayout::Slot& slot : layout_.slots()) {
    const bool is_matrix = slot.weight.shape.size() > 1;
    // Rows of the embedding and of the output are tokens, not directions of a map: AdamW.
    const bool is_hidden = is_matrix && slot.weight.name.starts_with("model.layers.");
    if (is_hidden && options_.optimizer == Optimizer::Muon) {
      update_chunks_.push_back({slot.offset, slot.size, slot.weight.shape[0], true, true});
      continue;
    }
    for (int64_t at = 0; at < slot.size; at += kChunk) {
      update_chunks_.push_back(
          {slot.offset + at, std::min(kChunk, slot.size - at), 1, is_matrix, false});
    }
  }
  // Large pieces first, so that the threads end together.
  std::stable_sort(update_chunks_.begin(), update_chunks_.end(),
                   [](const Chunk& a, const Chunk& b) { return a.size > b.size; });
  sum_chunks_ = update_chunks_;
}

// Only adapted weights have gradients that matter.
void StepRunner::make_lora_chunks() {
  for (const LoraParameters::Module& module : lora_->modules()) {
    for (int64_t at = 0; at < module.weight_size(); at += kChunk) {
      const int64_t size = std::min(kChunk, module.weight_size() - at);
      sum_chunks_.push_back({module.weight + at, size, 1, false, false});
    }
    const int64_t size = lora_->rank() * (module.rows + module.columns);
    update_chunks_.push_back({module.a, size, 1, true, false});
  }
}

std::span<const float> StepRunner::merged_parameters(const TrainingState& state) {
  if (!lora_.has_value()) return state.parameters;
  const std::vector<LoraParameters::Module>& modules = lora_->modules();
  run_on_threads(options_.num_threads, [&](int64_t thread) {
    const Worker& worker = *workers_[static_cast<size_t>(thread)];
    for (size_t i = static_cast<size_t>(thread); i < modules.size(); i += workers_.size()) {
      lora_->merge_module(modules[i], base_, state.parameters, merged_, worker.exact_matmul);
    }
  });
  return merged_;
}

void StepRunner::compute_gradients(std::span<const float> parameters, const TrainingSet& data,
                                   std::span<const int64_t> documents) {
  const auto packs = divide_step(data, documents, options_.num_threads, options_.pack_tokens);
  run_on_threads(options_.num_threads, [&](int64_t index) {
    Worker& worker = *workers_[static_cast<size_t>(index)];
    std::fill(worker.gradients.begin(), worker.gradients.end(), 0.0f);
    worker.loss = 0;
    worker.num_targets = 0;
    for (const std::vector<int64_t>& pack : packs[static_cast<size_t>(index)]) {
      worker.batch.clear();
      for (const int64_t document : pack)
        data.append_to(document, worker.batch);
      worker.loss += worker.model.forward_backward(parameters, worker.batch, worker.gradients);
      worker.num_targets += worker.batch.num_targets();
    }
  });
}

// Adds the workers' gradients into the first one's and returns the sum of squares.
double StepRunner::sum_gradients() {
  std::vector<double> squares(sum_chunks_.size());
  run_on_threads(options_.num_threads, [&](int64_t thread) {
    for (size_t i = static_cast<size_t>(thread); i < sum_chunks_.size(); i += workers_.size()) {
      float* sum = workers_[0]->gradients.data() + sum_chunks_[i].offset;
      for (size_t worker = 1; worker < workers_.size(); ++worker) {
        kernels().add(sum, workers_[worker]->gradients.data() + sum_chunks_[i].offset,
                      sum_chunks_[i].size);
      }
      squares[i] = static_cast<double>(kernels().dot(sum, sum, sum_chunks_[i].size));
    }
  });
  return std::accumulate(squares.begin(), squares.end(), 0.0);
}

// Turns the summed gradients of the weights into those of the factors; returns the sum of squares.
double StepRunner::project_gradients(const TrainingState& state) {
  const std::vector<LoraParameters::Module>& modules = lora_->modules();
  std::vector<double> squares(modules.size());
  run_on_threads(options_.num_threads, [&](int64_t thread) {
    const Worker& worker = *workers_[static_cast<size_t>(thread)];
    for (size_t i = static_cast<size_t>(thread); i < modules.size(); i += workers_.size()) {
      lora_->project_module(modules[i], workers_[0]->gradients, state.parameters, lora_gradients_,
                            worker.exact_matmul);
      const Chunk& chunk = update_chunks_[i];
      const float* gradient = lora_gradients_.data() + chunk.offset;
      squares[i] = static_cast<double>(kernels().dot(gradient, gradient, chunk.size));
    }
  });
  return std::accumulate(squares.begin(), squares.end(), 0.0);
}

void StepRunner::update_chunk(TrainingState& state, const Chunk& chunk, const AdamWStep& adamw,
                              const MuonStep& muon, Worker& worker) const {
  float* value = state.parameters.data() + chunk.offset;
  const float* gradients =
      lora_.has_value() ? lora_gradients_.data() : workers_[0]->gradients.data();
  const float* gradient = gradients + chunk.offset;
  float* moment1 = state.moment1.data() + chunk.offset;
  if (chunk.is_muon) {
    worker.muon.update(value, gradient, moment1, chunk.rows, chunk.size / chunk.rows, muon);
    return;
  }
  AdamWStep own = adamw;
  if (!chunk.has_weight_decay) own.weight_decay = 0;
  kernels().adamw(value, gradient, moment1, state.moment2.data() + chunk.offset, chunk.size, own);
}

void StepRunner::update(TrainingState& state, double learning_rate, double gradient_scale) {
  AdamWStep adamw;
  adamw.learning_rate = static_cast<float>(learning_rate);
  adamw.gradient_scale = static_cast<float>(gradient_scale);
  adamw.weight_decay = static_cast<float>(options_.weight_decay);
  const double count = static_cast<double>(state.step + 1);
  adamw.bias_correction1 =
      static_cast<float>(1.0 - std::pow(static_cast<double>(adamw.beta1), count));
  adamw.bias_correction2 =
      static_cast<float>(1.0 - std::pow(static_cast<double>(adamw.beta2), count));
  MuonStep muon;
  muon.learning_rate = learning_rate;
  muon.weight_decay = options_.weight_decay;
  muon.gradient_scale = gradient_scale;
  run_on_threads(options_.num_threads, [&](int64_t thread) {
    Worker& worker = *workers_[static_cast<size_t>(thread)];
    for (size_t i = static_cast<size_t>(thread); i < update_chunks_.size(); i += workers_.size()) {
      update_chunk(state, update_chunks_[i], adamw, muon, worker);
    }
  });
}

Result<StepOutcome> StepRunner::run(TrainingState& state, const TrainingSet& data,
                                    std::span<const int64_t> documents, double learning_rate) {
  compute_gradients(merged_parameters(state), data, documents);
  double loss = 0;
  int64_t num_targets = 0;
  for (const std::unique_ptr<Worker>& worker : workers_) {
    loss += worker->loss;
    num_targets += worker->num_targets;
  }
  double squares = sum_gradients();
  if (lora_.has_value()) squares = project_gradients(state);
  const ScaledStep step = scale_step(loss, std::sqrt(squares), num_targets, options_.clip_norm);
  if (!step.outcome.is_skipped) update(state, learning_rate, step.gradient_scale);
  return step.outcome;
}

Result<double> StepRunner::evaluate(const TrainingState& state, const TrainingSet& data) {
  const std::span<const float> parameters = merged_parameters(state);
  std::vector<int64_t> documents(static_cast<size_t>(data.num_documents()));
  std::iota(documents.begin(), documents.end(), 0);
  const auto passes = divide_step(data, documents, options_.num_threads, options_.pack_tokens);
  run_on_threads(options_.num_threads, [&](int64_t thread) {
    Worker& worker = *workers_[static_cast<size_t>(thread)];
    worker.loss = 0;
    for (const std::vector<int64_t>& pass : passes[static_cast<size_t>(thread)]) {
      worker.batch.clear();
      for (const int64_t document : pass)
        data.append_to(document, worker.batch);
      worker.loss += worker.model.forward_loss(parameters, worker.batch);
    }
  });
  double loss = 0;
  for (const std::unique_ptr<Worker>& worker : workers_)
    loss += worker->loss;
  return loss / static_cast<double>(data.num_targets());
}

}  // namespace caco::lm
