// What computes the steps of a training: the one interface between the loop (trainer.h), which
// knows data, schedule, checkpoints and metrics, and what holds the weights. StepRunner computes on
// this processor; torch/ has an engine for LibTorch's devices. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/lora_training.h"
#include "caco/lm/parameter_layout.h"
#include "caco/lm/training_data.h"
#include "caco/lm/training_state.h"

namespace caco::lm {

struct StepOutcome {
  double loss = 0;           // mean over the targets
  double gradient_norm = 0;  // before clipping
  bool is_skipped = false;   // loss or gradient not finite: nothing was updated
};

// What a step makes of the sums over its targets.
struct ScaledStep {
  StepOutcome outcome;
  double gradient_scale = 0;  // turns the summed gradient into the update's
};

// Returns the outcome of a step whose losses add up to `loss` and whose summed gradient has the
// norm `norm`, and the factor that takes the mean and, where the mean's norm is over `clip_norm`
// (0: never), shortens it to that. A loss or norm that is not finite is skipped. REQUIRES:
// num_targets > 0. Pure, thread-safe.
ScaledStep scale_step(double loss, double norm, int64_t num_targets, double clip_norm);

class TrainingEngine {
 public:
  virtual ~TrainingEngine() = default;

  virtual const ParameterLayout& layout() const = 0;

  // Takes over parameters and moments of `state`, once, before the first step. From here on the
  // vectors of `state` may be out of date, or empty, until write_back. ResourceExhausted: the
  // device has not enough memory.
  virtual Result<void> begin(TrainingState& state) = 0;

  // Brings parameters and moments of `state` up to date.
  virtual Result<void> write_back(TrainingState& state) = 0;

  // Returns the weights that the model computes with, in ParameterLayout order: the trained ones,
  // or the base's with the adapter merged in. Valid until the next call. REQUIRES: `state` is up to
  // date.
  virtual Result<std::span<const float>> model_parameters(const TrainingState& state) = 0;

  // Makes update number `state.step` + 1 from the documents. The loss is normalised by the number
  // of targets of the whole step, so it does not matter how documents are divided.
  // ResourceExhausted: the device has not enough memory.
  virtual Result<StepOutcome> run(TrainingState& state, const TrainingSet& data,
                                  std::span<const int64_t> documents, double learning_rate) = 0;

  // Returns the mean loss over all targets of `data`, in nats. Errors: as run.
  virtual Result<double> evaluate(const TrainingState& state, const TrainingSet& data) = 0;
};

struct TrainerOptions;

// Makes the engine of a run. `lora` is null when all weights are trained; else `base` holds the
// frozen ones and the state's parameters are the adapter's factors. Configuration and options
// outlive the engine.
using TrainingEngineFactory = std::function<Result<std::unique_ptr<TrainingEngine>>(
    const ModelConfig& config, const TrainerOptions& options, const LoraParameters* lora,
    std::vector<float> base)>;

}  // namespace caco::lm
