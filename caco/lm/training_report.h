// What a training says of itself: the lines of its progress, training_report.json, and the model
// card with its options and results. Pure, thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "caco/lm/model_config.h"
#include "caco/lm/trainer.h"
#include "caco/lm/training_data.h"
#include "caco/lm/training_log.h"

namespace caco::lm {

// Returns the floating-point operations of training on one token of `data`: six per weight that
// takes part in a product, and the attention's over documents of the mean length (Chowdhery et al.,
// PaLM, 2022, appendix B; half of it, as it is causal).
double flops_per_token(const ModelConfig& config, const TrainingSet& data);

// Returns the line that shows a step.
std::string progress_line(const StepMetrics& metrics, int64_t total_steps, double seconds_left);

// Returns the line that shows a held-out loss, in nats a target.
std::string evaluation_line(int64_t step, double eval_loss);

// Returns the text of training_report.json. `num_trained` counts the values that are trained.
std::string report_json(const ModelConfig& config, const TrainingSet& data,
                        const TrainerOptions& options, const TrainingResult& result,
                        int64_t num_trained);

// Returns the text of README.md: the card of the options with the facts of data, options and
// result. Nothing in it depends on the machine's speed.
std::string model_card_text(const TrainingSet& data, const TrainerOptions& options,
                            const TrainingResult& result);

}  // namespace caco::lm
