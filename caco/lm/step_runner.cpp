#include "caco/lm/step_runner.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <thread>

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
    : options_(options), layout_(config), chunks_(make_chunks(layout_, options.optimizer)) {
  for (int64_t i = 0; i < options.num_threads; ++i) {
    workers_.push_back(std::make_unique<Worker>(config, layout_, options.precision));
  }
}

std::vector<StepRunner::Chunk> StepRunner::make_chunks(const ParameterLayout& layout,
                                                       Optimizer optimizer) {
  std::vector<Chunk> chunks;
  for (const ParameterLayout::Slot& slot : layout.slots()) {
    const bool is_matrix = slot.weight.shape.size() > 1;
    // Rows of the embedding and of the output are tokens, not directions of a map: AdamW.
    const bool is_hidden = is_matrix && slot.weight.name.starts_with("model.layers.");
    if (is_hidden && optimizer == Optimizer::Muon) {
      chunks.push_back({slot.offset, slot.size, slot.weight.shape[0], true, true});
      continue;
    }
    for (int64_t at = 0; at < slot.size; at += kChunk) {
      chunks.push_back({slot.offset + at, std::min(kChunk, slot.size - at), 1, is_matrix, false});
    }
  }
  // Large pieces first, so that the threads end together.
  std::stable_sort(chunks.begin(), chunks.end(),
                   [](const Chunk& a, const Chunk& b) { return a.size > b.size; });
  return chunks;
}

void StepRunner::compute_gradients(const TrainingState& state, const TrainingSet& data,
                                   std::span<const int64_t> documents) {
  const auto packs = divide_step(data, documents, options_.num_threads, options_.pack_tokens);
  run_on_threads(options_.num_threads, [&](int64_t index) {
    Worker& worker = *workers_[static_cast<size_t>(index)];
    std::fill(worker.gradients.begin(), worker.gradients.end(), 0.0f);
    worker.loss = 0;
    worker.num_targets = 0;
    for (const std::vector<int64_t>& pack : packs[static_cast<size_t>(index)]) {
      worker.batch.clear();
      for (const int64_t document : pack) {
        worker.batch.add_document(data.document(document), data.first_target(document));
      }
      worker.loss +=
          worker.model.forward_backward(state.parameters, worker.batch, worker.gradients);
      worker.num_targets += worker.batch.num_targets();
    }
  });
}

// Adds the workers' gradients into the first one's and returns the sum of squares.
double StepRunner::sum_gradients() {
  std::vector<double> squares(chunks_.size());
  run_on_threads(options_.num_threads, [&](int64_t thread) {
    for (size_t i = static_cast<size_t>(thread); i < chunks_.size(); i += workers_.size()) {
      float* sum = workers_[0]->gradients.data() + chunks_[i].offset;
      for (size_t worker = 1; worker < workers_.size(); ++worker) {
        kernels().add(sum, workers_[worker]->gradients.data() + chunks_[i].offset, chunks_[i].size);
      }
      squares[i] = static_cast<double>(kernels().dot(sum, sum, chunks_[i].size));
    }
  });
  return std::accumulate(squares.begin(), squares.end(), 0.0);
}

void StepRunner::update_chunk(TrainingState& state, const Chunk& chunk, const AdamWStep& adamw,
                              const MuonStep& muon, Worker& worker) const {
  float* value = state.parameters.data() + chunk.offset;
  const float* gradient = workers_[0]->gradients.data() + chunk.offset;
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
    for (size_t i = static_cast<size_t>(thread); i < chunks_.size(); i += workers_.size()) {
      update_chunk(state, chunks_[i], adamw, muon, worker);
    }
  });
}

StepOutcome StepRunner::run(TrainingState& state, const TrainingSet& data,
                            std::span<const int64_t> documents, double learning_rate) {
  compute_gradients(state, data, documents);
  double loss = 0;
  int64_t num_targets = 0;
  for (const std::unique_ptr<Worker>& worker : workers_) {
    loss += worker->loss;
    num_targets += worker->num_targets;
  }
  assert(num_targets > 0);  // every document of a TrainingSet has a target
  StepOutcome outcome;
  outcome.loss = loss / static_cast<double>(num_targets);
  outcome.gradient_norm = std::sqrt(sum_gradients()) / static_cast<double>(num_targets);
  if (!std::isfinite(outcome.loss) || !std::isfinite(outcome.gradient_norm)) {
    outcome.is_skipped = true;
    return outcome;
  }
  double scale = 1.0 / static_cast<double>(num_targets);
  if (options_.clip_norm > 0 && outcome.gradient_norm > options_.clip_norm) {
    scale *= options_.clip_norm / outcome.gradient_norm;
  }
  update(state, learning_rate, scale);
  return outcome;
}

}  // namespace caco::lm
