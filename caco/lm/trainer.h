// The training loop: data-parallel steps over packed documents, AdamW, checkpoints that resume
// bit-exactly, evaluation, metrics. It knows no command line; the commands give it data, options
// and a way to ask whether to stop.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/batch_plan.h"
#include "caco/lm/generation_config.h"
#include "caco/lm/lora_training.h"
#include "caco/lm/matmul.h"
#include "caco/lm/model_config.h"
#include "caco/lm/training_card.h"
#include "caco/lm/training_data.h"
#include "caco/lm/training_engine.h"

namespace caco::lm {

enum class Optimizer {
  AdamW,  // everywhere
  Muon,   // on the matrices of the layers; AdamW on embedding, output and norms
};

struct TrainerOptions {
  std::string output_directory;     // Hugging Face layout, training state, metrics.jsonl
  std::string tokenizer_directory;  // copied into the output
  std::string chat_template;        // Jinja for tokenizer_config.json; empty: as it is
  // The base model's generation_config.json, whose recommendations the output keeps; nullopt: none.
  std::optional<GenerationConfig> generation = std::nullopt;
  // README.md of the output; the trainer adds counts, options and results. The base name is also
  // what an adapter's configuration names.
  TrainingCard card;

  LoraOptions lora;
  bool merges_lora = false;  // the output is the merged model, with the adapter in adapter/
  std::string lora_base;     // where the adapter's user finds the base model
  BatchPlanOptions batches;
  Optimizer optimizer = Optimizer::AdamW;
  double learning_rate = 2e-3;    // at the peak
  double final_fraction = 0.02;   // of the peak at the end of the cosine
  double warmup_fraction = 0.02;  // of the steps
  double weight_decay = 0.1;      // on matrices, not on norms
  double clip_norm = 1.0;         // of the gradient; 0: never
  double peak_tflops = 0;         // of all that computes, for the metrics' mfu; 0: not known
  int64_t num_threads = 2;
  int64_t pack_tokens = 2048;  // tokens of one forward and backward pass of a thread
  // The backward pass computes each layer's activations again instead of keeping them: the same
  // bytes from less memory, in a third more time.
  bool recomputes_activations = false;
  Precision precision = Precision::BFloat16;
  TrainingEngineFactory make_engine;  // empty: StepRunner, on this processor
  std::string device;                 // of make_engine, "cuda": its runs are resumed there alone

  // When set, the learning rate also falls with the time spent, so that the run ends annealed at
  // this limit whatever the machine's speed. A run that the limit shortens is not reproducible.
  double time_limit_minutes = 0;
  double checkpoint_every_seconds = 0;  // 0: at the end, and when stopped
  bool is_resuming = false;             // continue from the output's training state if it has one
  bool keeps_finished_state = true;     // else the training state goes when the run is finished
  double log_every_seconds = 5;

  // Also every so many steps, each in a folder of its own: checkpoint-STEP, complete or absent. 0:
  // never. Of these the last `save_total_limit` are kept; 0: all.
  int64_t save_every_steps = 0;
  int64_t save_total_limit = 0;

  const TrainingSet* evaluation = nullptr;  // held-out records; null: none
  int64_t eval_every_steps = 0;             // 0: at the end only
  std::function<bool()> should_stop;        // asked after each step; empty: never
};

struct TrainingResult {
  int64_t num_steps = 0;  // done, in all runs of this output
  int64_t total_steps = 0;
  int64_t num_tokens = 0;
  double final_loss = 0;  // mean over the last 50 steps, nats per target token
  double eval_loss = -1;  // of the last evaluation; negative: none
  double seconds = 0;     // spent in training, in all runs
  bool is_finished = false;
};

// The learning rate of a step: linear warm-up, then a cosine to final_fraction. `progress` in
// [0, 1] is the part of the steps (or of the time limit) that is done.
double learning_rate_at(const TrainerOptions& options, int64_t step, int64_t total_steps,
                        double time_progress);

// Trains `parameters` (ParameterLayout order), or an adapter on top of them, on `data` and leaves
// the model or the adapter in the output directory. The same arguments give the same bytes on one
// machine, however often the run was stopped and resumed. Errors: what cannot be read or written, a
// training state of another run, a loss that stays not finite, and an adapter for layers that the
// model lacks.
Result<TrainingResult> train_model(const ModelConfig& config, std::vector<float> parameters,
                                   const TrainingSet& data, const TrainerOptions& options);

}  // namespace caco::lm
