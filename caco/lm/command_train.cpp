// caco-lm train: fine-tunes a checkpoint on {"prompt","completion"} (or {"text"}) records.
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>

#include "caco/base/log.h"
#include "caco/lm/checkpoint.h"
#include "caco/lm/commands.h"
#include "caco/lm/tokenizer.h"
#include "caco/lm/training_options.h"
#include "caco/lm/transformer.h"

namespace caco::lm {
namespace {

struct TrainArguments {
  TrainingArguments training;
  std::string base;
};

Result<int> train(TrainArguments& arguments) {
  TrainingArguments& training = arguments.training;
  const Tokenizer tokenizer = TRY(Tokenizer::load(arguments.base));
  Checkpoint base = TRY(load_checkpoint(arguments.base));
  if (tokenizer.vocab_size() > base.config.vocab_size) {
    return Error{ErrorCode::InvalidArgument,
                 "the tokenizer has more ids than the model has embeddings: " + arguments.base, ""};
  }
  const TrainingSet data =
      TRY(read_training_set(training.data, tokenizer, {training.max_length, OverLong::Drop}));
  training.trainer.tokenizer_directory = arguments.base;
  // Replies end with the token that the trainer appends, so generation must stop there.
  const std::optional<int32_t> end_id = tokenizer.special_id("<|im_end|>");
  if (end_id.has_value()) base.config.eos_token_ids = {*end_id};
  std::vector<float> parameters = flatten_weights(ParameterLayout(base.config), base.weights);
  return run_training(base.config, std::move(parameters), data, training);
}

}  // namespace

void add_train_command(CLI::App& app, int& exit_code) {
  const std::shared_ptr<TrainArguments> arguments = std::make_shared<TrainArguments>();
  TrainerOptions& options = arguments->training.trainer;
  options.learning_rate = 5e-4;
  options.warmup_fraction = 0.03;
  options.batches.epochs = 3;
  options.keeps_finished_state = false;  // the output is a model, ten times smaller without it
  CLI::App* command =
      app.add_subcommand("train", "Fine-tunes a checkpoint on {\"prompt\",\"completion\"} records");
  add_training_options(*command, arguments->training);
  command->add_option("--base", arguments->base, "Directory of the checkpoint to start from")
      ->required();
  command->add_option("--epochs", options.batches.epochs, "Epochs; a fraction is allowed")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->callback([arguments, &exit_code] {
    if (!arguments->training.is_quiet) {
      set_log_sink([](LogLevel, std::string_view message) {
        std::fprintf(stderr, "%.*s\n", static_cast<int>(message.size()), message.data());
      });
    }
    exit_code = exit_status(train(*arguments));
  });
}

}  // namespace caco::lm
