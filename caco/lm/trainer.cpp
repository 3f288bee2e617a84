#include "caco/lm/trainer.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <fstream>
#include <numbers>
#include <span>
#include <sstream>
#include <utility>

#include "caco/base/file.h"
#include "caco/base/hash.h"
#include "caco/base/json.h"
#include "caco/base/log.h"
#include "caco/lm/checkpoint.h"
#include "caco/lm/step_runner.h"
#include "caco/lm/training_state.h"

namespace caco::lm {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMaxSkippedInRow = 20;  // steps whose gradient is not finite
constexpr size_t kRecentLosses = 50;
constexpr int64_t kMetricsLines = 500;  // of a whole training, about

// What must be equal for a training state to be continued: the data, the shape, and every option
// that changes the numbers. Paths and the rhythm of checkpoints may differ.
std::string run_identity(const ModelConfig& config, const TrainingSet& data,
                         const TrainerOptions& options, Precision precision) {
  std::ostringstream text;
  text.precision(17);
  text << model_config_to_json(config) << data.fingerprint() << ' ' << options.batches.seed << ' '
       << options.batches.batch_tokens << ' ' << options.batches.epochs << ' '
       << options.batches.max_tokens << ' ' << options.learning_rate << ' '
       << options.final_fraction << ' ' << options.warmup_fraction << ' ' << options.weight_decay
       << ' ' << options.clip_norm << ' ' << options.num_threads << ' ' << options.pack_tokens
       << ' ' << static_cast<int>(precision) << ' ' << static_cast<int>(options.optimizer);
  return hash_hex(text.str());
}

std::string format_seconds(double seconds) {
  const int64_t whole = std::llround(std::max(0.0, seconds));
  char text[48];
  if (whole >= 3600) {
    std::snprintf(text, sizeof(text), "%ldh%02ldm", whole / 3600, whole / 60 % 60);
  } else {
    std::snprintf(text, sizeof(text), "%ldm%02lds", whole / 60, whole % 60);
  }
  return text;
}

class TrainingRun {
 public:
  TrainingRun(const ModelConfig& config, const TrainingSet& data, const TrainerOptions& options)
      : config_(config),
        data_(data),
        options_(options),
        plan_(plan_batches(data, options.batches)),
        runner_(config, options) {}

  Result<TrainingResult> run(std::vector<float> parameters);

 private:
  Result<void> prepare(std::vector<float> parameters);
  Result<void> open_metrics();
  Result<void> save();
  Result<void> write_report(const TrainingResult& result) const;
  void record(const StepOutcome& outcome, double learning_rate, int64_t step_tokens);
  double seconds_now() const;
  bool is_due(std::chrono::steady_clock::time_point since, double interval) const;
  TrainingResult result() const;

  const ModelConfig& config_;
  const TrainingSet& data_;
  const TrainerOptions& options_;
  BatchPlan plan_;
  StepRunner runner_;
  TrainingState state_;
  std::deque<double> recent_losses_;
  std::ofstream metrics_;
  bool is_out_of_time_ = false;
  double seconds_before_ = 0;  // spent in earlier runs
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point reported_;
  int64_t tokens_since_report_ = 0;
};

double TrainingRun::seconds_now() const {
  return seconds_before_ +
         std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
}

bool TrainingRun::is_due(std::chrono::steady_clock::time_point since, double interval) const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count() >=
         interval;
}

Result<void> TrainingRun::prepare(std::vector<float> parameters) {
  TRY(make_folders(options_.output_directory));
  const Precision precision = Matmul(options_.precision).precision();
  const std::string identity = run_identity(config_, data_, options_, precision);
  const std::string path = training_state_path(options_.output_directory);
  if (options_.is_resuming && fs::exists(path)) {
    state_ = TRY(load_training_state(path));
    if (state_.identity != identity || state_.step > plan_.num_steps() ||
        state_.parameters.size() != parameters.size()) {
      return Error{ErrorCode::InvalidArgument,
                   "the training state belongs to a run with other data or options: " + path,
                   "give the options of that run, or another --output, or remove the file"};
    }
    recent_losses_.assign(state_.recent_losses.begin(), state_.recent_losses.end());
    log_message(LogLevel::Info, "resuming after step " + std::to_string(state_.step));
  } else {
    state_.moment1.assign(parameters.size(), 0.0f);
    state_.moment2.assign(parameters.size(), 0.0f);
    state_.parameters = std::move(parameters);
    state_.identity = identity;
  }
  seconds_before_ = state_.seconds;
  return open_metrics();
}

