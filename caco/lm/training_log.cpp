#include "caco/lm/training_log.h"

#include <sstream>
#include <utility>

#include "caco/base/file.h"
#include "caco/lm/training_plot.h"

namespace caco::lm {

namespace fs = std::filesystem;

Result<TrainingLog> TrainingLog::open(const fs::path& directory, int64_t last_step) {
  TrainingLog log;
  const fs::path path = directory / "metrics.jsonl";
  if (last_step > 0 && fs::exists(path)) {
    std::istringstream lines(TRY(read_file(path)));
    for (std::string line; std::getline(lines, line);) {
      const Result<Json> json = parse_json(line);
      if (!json.ok() || !json.value().is_object()) continue;
      const Result<int64_t> step = read_int(json.value(), "step");
      if (step.ok() && step.value() <= last_step) log.text_ += line + "\n";
    }
  }
  TRY(write_file_atomic(path, log.text_));
  log.file_.open(path, std::ios::app);
  if (!log.file_) {
    return Error{ErrorCode::Internal, "cannot open for writing: " + path.string(), ""};
  }
  return log;
}

void TrainingLog::write(const Json& line) {
  const std::string text = dump_json(line) + "\n";
  text_ += text;
  file_ << text << std::flush;
}

void TrainingLog::add(const StepMetrics& metrics) {
  Json json = Json::object();
  json["step"] = metrics.step;
  json["epoch"] = metrics.epoch;
  json["num_tokens"] = metrics.num_tokens;
  json["loss"] = metrics.loss;
  json["learning_rate"] = metrics.learning_rate;
  json["grad_norm"] = metrics.gradient_norm;
  if (metrics.mfu >= 0) json["mfu"] = metrics.mfu;
  json["tokens_per_second"] = metrics.tokens_per_second;
  json["seconds"] = metrics.seconds;
  write(json);
}

void TrainingLog::add_evaluation(const StepMetrics& metrics, double eval_loss) {
  Json json = Json::object();
  json["step"] = metrics.step;
  json["epoch"] = metrics.epoch;
  json["num_tokens"] = metrics.num_tokens;
  json["eval_loss"] = eval_loss;
  json["seconds"] = metrics.seconds;
  write(json);
}

Result<void> TrainingLog::write_plot(const fs::path& directory) const {
  const std::string plot = training_plot_svg(text_, "Training");
  if (plot.empty()) return {};
  return write_file_atomic(directory / "training.svg", plot);
}

}  // namespace caco::lm
