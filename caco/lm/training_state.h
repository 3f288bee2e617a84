// What a training run keeps on disk to go on bit-exactly: parameters, both moments of the
// optimizer, the step, and what identifies the run. One file, replaced atomically, with a checksum.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "caco/base/result.h"

namespace caco::lm {

struct TrainingState {
  std::vector<float> parameters;  // what is trained: all weights, or the factors of an adapter
  std::vector<float> moment1;
  std::vector<float> moment2;
  int64_t step = 0;        // updates done
  int64_t num_tokens = 0;  // seen
  double seconds = 0;      // spent
  double eval_loss = -1;   // of the last evaluation; negative: none
  std::string identity;    // of data, shape and options; a state of another identity is refused
  std::vector<double> recent_losses;
};

// Returns the path of the state inside an output directory.
std::string training_state_path(const std::string& output_directory);

Result<void> save_training_state(const std::string& path, const TrainingState& state);

// Errors: NotFound when there is none, InvalidArgument when it is no training state, DataLoss when
// its values are not those that were written.
Result<TrainingState> load_training_state(const std::string& path);

// Returns the step of the state without reading its values. Errors: as load_training_state.
Result<int64_t> read_training_step(const std::string& path);

}  // namespace caco::lm