// Keeps the lines of the steps that the state has; those after it will be written again.
Result<void> TrainingRun::open_metrics() {
  const fs::path path = fs::path(options_.output_directory) / "metrics.jsonl";
  std::string kept;
  if (state_.step > 0 && fs::exists(path)) {
    std::istringstream lines(TRY(read_file(path)));
    for (std::string line; std::getline(lines, line);) {
      const Result<Json> json = parse_json(line);
      if (!json.ok() || !json.value().is_object()) continue;
      const Result<int64_t> step = read_int(json.value(), "step");
      if (step.ok() && step.value() <= state_.step) kept += line + "\n";
    }
  }
  TRY(write_file_atomic(path, kept));
  metrics_.open(path, std::ios::app);
  if (!metrics_) {
    return Error{ErrorCode::Internal, "cannot open for writing: " + path.string(), ""};
  }
  return {};
}

Result<void> TrainingRun::save() {
  state_.seconds = seconds_now();
  state_.recent_losses.assign(recent_losses_.begin(), recent_losses_.end());
  metrics_.flush();
  TRY(save_checkpoint(options_.output_directory, config_,
                      unflatten_weights(runner_.layout(), state_.parameters),
                      {DType::BF16, options_.tokenizer_directory, options_.model_card}));
  return save_training_state(training_state_path(options_.output_directory), state_);
}

TrainingResult TrainingRun::result() const {
  TrainingResult result;
  result.num_steps = state_.step;
  result.total_steps = plan_.num_steps();
  result.num_tokens = state_.num_tokens;
  for (const double loss : recent_losses_) {
    result.final_loss += loss / static_cast<double>(recent_losses_.size());
  }
  result.seconds = state_.seconds;
  result.is_finished = state_.step == plan_.num_steps() || is_out_of_time_;
  return result;
}

Result<void> TrainingRun::write_report(const TrainingResult& result) const {
  Json json = Json::object();
  json["is_finished"] = result.is_finished;
  json["steps"] = result.num_steps;
  json["planned_steps"] = result.total_steps;
  json["num_tokens"] = result.num_tokens;
  json["final_loss"] = result.final_loss;
  json["seconds"] = result.seconds;
  json["num_parameters"] = config_.num_parameters();
  json["documents"] = data_.num_documents();
  json["dropped"] = data_.num_dropped();
  json["seed"] = options_.batches.seed;
  json["batch_tokens"] = options_.batches.batch_tokens;
  json["learning_rate"] = options_.learning_rate;
  return write_file_atomic(fs::path(options_.output_directory) / "training_report.json",
                           dump_json_pretty(json));
}

void TrainingRun::record(const StepOutcome& outcome, double learning_rate, int64_t step_tokens) {
  recent_losses_.push_back(outcome.loss);
  if (recent_losses_.size() > kRecentLosses) recent_losses_.pop_front();
  tokens_since_report_ += step_tokens;
  const bool is_last = state_.step == plan_.num_steps() || is_out_of_time_;
  const std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now();
  const double rate = static_cast<double>(tokens_since_report_) /
                      std::chrono::duration<double>(now - reported_).count();
  // By steps, not by time: all but the last two fields are the same whenever the training is run.
  const int64_t metrics_every = std::max<int64_t>(1, plan_.num_steps() / kMetricsLines);
  if (is_last || state_.step % metrics_every == 0) {
    Json json = Json::object();
    json["step"] = state_.step;
    json["epoch"] =
        static_cast<double>(state_.num_tokens) / static_cast<double>(data_.num_tokens());
    json["num_tokens"] = state_.num_tokens;
    json["loss"] = outcome.loss;
    json["learning_rate"] = learning_rate;
    json["grad_norm"] = outcome.gradient_norm;
    json["tokens_per_second"] = rate;
    json["seconds"] = seconds_now();
    metrics_ << dump_json(json) << "\n" << std::flush;
  }
  if (!is_last && !is_due(reported_, options_.log_every_seconds)) return;
  reported_ = now;
  tokens_since_report_ = 0;
  double left = static_cast<double>(plan_.num_tokens - state_.num_tokens) / rate;
  if (options_.time_limit_minutes > 0) {
    left = std::min(left, options_.time_limit_minutes * 60.0 - seconds_now());
  }
  char text[200];
  std::snprintf(text, sizeof(text),
                "step %ld/%ld  loss %.4f  lr %.2e  grad %.2f  %.0f tokens/s  left %s", state_.step,
                plan_.num_steps(), outcome.loss, learning_rate, outcome.gradient_norm, rate,
                format_seconds(left).c_str());
  log_message(LogLevel::Info, text);
}

