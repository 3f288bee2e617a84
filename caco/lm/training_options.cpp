#include "caco/lm/training_options.h"

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>

#include "caco/base/file.h"
#include "caco/base/log.h"
#include "caco/lm/kernels.h"
#include "caco/lm/tokenizer.h"
#include "caco/lm/torch/backend.h"
#include "caco/lm/torch/device_option.h"

namespace caco::lm {
namespace {

namespace fs = std::filesystem;

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
  const TrainingDataCounts& counts = data.counts();
  char text[600];
  std::snprintf(text, sizeof(text),
                "model: %ld parameters (hidden %ld, layers %ld, heads %ld, intermediate %ld, "
                "vocabulary %ld); data: %ld records, %ld documents, %ld tokens, %ld learned from; "
                "over-long: %ld dropped, %ld cut, %ld split; %ld without a label left out; kernels "
                "%s, BLAS core %s, %ld threads, products in %s",
                config.num_parameters(), config.hidden_size, config.num_hidden_layers,
                config.num_attention_heads, config.intermediate_size, config.vocab_size,
                counts.num_records, data.num_documents(), data.num_tokens(), data.num_targets(),
                counts.num_dropped, counts.num_cut, counts.num_split, counts.num_unlabelled,
                kernels().name, blas_core_name(), options.num_threads,
                options.precision == Precision::BFloat16 ? "bfloat16" : "float32");
  log_message(LogLevel::Info, text);
}

void add_data_options(CLI::App& command, TrainingArguments& arguments) {
  command
      .add_option("--data", arguments.data,
                  "JSON Lines files of records (.gz is read as well): {\"text\"}, "
                  "{\"prompt\",\"completion\"} or {\"messages\":[{\"role\",\"content\"}]}")
      ->required();
  command.add_option("--eval-data", arguments.eval_data,
                     "Files of held-out records, whose loss is reported as eval_loss");
  command.add_option("--max-length", arguments.max_length, "Longest record in tokens")
      ->check(CLI::Range(int64_t{2}, int64_t{1} << 20))
      ->capture_default_str();
  command
      .add_option("--over-long", arguments.over_long,
                  "Records over --max-length: drop them, cut their end off, or split text into "
                  "pieces (records with a prompt are dropped then); all are counted")
      ->check(CLI::IsMember({"drop", "cut", "split"}))
      ->capture_default_str();
  command.add_flag("--packing", arguments.is_packing,
                   "Fills rows of --max-length tokens best-fit first and takes steps of whole "
                   "rows; documents never see each other, packed or not");
}

void add_step_options(CLI::App& command, TrainingArguments& arguments) {
  TrainerOptions& options = arguments.trainer;
  command
      .add_option("--batch-tokens", options.batches.batch_tokens, "Tokens of one optimizer step")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 30))
      ->capture_default_str();
  command
      .add_option("--gradient-accumulation-steps", arguments.accumulation_steps,
                  "Batches whose gradients one optimizer step adds up; the loss is divided by the "
                  "targets of all of them")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  command
      .add_option("--micro-batch-tokens", options.pack_tokens,
                  "Tokens of one forward and backward pass of a thread: decides the memory, and "
                  "the result only in its rounding")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 30))
      ->capture_default_str();
  command.add_flag("--gradient-checkpointing", options.recomputes_activations,
                   "Computes activations again in the backward pass instead of keeping them: the "
                   "same model from less memory, in a third more time");
  command.add_option("--lr", options.learning_rate, "Peak learning rate")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_option("--final-lr-fraction", options.final_fraction, "Learning rate at the end")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command.add_option("--warmup", options.warmup_fraction, "Part of the steps that warms up")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command.add_option("--weight-decay", options.weight_decay, "Decay of matrices; never of norms")
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
}

void add_output_options(CLI::App& command, TrainingArguments& arguments) {
  TrainerOptions& options = arguments.trainer;
  command.add_option("--output", options.output_directory, "Directory of the trained model")
      ->required();
  command
      .add_option("--eval-steps", options.eval_every_steps,
                  "Evaluates every so many steps; 0: at the end only")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command
      .add_option("--save-steps", options.save_every_steps,
                  "Saves model and training state as checkpoint-STEP every so many steps; 0: never")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command
      .add_option("--save-total-limit", options.save_total_limit,
                  "Keeps so many of these checkpoints, the last ones; 0: all")
      ->check(CLI::NonNegativeNumber)
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
                   "Continues from the output's latest training state if there is one");
}

