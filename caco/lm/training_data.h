// Tokenized training records: the tokens one after the other, and which of them the loss counts.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/turn_template.h"

namespace caco::lm {

struct PackedBatch;

// What happens to a record with more tokens than `max_length`.
enum class OverLong {
  Drop,   // left out and counted
  Cut,    // its end is cut off; without a label left it is left out
  Split,  // text is cut into pieces of max_length; a record with a prompt is dropped, because a
          // piece without its prompt would teach the wrong thing
};

struct TrainingDataOptions {
  int64_t max_length = 2048;  // tokens
  OverLong over_long = OverLong::Drop;
};

// What became of the records.
struct TrainingDataCounts {
  int64_t num_records = 0;
  int64_t num_dropped = 0;     // over-long and left out
  int64_t num_cut = 0;         // over-long and cut
  int64_t num_split = 0;       // over-long and split
  int64_t num_unlabelled = 0;  // left out: no token to learn from
};

// Immutable after reading; safe to share.
class TrainingSet {
 public:
  int64_t num_documents() const { return static_cast<int64_t>(ends_.size()); }
  int64_t num_tokens() const { return static_cast<int64_t>(tokens_.size()); }
  int64_t num_targets() const { return num_targets_; }
  const TrainingDataCounts& counts() const { return counts_; }

  std::span<const int32_t> document(int64_t index) const;
  int64_t length(int64_t index) const { return static_cast<int64_t>(document(index).size()); }
  // For each token of the document 1 if the loss counts it, else 0; the first one never does.
  std::span<const char> targets(int64_t index) const;

  // Identifies the tokens and the loss masks, so that a run is resumed on its own data only.
  std::string fingerprint() const;

  // Appends a record by the policy of `options`; `is_whole` forbids to split it. REQUIRES: as many
  // masks as tokens.
  void add(const LabelledTokens& record, bool is_whole, const TrainingDataOptions& options);

  // The same for tokens of which those from `first_target` on are learned.
  void add(std::span<const int32_t> tokens, int64_t first_target,
           const TrainingDataOptions& options);

  // Appends a document to `batch`, with its targets.
  void append_to(int64_t index, PackedBatch& batch) const;

 private:
  void add_piece(std::span<const int32_t> tokens, std::span<const char> is_target);

  std::vector<int32_t> tokens_;
  std::vector<char> is_target_;
  std::vector<int64_t> ends_;
  int64_t num_targets_ = 0;
  TrainingDataCounts counts_;
};

}  // namespace caco::lm
