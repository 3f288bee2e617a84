#include "caco/lm/trainer.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cmath>
#include <deque>
#include <filesystem>
#include <memory>
#include <numbers>
#include <optional>
#include <span>
#include <sstream>
#include <string_view>
#include <utility>

#include "caco/base/file.h"
#include "caco/base/hash.h"
#include "caco/base/log.h"
#include "caco/lm/step_runner.h"
#include "caco/lm/training_engine.h"
#include "caco/lm/training_log.h"
#include "caco/lm/training_output.h"
#include "caco/lm/training_report.h"
#include "caco/lm/training_state.h"

namespace caco::lm {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int64_t kMaxSkippedInRow = 20;  // steps whose gradient is not finite
constexpr size_t kRecentLosses = 50;
constexpr int64_t kMetricsLines = 500;  // of a whole training, about

// What must be equal for a training state to be continued: the data, the shape, and every option
// that changes the numbers. Paths and the rhythm of checkpoints may differ.
std::string run_identity(const ModelConfig& config, const TrainingSet& data,
                         const TrainerOptions& options, Precision precision,
                         std::span<const float> base) {
  std::ostringstream text;
  text.precision(17);
  text << model_config_to_json(config) << data.fingerprint() << ' ' << options.batches.seed << ' '
       << options.batches.batch_tokens << ' ' << options.batches.epochs << ' '
       << options.batches.max_tokens << ' ' << options.batches.packing_length << ' '
       << options.learning_rate << ' ' << options.final_fraction << ' ' << options.warmup_fraction
       << ' ' << options.weight_decay << ' ' << options.clip_norm << ' ' << options.num_threads
       << ' ' << options.pack_tokens << ' ' << static_cast<int>(precision) << ' '
       << static_cast<int>(options.optimizer);
  if (!options.device.empty()) text << " device " << options.device;
  if (options.lora.is_used()) {
    text << " lora " << options.lora.rank << ' ' << options.lora.scaling();
    for (const std::string& target : options.lora.target_modules)
      text << ' ' << target;
    text << ' '
         << hash_hex(
                std::string_view(reinterpret_cast<const char*>(base.data()), base.size_bytes()));
  }
  return hash_hex(text.str());
}

class TrainingRun {
 public:
  // `lora` is null when all weights are trained.
  TrainingRun(const ModelConfig& config, const TrainingSet& data, const TrainerOptions& options,
              const LoraParameters* lora, TrainingEngine& engine, TrainingLog& log)
      : config_(config),
        data_(data),
        options_(options),
        engine_(engine),
        output_(config, engine.layout(), options, lora),
        log_(log),
        plan_(plan_batches(data, options.batches)) {}

  // Trains on from `state`.
  Result<TrainingResult> run(TrainingState state);

 private:
  Result<void> after_step();
  Result<std::span<const float>> bring_back();
  Result<void> save();
  Result<void> evaluate();
  std::string card() const { return model_card_text(data_, options_, result()); }
  StepMetrics metrics_now() const;
  void record(const StepOutcome& outcome, double learning_rate, int64_t step_tokens);
  void report(const StepMetrics& metrics);
  double seconds_now() const;
  bool is_due(Clock::time_point since, double interval) const;
  bool is_last_step() const { return state_.step == plan_.num_steps() || is_out_of_time_; }
  TrainingResult result() const;