void add_machine_options(CLI::App& command, TrainingArguments& arguments) {
  TrainerOptions& options = arguments.trainer;
  add_devices_option(command, arguments.devices);
  command.add_option("--threads", options.num_threads, "Threads, each with documents of its own")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command
      .add_option("--precision", arguments.precision,
                  "Of matrix products: float32, bfloat16 (where the processor has it), auto")
      ->check(CLI::IsMember({"auto", "float32", "bfloat16"}))
      ->capture_default_str();
  command
      .add_option(
          "--peak-tflops", options.peak_tflops,
          "Peak of the processor, or of one GPU, in the precision used; with it the metrics "
          "have mfu")
      ->check(CLI::NonNegativeNumber);
  command.add_flag("--quiet", arguments.is_quiet, "No progress lines");
}

OverLong over_long_policy(const std::string& name) {
  if (name == "cut") return OverLong::Cut;
  return name == "split" ? OverLong::Split : OverLong::Drop;
}

// The id that generation must stop at: what ends the completions that are learned.
std::vector<int64_t> end_ids(const Tokenizer& tokenizer, const RecordOptions& records,
                             const ModelConfig& config) {
  std::string end = "<|im_end|>";
  if (records.turn_template.has_value()) end = records.turn_template->end;
  const std::optional<int32_t> id = tokenizer.special_id(end);
  return id.has_value() ? std::vector<int64_t>{*id} : config.eos_token_ids;
}

std::string list_devices(const std::vector<Device>& devices) {
  std::string names;
  for (const Device& device : devices)
    names += (names.empty() ? "" : ", ") + device_name(device);
  return names;
}

// Sets what computes, and in which precision.
Result<void> choose_devices(const std::vector<Device>& named, const std::string& precision,
                            TrainerOptions& options) {
  options.precision = precision == "float32" ? Precision::Float32 : Precision::BFloat16;
  if (named.front().is_native()) {
    options.precision = Matmul(options.precision).precision();
    if (precision == "bfloat16" && options.precision != Precision::BFloat16) {
      return Error{ErrorCode::InvalidArgument, "this processor has no fast bfloat16 products",
                   "use --precision auto"};
    }
    return {};
  }
  const std::vector<Device> devices = TRY(find_torch_devices(named));
  const bool is_gpu = devices.front().kind == DeviceKind::Cuda;
  if (precision == "auto" && !is_gpu) options.precision = Precision::Float32;
  // Any GPU, and any number of them, continues another's run.
  options.device = is_gpu ? "cuda" : device_name(devices.front());
  if (is_gpu) options.peak_tflops *= static_cast<double>(devices.size());
  if (devices.size() > 1) log_message(LogLevel::Info, "training on " + list_devices(devices));
  options.make_engine = [devices](const ModelConfig& config, const TrainerOptions& of_run,
                                  const LoraParameters* lora, std::vector<float> base) {
    return make_torch_engine(devices, config, of_run, lora, std::move(base));
  };
  return {};
}

// What the base model's own card says about its licence.
std::string base_license(const fs::path& base) {
  const Result<std::string> card = read_file(base / "README.md");
  return card.ok() ? license_of_card(card.value()) : "";
}

}  // namespace

void add_training_options(CLI::App& command, TrainingArguments& arguments) {
  add_data_options(command, arguments);
  add_output_options(command, arguments);
  add_step_options(command, arguments);
  add_machine_options(command, arguments);
}

void add_fine_tune_options(CLI::App& command, FineTuneArguments& arguments) {
  TrainerOptions& options = arguments.training.trainer;
  options.learning_rate = 5e-4;
  options.warmup_fraction = 0.03;
  options.batches.epochs = 3;
  options.keeps_finished_state = false;  // the output is a model, ten times smaller without it
  command.add_option("--base", arguments.base, "Directory of the checkpoint to start from")
      ->required();
  add_training_options(command, arguments.training);
  command
      .add_option("--base-name", arguments.base_name,
                  "Name of the base model in the model card and the adapter, such as its hub id; "
                  "the directory's name otherwise")
      ->check([](const std::string& name) {
        return name.find_first_of("\n\"") == std::string::npos ? "" : "a name is one plain line";
      });
  command.add_option("--template", arguments.template_name,
                     "Texts around prompt and completion or messages: " + turn_template_names() +
                         ", or a .json file; without it prompts stand as they are, and messages "
                         "are chatml");
  command.add_option("--epochs", options.batches.epochs, "Epochs; a fraction is allowed")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command
      .add_option("--lora-rank", options.lora.rank,
                  "Trains a LoRA adapter of this rank instead of all weights; 0: all weights")
      ->check(CLI::Range(0, 1 << 16))
      ->capture_default_str();
  command.add_option("--lora-alpha", options.lora.alpha, "Scaling is alpha / rank")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_flag("--lora-rslora", options.lora.uses_rslora, "Scaling is alpha / sqrt(rank)");
  command
      .add_option("--lora-targets", options.lora.target_modules,
                  "Adapted layers, such as q_proj,v_proj; all-linear: all of them")
      ->delimiter(',')
      ->capture_default_str();
  command.add_flag("--lora-merge", options.merges_lora,
                   "The output is the merged model, with the adapter in adapter/");
}

