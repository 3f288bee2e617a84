// Fine-tunes a local checkpoint by running `caco-lm train` as a child process, and relays its
// progress. The engine itself knows nothing of tensors.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "caco/base/result.h"

namespace caco {

struct TrainRequest {
  std::filesystem::path base;    // checkpoint folder to start from
  std::filesystem::path data;    // JSON Lines of {"prompt": ..., "completion": ...}
  std::filesystem::path output;  // folder that becomes the new checkpoint
  double epochs = 1;             // a fraction is allowed
  double learning_rate = 5e-4;   // at its peak
  int64_t batch_tokens = 8192;   // of one optimizer step
  int64_t max_length = 512;      // tokens of one record; longer ones are left out and counted
  uint64_t seed = 1;
  // Continue from the training state in `output` if there is one: then `output` must be a folder
  // that survives a kill.
  bool is_resuming = false;
};

// What the trainer last said. Fields that its line did not hold are zero.
struct TrainProgress {
  int64_t step = 0;
  int64_t num_steps = 0;
  double loss = 0;
  double tokens_per_second = 0;
  std::string line;  // as written
};

// Called from another thread, one call at a time.
using TrainObserver = std::function<void(const TrainProgress&)>;

// Returns what a line of the trainer says ("step 12/300  loss 1.2340  ...  5000 tokens/s"); step 0
// of 0 when it does not begin with `step`. Words that are not known are passed over.
TrainProgress parse_train_line(std::string_view line);

// REQUIRES: `program` is caco-lm. Thread-safe: each call runs its own child.
struct LocalTrainer {
  std::filesystem::path program;
  int64_t num_threads = 2;

  // Trains and returns when the checkpoint is written. NotFound when the program, the base or the
  // data is missing; Cancelled when `is_cancelled` (asked every 200 ms) says so; Unavailable with
  // the trainer's last lines when it fails.
  Status train(const TrainRequest& request, const TrainObserver& observer,
               const std::function<bool()>& is_cancelled) const;

  // Returns the command line that train() runs.
  std::vector<std::string> command(const TrainRequest& request) const;
};

}  // namespace caco