  const ModelConfig& config_;
  const TrainingSet& data_;
  const TrainerOptions& options_;
  TrainingEngine& engine_;
  TrainingOutput output_;
  TrainingLog& log_;
  BatchPlan plan_;
  TrainingState state_;
  std::deque<double> recent_losses_;
  bool is_out_of_time_ = false;
  double seconds_before_ = 0;  // spent in earlier runs
  Clock::time_point started_;
  Clock::time_point reported_;
  Clock::time_point saved_;
  int64_t tokens_since_report_ = 0;
};

double TrainingRun::seconds_now() const {
  return seconds_before_ + std::chrono::duration<double>(Clock::now() - started_).count();
}

bool TrainingRun::is_due(Clock::time_point since, double interval) const {
  return std::chrono::duration<double>(Clock::now() - since).count() >= interval;
}

// Brings the state up to date and returns the model's weights; none when only an adapter is left.
Result<std::span<const float>> TrainingRun::bring_back() {
  TRY(engine_.write_back(state_));
  if (options_.lora.is_used() && !options_.merges_lora) return std::span<const float>();
  return engine_.model_parameters(state_);
}

Result<void> TrainingRun::save() {
  state_.seconds = seconds_now();
  state_.recent_losses.assign(recent_losses_.begin(), recent_losses_.end());
  TRY(log_.write_plot(options_.output_directory));
  const std::span<const float> parameters = TRY(bring_back());
  return output_.save(state_, parameters, card());
}

TrainingResult TrainingRun::result() const {
  TrainingResult result;
  result.num_steps = state_.step;
  result.total_steps = plan_.num_steps();
  result.num_tokens = state_.num_tokens;
  for (const double loss : recent_losses_) {
    result.final_loss += loss / static_cast<double>(recent_losses_.size());
  }
  result.eval_loss = state_.eval_loss;
  result.seconds = state_.seconds;
  result.is_finished = is_last_step();
  return result;
}

StepMetrics TrainingRun::metrics_now() const {
  StepMetrics metrics;
  metrics.step = state_.step;
  metrics.num_tokens = state_.num_tokens;
  metrics.epoch = static_cast<double>(state_.num_tokens) / static_cast<double>(data_.num_tokens());
  metrics.seconds = seconds_now();
  return metrics;
}

void TrainingRun::record(const StepOutcome& outcome, double learning_rate, int64_t step_tokens) {
  recent_losses_.push_back(outcome.loss);
  if (recent_losses_.size() > kRecentLosses) recent_losses_.pop_front();
  tokens_since_report_ += step_tokens;
  StepMetrics metrics = metrics_now();
  metrics.loss = outcome.loss;
  metrics.learning_rate = learning_rate;
  metrics.gradient_norm = outcome.gradient_norm;
  metrics.tokens_per_second = static_cast<double>(tokens_since_report_) /
                              std::chrono::duration<double>(Clock::now() - reported_).count();
  if (options_.peak_tflops > 0) {
    metrics.mfu =
        flops_per_token(config_, data_) * metrics.tokens_per_second / (options_.peak_tflops * 1e12);
  }
  // By steps, not by time: all but the last fields are the same whenever the training is run.
  const int64_t metrics_every = std::max<int64_t>(1, plan_.num_steps() / kMetricsLines);
  if (is_last_step() || state_.step % metrics_every == 0) log_.add(metrics);
  if (is_last_step() || is_due(reported_, options_.log_every_seconds)) report(metrics);
}

void TrainingRun::report(const StepMetrics& metrics) {
  reported_ = Clock::now();
  tokens_since_report_ = 0;
  double left =
      static_cast<double>(plan_.num_tokens - state_.num_tokens) / metrics.tokens_per_second;
  if (options_.time_limit_minutes > 0) {
    left = std::min(left, options_.time_limit_minutes * 60.0 - seconds_now());
  }
  log_message(LogLevel::Info, progress_line(metrics, plan_.num_steps(), left));
}

Result<void> TrainingRun::evaluate() {
  state_.eval_loss = TRY(engine_.evaluate(state_, *options_.evaluation));
  if (!std::isfinite(state_.eval_loss)) {
    return Error{ErrorCode::Internal,
                 "the held-out loss is not finite, at step " + std::to_string(state_.step),
                 "lower --lr and start again"};
  }
  log_.add_evaluation(metrics_now(), state_.eval_loss);
  log_message(LogLevel::Info, evaluation_line(state_.step, state_.eval_loss));
  return {};
}

Result<void> TrainingRun::after_step() {
  if (options_.evaluation != nullptr) {
    const int64_t every = options_.eval_every_steps;
    if (is_last_step() || (every > 0 && state_.step % every == 0)) TRY(evaluate());
  }
  if (options_.save_every_steps > 0 && state_.step % options_.save_every_steps == 0) {
    state_.seconds = seconds_now();
    state_.recent_losses.assign(recent_losses_.begin(), recent_losses_.end());
    const std::span<const float> parameters = TRY(bring_back());
    TRY(output_.save_checkpoint_folder(state_, parameters, card()));
  }
  if (options_.checkpoint_every_seconds > 0 && is_due(saved_, options_.checkpoint_every_seconds)) {
    TRY(save());
    saved_ = Clock::now();
  }
  return {};
}

Result<TrainingResult> TrainingRun::run(TrainingState state) {
  started_ = reported_ = saved_ = Clock::now();
  state_ = std::move(state);
  seconds_before_ = state_.seconds;
  recent_losses_.assign(state_.recent_losses.begin(), state_.recent_losses.end());
  int64_t num_skipped = 0;
  const double limit = options_.time_limit_minutes * 60.0;
  while (!is_last_step()) {
    const std::span<const int64_t> documents = plan_.step(state_.step);
    const double time_progress = limit > 0 ? seconds_now() / limit : 0.0;
    const double rate = learning_rate_at(options_, state_.step, plan_.num_steps(), time_progress);
    const StepOutcome outcome = TRY(engine_.run(state_, data_, documents, rate));
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
    TRY(after_step());
  }
  TRY(save());
  const TrainingResult done = result();
  const int64_t num_trained = static_cast<int64_t>(state_.parameters.size());
  TRY(write_file_atomic(fs::path(options_.output_directory) / "training_report.json",
                        report_json(config_, data_, options_, done, num_trained)));
  if (done.is_finished && !options_.keeps_finished_state) {
    std::error_code ignored;  // a state that stays is only a waste of space
    fs::remove(training_state_path(options_.output_directory), ignored);
  }
  return done;
}

// The state to begin with: that of the run's latest checkpoint, or a fresh one of `parameters`.
Result<TrainingState> starting_state(const TrainingOutput& output, const TrainerOptions& options,
                                     std::vector<float> parameters, const std::string& identity) {
  if (options.is_resuming) {
    std::optional<TrainingState> state = TRY(output.latest_state(identity));
    if (state.has_value()) {
      if (state->parameters.size() != parameters.size()) {
        return Error{ErrorCode::InvalidArgument,
                     "the training state has another number of values: " + options.output_directory,
                     "give another --output, or remove training_state.safetensors"};
      }
      log_message(LogLevel::Info, "resuming after step " + std::to_string(state->step));
      return std::move(*state);
    }
  }
  TrainingState state;
  state.moment1.assign(parameters.size(), 0.0f);
  state.moment2.assign(parameters.size(), 0.0f);
  state.parameters = std::move(parameters);
  state.identity = identity;
  return state;
}

Result<std::unique_ptr<TrainingEngine>> make_engine(const ModelConfig& config,
                                                    const TrainerOptions& options,
                                                    const LoraParameters* lora,
                                                    std::vector<float> base) {
  if (options.make_engine) return options.make_engine(config, options, lora, std::move(base));
  std::unique_ptr<TrainingEngine> engine;
  if (lora == nullptr) {
    engine = std::make_unique<StepRunner>(config, options);
  } else {
    engine = std::make_unique<StepRunner>(config, options, *lora, std::move(base));
  }
  return engine;
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
  TRY(make_folders(options.output_directory));
  const Precision precision =
      options.make_engine ? options.precision : Matmul(options.precision).precision();
  const std::string identity = run_identity(config, data, options, precision, parameters);
  std::optional<LoraParameters> lora;
  std::vector<float> trained;
  std::vector<float> base;
  if (options.lora.is_used()) {
    lora = TRY(LoraParameters::create(ParameterLayout(config), options.lora));
    trained = lora->initialize(options.batches.seed);
    base = std::move(parameters);
  } else {
    trained = std::move(parameters);
  }
  const LoraParameters* const adapted = lora.has_value() ? &*lora : nullptr;
  const std::unique_ptr<TrainingEngine> engine =
      TRY(make_engine(config, options, adapted, std::move(base)));
  const TrainingOutput output(config, engine->layout(), options, adapted);
  output.remove_leftovers();
  TrainingState state = TRY(starting_state(output, options, std::move(trained), identity));
  TrainingLog log = TRY(TrainingLog::open(options.output_directory, state.step));
  TRY(engine->begin(state));
  TrainingRun run(config, data, options, adapted, *engine, log);
  return run.run(std::move(state));
}

}  // namespace caco::lm
