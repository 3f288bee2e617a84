// Which documents every optimizer step trains on, and how threads share a step.
//
// Everything here is a function of the lengths, the seed and the sizes alone, so that a resumed run
// continues in the same order and a run on another machine takes the same steps. Thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "caco/lm/training_data.h"

namespace caco::lm {

// Divides documents into rows of at most `capacity` tokens by best-fit decreasing: the longest
// first, each into the fullest row that still takes it (Johnson, 1973: at most 11/9 of the fewest
// rows possible). A document longer than `capacity` has a row of its own. Returns indices into
// `lengths`, row by row. O(n log n). REQUIRES: capacity > 0.
std::vector<std::vector<int64_t>> pack_best_fit(std::span<const int64_t> lengths, int64_t capacity);

struct BatchPlan {
  std::vector<int64_t> documents;          // in order of training
  std::vector<int64_t> step_starts = {0};  // step s is documents[step_starts[s], step_starts[s+1])
  int64_t num_tokens = 0;

  int64_t num_steps() const { return static_cast<int64_t>(step_starts.size()) - 1; }
  std::span<const int64_t> step(int64_t index) const;
};

struct BatchPlanOptions {
  uint64_t seed = 1;
  int64_t batch_tokens = 8192;
  double epochs = 1;           // used when max_tokens is 0
  int64_t max_tokens = 0;      // ends after this many tokens, over as many epochs as it takes
  int64_t packing_length = 0;  // tokens of a row of best-fit packing; 0: documents as they come
};

// Each epoch is a fresh permutation of the documents, or of the rows they are packed into; a step
// takes them until the next would exceed `batch_tokens`. REQUIRES: at least one document,
// batch_tokens > 0.
BatchPlan plan_batches(const TrainingSet& data, const BatchPlanOptions& options);

// Divides a step's documents among `num_workers` by the work they cause, and each worker's into
// passes of about `pack_tokens`. Returns [worker][pass][document]; depends on the arguments alone.
std::vector<std::vector<std::vector<int64_t>>> divide_step(const TrainingSet& data,
                                                           std::span<const int64_t> documents,
                                                           int64_t num_workers,
                                                           int64_t pack_tokens);

}  // namespace caco::lm
