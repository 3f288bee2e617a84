#include "caco/lm/training_options.h"

#include <csignal>
#include <cstdio>

#include <CLI/CLI.hpp>

#include "caco/base/log.h"
#include "caco/lm/kernels.h"

namespace caco::lm {
namespace {

volatile std::sig_atomic_t stop_signal = 0;

extern "C" void note_signal(int number) {
  stop_signal = number;
}

void listen_for_signals() {
  struct sigaction action = {};
  action.sa_handler = note_signal;
  // A second signal ends the process at once: whoever insists does not want to wait for the step.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

void describe_run(const ModelConfig& config, const TrainingSet& data,
                  const TrainerOptions& options) {
  char text[400];
  std::snprintf(text, sizeof(text),
                "model: %ld parameters (hidden %ld, layers %ld, heads %ld, intermediate %ld, "
                "vocabulary %ld); data: %ld documents, %ld tokens, %ld learned from, %ld dropped, "
                "%ld split; kernels %s, BLAS core %s, %ld threads, products in %s",
                config.num_parameters(), config.hidden_size, config.num_hidden_layers,
                config.num_attention_heads, config.intermediate_size, config.vocab_size,
                data.num_documents(), data.num_tokens(), data.num_targets(), data.num_dropped(),
                data.num_split(), kernels().name, blas_core_name(), options.num_threads,
                options.precision == Precision::BFloat16 ? "bfloat16" : "float32");
  log_message(LogLevel::Info, text);
}

}  // namespace

void add_training_options(CLI::App& command, TrainingArguments& arguments) {
  TrainerOptions& options = arguments.trainer;
  command.add_option("--data", arguments.data, "JSON Lines files of records (.gz is read as well)")
      ->required();
  command.add_option("--output", options.output_directory, "Directory of the trained model")
      ->required();
  command
      .add_option("--batch-tokens", options.batches.batch_tokens, "Tokens of one optimizer step")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 30))
      ->capture_default_str();
  command.add_option("--lr", options.learning_rate, "Peak learning rate")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_option("--final-lr-fraction", options.final_fraction, "Learning rate at the end")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command.add_option("--warmup", options.warmup_fraction, "Part of the steps that warms up")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command.add_option("--weight-decay", options.weight_decay, "Decay of matrices")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("--clip-norm", options.clip_norm, "Largest gradient norm, 0 for any")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command
      .add_option("--optimizer", arguments.optimizer,
                  "adamw, or muon for the matrices of the layers")
      ->check(CLI::IsMember({"adamw", "muon"}))
      ->capture_default_str();
  command.add_option("--seed", options.batches.seed, "Seed of order and initial weights")
      ->capture_default_str();
  command.add_option("--threads", options.num_threads, "Threads, each with documents of its own")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command.add_option("--max-length", arguments.max_length, "Longest record in tokens")
      ->check(CLI::Range(int64_t{2}, int64_t{1} << 20))
      ->capture_default_str();
  command
      .add_option("--precision", arguments.precision,
                  "Of matrix products: float32, bfloat16 (where the processor has it), auto")
      ->check(CLI::IsMember({"auto", "float32", "bfloat16"}))
      ->capture_default_str();
  command
      .add_option("--checkpoint-every-seconds", options.checkpoint_every_seconds,
                  "Saves model and training state this often; 0: at the end only")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command
      .add_option("--time-limit-minutes", options.time_limit_minutes,
                  "Ends, annealed, after this time at the latest; 0: no limit")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_flag("--resume", options.is_resuming,
                   "Continues from the output's training state if there is one");
  command.add_flag("--quiet", arguments.is_quiet, "No progress lines");
}

Result<int> run_training(const ModelConfig& config, std::vector<float> parameters,
                         const TrainingSet& data, TrainingArguments& arguments) {
  TrainerOptions& options = arguments.trainer;
  options.precision = arguments.precision == "float32" ? Precision::Float32 : Precision::BFloat16;
  options.precision = Matmul(options.precision).precision();
  if (arguments.precision == "bfloat16" && options.precision != Precision::BFloat16) {
    return Error{ErrorCode::InvalidArgument, "this processor has no fast bfloat16 products",
                 "use --precision auto"};
  }
  options.optimizer = arguments.optimizer == "muon" ? Optimizer::Muon : Optimizer::AdamW;
  listen_for_signals();
  options.should_stop = [] {
    return stop_signal != 0;
  };
  describe_run(config, data, options);
  const TrainingResult result = TRY(train_model(config, std::move(parameters), data, options));
  char text[200];
  std::snprintf(text, sizeof(text), "%s after step %ld/%ld, %ld tokens, %.0f seconds, loss %.4f",
                result.is_finished ? "finished" : "stopped", result.num_steps, result.total_steps,
                result.num_tokens, result.seconds, result.final_loss);
  log_message(LogLevel::Info, text);
  return result.is_finished ? 0 : 130;
}

int exit_status(const Result<int>& result) {
  if (result.ok()) return result.value();
  std::fprintf(stderr, "error: %s\n", to_string(result.error()).c_str());
  return 1;
}

}  // namespace caco::lm
