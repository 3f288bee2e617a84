// caco-lm train: fine-tunes a checkpoint, all of its weights or a LoRA adapter.
#include <memory>
#include <utility>

#include <CLI/CLI.hpp>

#include "caco/lm/checkpoint.h"
#include "caco/lm/commands.h"
#include "caco/lm/tokenizer.h"
#include "caco/lm/training_options.h"
#include "caco/lm/transformer.h"

namespace caco::lm {
namespace {

constexpr const char* kTrainExamples = R"(
Records, one JSON object a line:
  {"text": "..."}                                 every token is learned
  {"prompt": "...", "completion": "..."}          the completion and its end are learned
  {"messages": [{"role": "user", "content": "..."}, {"role": "assistant", "content": "..."}]}
                                                  the assistant's turns are learned

Examples:
  All weights, three epochs, a held-out loss every 100 steps:
    caco-lm train --base models/embedded --data train.jsonl --eval-data test.jsonl
      --eval-steps 100 --output my-model
  A LoRA adapter on all linear layers, merged into the output as well:
    caco-lm train --base models/embedded --data train.jsonl --lora-rank 16 --lora-alpha 32
      --lora-targets all-linear --lora-merge --lr 1e-3 --output my-model
  A generator that continues an open user turn, with checkpoints to come back to:
    caco-lm train --base base --data programs.jsonl --template open-user
      --save-steps 500 --save-total-limit 3 --resume --output generator

The output holds the model, its tokenizer, README.md (the model card), metrics.jsonl, training.svg.
caco-lm recipe takes the same options and writes the run for LLaMA-Factory, TRL or torchtune.)";

Result<int> train(FineTuneArguments& arguments) {
  TrainingArguments& training = arguments.training;
  const Tokenizer tokenizer = TRY(Tokenizer::load(arguments.base));
  Checkpoint base = TRY(load_checkpoint(arguments.base));
  if (tokenizer.vocab_size() > base.config.vocab_size) {
    return Error{ErrorCode::InvalidArgument,
                 "the tokenizer has more ids than the model has embeddings: " + arguments.base, ""};
  }
  training.trainer.generation = base.generation;
  const RecordOptions records = TRY(prepare_fine_tune(arguments, tokenizer, base.config));
  std::vector<float> parameters = flatten_weights(ParameterLayout(base.config), base.weights);
  base.weights.clear();
  return run_training(base.config, std::move(parameters), tokenizer, records, training);
}

}  // namespace

void add_train_command(CLI::App& app, int& exit_code) {
  const std::shared_ptr<FineTuneArguments> arguments = std::make_shared<FineTuneArguments>();
  CLI::App* command = app.add_subcommand("train", "Fine-tunes a checkpoint on records");
  add_fine_tune_options(*command, *arguments);
  command->footer(kTrainExamples);
  command->callback([arguments, &exit_code] {
    show_progress(arguments->training);
    exit_code = exit_status(train(*arguments));
  });
}

}  // namespace caco::lm
