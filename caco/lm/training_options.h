// The command-line options that `pretrain` and `train` share, and how both run a training.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/trainer.h"

namespace CLI {
class App;
}

namespace caco::lm {

struct TrainingArguments {
  std::vector<std::string> data;
  std::string optimizer = "adamw";
  std::string precision = "auto";
  bool is_quiet = false;
  int64_t max_length = 1024;
  TrainerOptions trainer;
};

// Adds the shared options to `command`; the defaults are the values that `arguments` has now.
void add_training_options(CLI::App& command, TrainingArguments& arguments);

// Trains with progress lines on stderr. SIGINT and SIGTERM end the run after the step in hand with
// a checkpoint. Returns the process exit status: 0 finished, 130 stopped before the end. Errors: as
// train_model.
Result<int> run_training(const ModelConfig& config, std::vector<float> parameters,
                         const TrainingSet& data, TrainingArguments& arguments);

// Writes the error to stderr and returns the exit status 1; else the value.
int exit_status(const Result<int>& result);

}  // namespace caco::lm