Result<TrainingResult> TrainingRun::run(std::vector<float> parameters) {
  started_ = reported_ = std::chrono::steady_clock::now();
  TRY(prepare(std::move(parameters)));
  std::chrono::steady_clock::time_point saved = std::chrono::steady_clock::now();
  int64_t num_skipped = 0;
  const double limit = options_.time_limit_minutes * 60.0;
  while (state_.step < plan_.num_steps() && !is_out_of_time_) {
    const std::span<const int64_t> documents = plan_.step(state_.step);
    const double time_progress = limit > 0 ? seconds_now() / limit : 0.0;
    const double rate = learning_rate_at(options_, state_.step, plan_.num_steps(), time_progress);
    const StepOutcome outcome = runner_.run(state_, data_, documents, rate);
    num_skipped = outcome.is_skipped ? num_skipped + 1 : 0;
    const bool is_last = state_.step + 1 == plan_.num_steps();
    if (num_skipped > kMaxSkippedInRow || (outcome.is_skipped && is_last)) {
      return Error{ErrorCode::Internal,
                   "the loss is not finite any more, at step " + std::to_string(state_.step),
                   "lower --lr and start again"};
    }
    ++state_.step;
    int64_t step_tokens = 0;
    for (const int64_t document : documents)
      step_tokens += data_.length(document);
    state_.num_tokens += step_tokens;
    is_out_of_time_ = limit > 0 && seconds_now() >= limit;
    if (!outcome.is_skipped) record(outcome, rate, step_tokens);
    if (options_.should_stop && options_.should_stop()) break;
    if (options_.checkpoint_every_seconds > 0 && is_due(saved, options_.checkpoint_every_seconds)) {
      TRY(save());
      saved = std::chrono::steady_clock::now();
    }
  }
  TRY(save());
  const TrainingResult done = result();
  TRY(write_report(done));
  if (done.is_finished && !options_.keeps_finished_state) {
    std::error_code ignored;  // a state that stays is only a waste of space
    fs::remove(training_state_path(options_.output_directory), ignored);
  }
  return done;
}

}  // namespace

double learning_rate_at(const TrainerOptions& options, int64_t step, int64_t total_steps,
                        double time_progress) {
  const double total = static_cast<double>(std::max<int64_t>(1, total_steps));
  const double warmup = std::ceil(options.warmup_fraction * total);
  const double done = static_cast<double>(step);
  if (done < warmup) return options.learning_rate * (done + 1.0) / warmup;
  const double step_progress = (done - warmup) / std::max(1.0, total - warmup);
  const double progress = std::clamp(std::max(step_progress, time_progress), 0.0, 1.0);
  const double cosine = 0.5 * (1.0 + std::cos(std::numbers::pi * progress));
  return options.learning_rate * (options.final_fraction + (1.0 - options.final_fraction) * cosine);
}

Result<TrainingResult> train_model(const ModelConfig& config, std::vector<float> parameters,
                                   const TrainingSet& data, const TrainerOptions& options) {
  assert(options.num_threads > 0 && options.pack_tokens > 0);
  use_single_threaded_blas();
  TrainingRun run(config, data, options);
  return run.run(std::move(parameters));
}

}  // namespace caco::lm
