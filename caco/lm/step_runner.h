// One optimizer step: gradients of the step's documents on all threads, their sum, the update.
//
// Every thread works on documents of its own with buffers of its own. Gradients and squares are
// added up in an order that the sizes alone determine, so that a step's bytes never depend on
// timing. Not thread-safe itself.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "caco/lm/kernels.h"
#include "caco/lm/muon.h"
#include "caco/lm/trainer.h"
#include "caco/lm/training_state.h"
#include "caco/lm/transformer.h"

namespace caco::lm {

struct StepOutcome {
  double loss = 0;           // mean over the targets
  double gradient_norm = 0;  // before clipping
  bool is_skipped = false;   // loss or gradient not finite: nothing was updated
};

class StepRunner {
 public:
  // `options` must outlive the object.
  StepRunner(const ModelConfig& config, const TrainerOptions& options);

  const ParameterLayout& layout() const { return layout_; }

  // Updates parameters and moments of `state`, whose `step` updates were done before. The loss is
  // normalised by the number of targets of the whole step, so it does not matter how documents are
  // divided.
  StepOutcome run(TrainingState& state, const TrainingSet& data, std::span<const int64_t> documents,
                  double learning_rate);

 private:
  struct Worker {
    Worker(const ModelConfig& config, const ParameterLayout& layout, Precision precision)
        : model(config, layout, precision),
          muon(precision),
          gradients(static_cast<size_t>(layout.size())) {}

    Transformer model;
    Muon muon;
    std::vector<float> gradients;
    PackedBatch batch;
    double loss = 0;
    int64_t num_targets = 0;
  };

  // A stretch of the parameters that one thread updates: a whole matrix for Muon.
  struct Chunk {
    int64_t offset = 0;
    int64_t size = 0;
    int64_t rows = 0;
    bool has_weight_decay = false;
    bool is_muon = false;
  };

  static std::vector<Chunk> make_chunks(const ParameterLayout& layout, Optimizer optimizer);
  void compute_gradients(const TrainingState& state, const TrainingSet& data,
                         std::span<const int64_t> documents);
  double sum_gradients();
  void update(TrainingState& state, double learning_rate, double gradient_scale);
  void update_chunk(TrainingState& state, const Chunk& chunk, const AdamWStep& adamw,
                    const MuonStep& muon, Worker& worker) const;

  const TrainerOptions& options_;
  ParameterLayout layout_;
  std::vector<Chunk> chunks_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace caco::lm