Result<RecordOptions> record_options(const TrainingArguments& arguments,
                                     const std::string& template_name) {
  RecordOptions records;
  records.lengths = {arguments.max_length, over_long_policy(arguments.over_long)};
  if (!template_name.empty()) records.turn_template = TRY(find_turn_template(template_name));
  return records;
}

Result<RecordOptions> prepare_fine_tune(FineTuneArguments& arguments, const Tokenizer& tokenizer,
                                        ModelConfig& config) {
  RecordOptions records = TRY(record_options(arguments.training, arguments.template_name));
  config.eos_token_ids = end_ids(tokenizer, records, config);
  if (!config.eos_token_ids.empty()) {
    records.eos_id = static_cast<int32_t>(config.eos_token_ids.front());
  }
  TrainerOptions& options = arguments.training.trainer;
  options.tokenizer_directory = arguments.base;
  if (records.turn_template.has_value()) {
    options.chat_template = to_jinja(*records.turn_template, eos_text(tokenizer, config));
    options.card.template_name = arguments.template_name;
  }
  fs::path base_path = fs::path(arguments.base).lexically_normal();
  if (base_path.filename().empty()) base_path = base_path.parent_path();
  const bool is_named = !arguments.base_name.empty();
  options.card.base_name = is_named ? arguments.base_name : base_path.filename().string();
  options.lora_base = is_named ? arguments.base_name : arguments.base;
  options.card.base_license = base_license(arguments.base);
  return records;
}

void show_progress(const TrainingArguments& arguments) {
  if (arguments.is_quiet) return;
  set_log_sink([](LogLevel, std::string_view message) {
    std::fprintf(stderr, "%.*s\n", static_cast<int>(message.size()), message.data());
  });
}

Result<int> run_training(const ModelConfig& config, std::vector<float> parameters,
                         const Tokenizer& tokenizer, const RecordOptions& records,
                         TrainingArguments& arguments) {
  TrainerOptions& options = arguments.trainer;
  TRY(choose_devices(arguments.devices, arguments.precision, options));
  options.optimizer = arguments.optimizer == "muon" ? Optimizer::Muon : Optimizer::AdamW;
  if (options.lora.is_used() && options.optimizer == Optimizer::Muon) {
    return Error{ErrorCode::InvalidArgument, "an adapter is not trained with muon",
                 "use --optimizer adamw"};
  }
  options.batches.batch_tokens *= arguments.accumulation_steps;
  options.batches.packing_length = arguments.is_packing ? arguments.max_length : 0;
  const TrainingSet data = TRY(read_training_set(arguments.data, tokenizer, records));
  std::optional<TrainingSet> evaluation;
  if (!arguments.eval_data.empty()) {
    evaluation = TRY(read_training_set(arguments.eval_data, tokenizer, records));
    options.evaluation = &*evaluation;
  }
  for (const std::string& path : arguments.data)
    options.card.files.push_back({fs::path(path).filename().string(), "training"});
  for (const std::string& path : arguments.eval_data)
    options.card.files.push_back({fs::path(path).filename().string(), "evaluation"});
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

std::string eos_text(const Tokenizer& tokenizer, const ModelConfig& config) {
  if (config.eos_token_ids.empty()) return "";
  return std::string(tokenizer.token_bytes(static_cast<int32_t>(config.eos_token_ids.front())));
}

int exit_status(const Result<int>& result) {
  if (result.ok()) return result.value();
  std::fprintf(stderr, "error: %s\n", to_string(result.error()).c_str());
  return 1;
}

}  // namespace caco::lm
