#include "caco/lm/training_engine.h"

#include <cassert>
#include <cmath>

namespace caco::lm {

ScaledStep scale_step(double loss, double norm, int64_t num_targets, double clip_norm) {
  assert(num_targets > 0);  // every document of a TrainingSet has a target
  const double count = static_cast<double>(num_targets);
  ScaledStep step;
  step.outcome.loss = loss / count;
  step.outcome.gradient_norm = norm / count;
  step.outcome.is_skipped =
      !std::isfinite(step.outcome.loss) || !std::isfinite(step.outcome.gradient_norm);
  if (step.outcome.is_skipped) return step;
  step.gradient_scale = 1.0 / count;
  if (clip_norm > 0 && step.outcome.gradient_norm > clip_norm) {
    step.gradient_scale *= clip_norm / step.outcome.gradient_norm;
  }
  return step;
}

}  // namespace caco::lm
