// The training loop: data-parallel steps over packed documents, AdamW, checkpoints that resume
// bit-exactly, metrics. It knows no command line; the commands give it data, options and a way to
// ask whether to stop.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/matmul.h"
#include "caco/lm/model_config.h"
#include "caco/lm/training_data.h"

namespace caco::lm {

enum class Optimizer {
  AdamW,  // everywhere
  Muon,   // on the matrices of the layers; AdamW on embedding, output and norms
};

struct TrainerOptions {
  std::string output_directory;     // Hugging Face layout, training state, metrics.jsonl
  std::string tokenizer_directory;  // copied into the output
  std::string model_card;           // README.md of the output; empty: a short default

  BatchPlanOptions batches;
  Optimizer optimizer = Optimizer::AdamW;
  double learning_rate = 2e-3;    // at the peak
  double final_fraction = 0.02;   // of the peak at the end of the cosine
  double warmup_fraction = 0.02;  // of the steps
  double weight_decay = 0.1;      // on matrices, not on norms
  double clip_norm = 1.0;         // of the gradient; 0: never
  int64_t num_threads = 2;
  int64_t pack_tokens = 2048;  // tokens of one forward and backward pass of a thread
  Precision precision = Precision::BFloat16;

  // When set, the learning rate also falls with the time spent, so that the run ends annealed at
  // this limit whatever the machine's speed. A run that the limit shortens is not reproducible.
  double time_limit_minutes = 0;
  double checkpoint_every_seconds = 0;  // 0: at the end, and when stopped
  bool is_resuming = false;             // continue from the output's training state if it has one
  bool keeps_finished_state = true;     // else the training state goes when the run is finished
  double log_every_seconds = 5;
  std::function<bool()> should_stop;  // asked after each step; empty: never
};

struct TrainingResult {
  int64_t num_steps = 0;  // done, in all runs of this output
  int64_t total_steps = 0;
  int64_t num_tokens = 0;
  double final_loss = 0;  // mean over the last 50 steps, nats per target token
  double seconds = 0;     // spent in training, in all runs
  bool is_finished = false;
};

// The learning rate of a step: linear warm-up, then a cosine to final_fraction. `progress` in
// [0, 1] is the part of the steps (or of the time limit) that is done.
double learning_rate_at(const TrainerOptions& options, int64_t step, int64_t total_steps,
                        double time_progress);

// Trains `parameters` (ParameterLayout order) on `data` and leaves the model in the output
// directory. The same arguments give the same bytes on one machine, however often the run was
// stopped and resumed. Errors: what cannot be read or written, a training state of another run,
// and a loss that stays not finite.
Result<TrainingResult> train_model(const ModelConfig& config, std::vector<float> parameters,
                                   const TrainingSet& data, const TrainerOptions& options);

}  // namespace caco::lm
