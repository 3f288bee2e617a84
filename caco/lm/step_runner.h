// One optimizer step: gradients of the step's documents on all threads, their sum, the update.
//
// Every thread works on documents of its own with buffers of its own. Gradients and squares are
// added up in an order that the sizes alone determine, so that a step's bytes never depend on
// timing. Not thread-safe itself.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "caco/lm/kernels.h"
#include "caco/lm/lora_training.h"
#include "caco/lm/muon.h"
#include "caco/lm/trainer.h"
#include "caco/lm/training_engine.h"
#include "caco/lm/training_state.h"
#include "caco/lm/transformer.h"

namespace caco::lm {

class StepRunner final : public TrainingEngine {
 public:
  // Trains all weights: the state's parameters are the model's. `options` must outlive the object.
  StepRunner(const ModelConfig& config, const TrainerOptions& options);

  // Trains the factors of `lora` on top of `base`: the state's parameters are the factors.
  StepRunner(const ModelConfig& config, const TrainerOptions& options, LoraParameters lora,
             std::vector<float> base);

  // Its workers refer to it.
  StepRunner(const StepRunner&) = delete;
  StepRunner& operator=(const StepRunner&) = delete;

  const ParameterLayout& layout() const override { return layout_; }

  // It works on the state's own vectors.
  Result<void> begin(TrainingState&) override { return {}; }
  Result<void> write_back(TrainingState&) override { return {}; }
  Result<std::span<const float>> model_parameters(const TrainingState& state) override {
    return merged_parameters(state);
  }
  Result<StepOutcome> run(TrainingState& state, const TrainingSet& data,
                          std::span<const int64_t> documents, double learning_rate) override;
  Result<double> evaluate(const TrainingState& state, const TrainingSet& data) override;

 private:
  struct Worker {
    Worker(const ModelConfig& config, const ParameterLayout& layout, const TrainerOptions& options)
        : model(config, layout, options.precision,
                options.recomputes_activations ? Activations::Recomputed : Activations::Kept),
          muon(options.precision),
          exact_matmul(Precision::Float32),
          gradients(static_cast<size_t>(layout.size())) {}

    Transformer model;
    Muon muon;
    Matmul exact_matmul;
    std::vector<float> gradients;
    PackedBatch batch;
    double loss = 0;
    int64_t num_targets = 0;
  };

  // A stretch of values that one thread sums or updates: a whole matrix for Muon.
  struct Chunk {
    int64_t offset = 0;
    int64_t size = 0;
    int64_t rows = 0;
    bool has_weight_decay = false;
    bool is_muon = false;
  };

  std::span<const float> merged_parameters(const TrainingState& state);
  void make_workers(const ModelConfig& config);
  void make_chunks();
  void make_lora_chunks();
  void compute_gradients(std::span<const float> parameters, const TrainingSet& data,
                         std::span<const int64_t> documents);
  double sum_gradients();
  double project_gradients(const TrainingState& state);
  void update(TrainingState& state, double learning_rate, double gradient_scale);
  void update_chunk(TrainingState& state, const Chunk& chunk, const AdamWStep& adamw,
                    const MuonStep& muon, Worker& worker) const;

  const TrainerOptions& options_;
  ParameterLayout layout_;
  std::vector<Chunk> sum_chunks_;     // of the model's weights
  std::vector<Chunk> update_chunks_;  // of the trained values
  std::vector<std::unique_ptr<Worker>> workers_;
  // Of a low-rank training: the factors' places and gradients, the frozen weights, and these with
  // the factors merged in.
  std::optional<LoraParameters> lora_;
  std::vector<float> lora_gradients_;
  std::vector<float> base_;
  std::vector<float> merged_;
};

}  // namespace caco::lm
