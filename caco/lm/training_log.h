// What a training writes down while it runs: metrics.jsonl, one line per recorded step under the
// field's names, and training.svg, their plot.
//
// A line of training has step, epoch, num_tokens, loss (nats a target), learning_rate, grad_norm
// (before clipping), mfu where the processor's peak is known, tokens_per_second and seconds; a line
// of evaluation has eval_loss in their place. All but mfu, tokens_per_second and seconds are the
// same whenever the training is run. Not thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "caco/base/json.h"
#include "caco/base/result.h"

namespace caco::lm {

struct StepMetrics {
  int64_t step = 0;
  double epoch = 0;
  int64_t num_tokens = 0;
  double loss = 0;
  double learning_rate = 0;
  double gradient_norm = 0;
  double mfu = -1;  // part of the peak; negative: the peak is not known
  double tokens_per_second = 0;
  double seconds = 0;
};

class TrainingLog {
 public:
  // Opens `directory`/metrics.jsonl, and keeps what it says up to `last_step`: the later lines are
  // of steps that will be done again. Errors: files that cannot be read or written.
  static Result<TrainingLog> open(const std::filesystem::path& directory, int64_t last_step);

  void add(const StepMetrics& metrics);

  // Only step, epoch, num_tokens and seconds of `metrics` are used.
  void add_evaluation(const StepMetrics& metrics, double eval_loss);

  // Replaces `directory`/training.svg. Does nothing before the first line.
  Result<void> write_plot(const std::filesystem::path& directory) const;

  // All lines, those of earlier runs included.
  const std::string& text() const { return text_; }

 private:
  TrainingLog() = default;
  void write(const Json& line);

  std::string text_;
  std::ofstream file_;
};

}  // namespace caco::lm
