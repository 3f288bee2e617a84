// Training records read from JSON Lines, tokenized, and the order in which they are trained on.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "caco/base/result.h"

namespace caco::lm {

class Tokenizer;

// What happens to a record with more tokens than `max_length`.
enum class OverLong {
  Drop,   // left out and counted
  Split,  // cut into pieces of max_length; for text without a prompt
};

struct TrainingDataOptions {
  int64_t max_length = 2048;  // tokens
  OverLong over_long = OverLong::Drop;
};

// Tokenized records, one after the other in memory. Immutable after reading; safe to share.
class TrainingSet {
 public:
  int64_t num_documents() const { return static_cast<int64_t>(first_targets_.size()); }
  int64_t num_tokens() const { return static_cast<int64_t>(tokens_.size()); }
  int64_t num_targets() const;
  int64_t num_dropped() const { return num_dropped_; }
  int64_t num_split() const { return num_split_; }

  std::span<const int32_t> document(int64_t index) const;
  int64_t length(int64_t index) const { return static_cast<int64_t>(document(index).size()); }
  // The first token of the document that the loss counts: 1 for text, the end of the prompt else.
  int64_t first_target(int64_t index) const { return first_targets_[static_cast<size_t>(index)]; }

  // Identifies the tokens and the loss masks, so that a run is resumed on its own data only.
  std::string fingerprint() const;

  // Appends a document by the policy of `options`. REQUIRES: 1 <= first_target.
  void add(std::span<const int32_t> tokens, int64_t first_target,
           const TrainingDataOptions& options);

 private:
  std::vector<int32_t> tokens_;
  std::vector<int64_t> ends_;
  std::vector<int64_t> first_targets_;
  int64_t num_dropped_ = 0;
  int64_t num_split_ = 0;
};

// Reads JSON Lines (plain or gzip), each {"text"} or {"prompt","completion"}. Special tokens are
// parsed in `text` and `prompt`, never in `completion`, to which `<|im_end|>` is appended; prompt
// and completion are tokenized apart, so that the loss begins exactly at the completion. Blank
// lines are skipped. Errors name file and line: unreadable file, bad JSON, missing or mistyped
// fields, a tokenizer without `<|im_end|>`; and a set without a single token to learn from.
Result<TrainingSet> read_training_set(const std::vector<std::string>& paths,
                                      const Tokenizer& tokenizer,
                                      const TrainingDataOptions& options);

// The documents of every step, laid out before training starts: a function of the lengths, the
// seed and the sizes alone, so that a resumed run continues in the same order. Each epoch is a
// fresh permutation; a step takes documents until the next would exceed `batch_tokens`.
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
  double epochs = 1;       // used when max_tokens is 0
  int64_t max_tokens = 0;  // ends after this many tokens, over as many epochs as it takes
};

// REQUIRES: at least one document, batch_tokens > 0.
BatchPlan plan_batches(const TrainingSet& data, const BatchPlanOptions& options);

// Divides a step's documents among `num_workers` by the work they cause, and each worker's into
// packs of about `pack_tokens`. Returns [worker][pack][document]; depends on the arguments alone.
std::vector<std::vector<std::vector<int64_t>>> divide_step(const TrainingSet& data,
                                                           std::span<const int64_t> documents,
                                                           int64_t num_workers,
                                                           int64_t pack_tokens);

}  // namespace caco::lm
