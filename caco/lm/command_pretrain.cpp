// caco-lm pretrain: trains a fresh model on {"text"} records.
#include <memory>

#include <CLI/CLI.hpp>

#include "caco/base/file.h"
#include "caco/lm/commands.h"
#include "caco/lm/model_config.h"
#include "caco/lm/tokenizer.h"
#include "caco/lm/training_options.h"
#include "caco/lm/transformer.h"

namespace caco::lm {
namespace {

constexpr const char* kPretrainExamples = R"(
Examples:
  caco-lm tokenizer train --data corpus.jsonl --vocab-size 2048 --output tokenizer
  caco-lm pretrain --data corpus.jsonl --tokenizer tokenizer --output model --tokens 4000000
      --hidden-size 128 --intermediate-size 352 --layers 4 --heads 4 --key-value-heads 4)";

struct PretrainArguments {
  TrainingArguments training;
  std::string tokenizer;
  std::string config_file;
  ModelConfig shape;
};

ModelConfig default_shape() {
  ModelConfig shape;
  shape.hidden_size = 256;
  shape.intermediate_size = 768;
  shape.num_hidden_layers = 5;
  shape.num_attention_heads = 4;
  shape.num_key_value_heads = 4;
  shape.head_dim = 64;
  shape.tie_word_embeddings = true;
  return shape;
}

// The shape comes from the file or from the options; the vocabulary and the special ids always come
// from the tokenizer.
Result<ModelConfig> make_config(const PretrainArguments& arguments, const Tokenizer& tokenizer) {
  ModelConfig config = arguments.shape;
  if (!arguments.config_file.empty()) {
    const std::string text = TRY(read_file(arguments.config_file));
    config = TRY(parse_model_config(text));
  }
  config.vocab_size = tokenizer.vocab_size();
  config.max_position_embeddings = arguments.training.max_length;
  config.eos_token_ids.clear();
  if (tokenizer.special_id("<|im_end|>")) {
    config.eos_token_ids = {*tokenizer.special_id("<|im_end|>")};
  }
  config.pad_token_id = tokenizer.special_id("<|endoftext|>").value_or(-1);
  config.bos_token_id = -1;
  TRY(check_model_config(config));
  return config;
}

Result<int> pretrain(PretrainArguments& arguments) {
  TrainingArguments& training = arguments.training;
  const Tokenizer tokenizer = TRY(Tokenizer::load(arguments.tokenizer));
  const ModelConfig config = TRY(make_config(arguments, tokenizer));
  RecordOptions records = TRY(record_options(training, ""));
  if (!config.eos_token_ids.empty()) {
    records.eos_id = static_cast<int32_t>(config.eos_token_ids.front());
  }
  training.trainer.tokenizer_directory = arguments.tokenizer;
  return run_training(config, initialize_parameters(config, training.trainer.batches.seed),
                      tokenizer, records, training);
}

void add_shape_options(CLI::App& command, ModelConfig& shape) {
  const auto add = [&](const char* name, int64_t& field, const char* text) {
    command.add_option(name, field, text)->check(CLI::PositiveNumber)->capture_default_str();
  };
  add("--hidden-size", shape.hidden_size, "Width of the residual stream");
  add("--intermediate-size", shape.intermediate_size, "Width of the feed-forward layer");
  add("--layers", shape.num_hidden_layers, "Number of layers");
  add("--heads", shape.num_attention_heads, "Number of attention heads");
  add("--key-value-heads", shape.num_key_value_heads, "Number of key and value heads");
  add("--head-dim", shape.head_dim, "Size of a head");
  command.add_option("--rope-theta", shape.rope_theta, "Base of the rotary angles")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command
      .add_option("--initializer-range", shape.initializer_range,
                  "Standard deviation of the initial weights")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
}

}  // namespace

void add_pretrain_command(CLI::App& app, int& exit_code) {
  const std::shared_ptr<PretrainArguments> arguments = std::make_shared<PretrainArguments>();
  arguments->shape = default_shape();
  // Measured on the embedded model's corpus: small batches and Muon reach the same loss with a
  // quarter of the tokens that AdamW needs at twice the batch.
  arguments->training.optimizer = "muon";
  arguments->training.over_long = "split";
  arguments->training.trainer.batches.batch_tokens = 4096;
  CLI::App* command = app.add_subcommand("pretrain", "Trains a fresh model on {\"text\"} records");
  add_training_options(*command, arguments->training);
  TrainerOptions& options = arguments->training.trainer;
  command->add_option("--tokenizer", arguments->tokenizer, "Directory with tokenizer.json")
      ->required();
  CLI::Option* config =
      command->add_option("--config", arguments->config_file, "config.json with the shape");
  command
      ->add_option("--tokens", options.batches.max_tokens,
                   "Ends after this many tokens, over as many epochs as it takes")
      ->check(CLI::PositiveNumber);
  command->add_option("--epochs", options.batches.epochs, "Epochs, when --tokens is not given")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  add_shape_options(*command, arguments->shape);
  command->footer(kPretrainExamples);
  config->excludes("--hidden-size")->excludes("--layers")->excludes("--intermediate-size");
  command->callback([arguments, &exit_code] {
    show_progress(arguments->training);
    exit_code = exit_status(pretrain(*arguments));
  });
}

}  // namespace caco::lm
