// The command-line options of `pretrain`, `train` and `recipe`, and how a training is run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/torch/device.h"
#include "caco/lm/trainer.h"
#include "caco/lm/training_records.h"

namespace CLI {
class App;
}

namespace caco::lm {

struct TrainingArguments {
  std::vector<std::string> data;
  std::vector<std::string> eval_data;
  std::string optimizer = "adamw";
  std::string precision = "auto";
  std::string over_long = "drop";
  bool is_quiet = false;
  bool is_packing = false;
  int64_t max_length = 1024;
  int64_t accumulation_steps = 1;
  std::vector<Device> devices = {Device{}};
  TrainerOptions trainer;
};

struct FineTuneArguments {
  TrainingArguments training;
  std::string base;
  std::string base_name;
  std::string template_name;
};

// Adds the options that every training has to `command`; the defaults are the values that
// `arguments` has now.
void add_training_options(CLI::App& command, TrainingArguments& arguments);

// Sets the defaults of fine-tuning and adds all of its options to `command`.
void add_fine_tune_options(CLI::App& command, FineTuneArguments& arguments);

// Returns how records are read under these arguments. Errors: those of find_turn_template.
Result<RecordOptions> record_options(const TrainingArguments& arguments,
                                     const std::string& template_name);

// Returns how the records of a fine-tuning are read, and sets what follows from base and template:
// in `config` the ids that end a reply, in the arguments the chat template and the model card's
// facts. Errors: those of record_options.
Result<RecordOptions> prepare_fine_tune(FineTuneArguments& arguments, const Tokenizer& tokenizer,
                                        ModelConfig& config);

// The text of the first id that ends a reply; empty when there is none.
std::string eos_text(const Tokenizer& tokenizer, const ModelConfig& config);

// Sends progress lines to stderr unless the arguments ask for quiet.
void show_progress(const TrainingArguments& arguments);

// Reads the data and trains. SIGINT and SIGTERM end the run after the step in hand with
// a checkpoint. Returns the process exit status: 0 finished, 130 stopped before the end. Errors: as
// read_training_set and train_model.
Result<int> run_training(const ModelConfig& config, std::vector<float> parameters,
                         const Tokenizer& tokenizer, const RecordOptions& records,
                         TrainingArguments& arguments);

// Writes the error to stderr and returns the exit status 1; else the value.
int exit_status(const Result<int>& result);

}  // namespace caco::lm
