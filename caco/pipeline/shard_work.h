// One shard of a step: read, put batches through the work, write the kept samples, the rejects and,
// last, the receipt.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "caco/base/result.h"
#include "caco/stages/stage.h"
#include "caco/store/receipt.h"

namespace caco {

// What every shard of a step has in common, and which one it is.
struct ShardTask {
  std::filesystem::path folder;  // of the step
  std::string label;             // of the step
  int64_t shard = 0;
  std::string input_hash;
  std::string options_hash;
  std::function<bool()> is_stopped;
  // Called after every batch with the samples that came out so far.
  std::function<void(int64_t num_done)> report;
};

// Writes samples, encoded, into the shard and its rejects file. Not thread-safe.
class ShardOutput {
 public:
  Status add(const std::string& line, std::optional<RejectReason> rejected);
  int64_t num_samples() const { return kept_.num_lines() + rejects_.num_lines(); }

  // Writes both files and the receipt.
  Result<Receipt> finish(const ShardTask& task, double seconds);

 private:
  ShardWriter kept_;
  ShardWriter rejects_;
  RejectCounts rejected_;
};

// Encodes a sample for a step's output, with its rejection named after the step. An id that is
// missing is a bug of the step, reported as Internal.
Status finish_sample(Sample& sample, const std::string& label);

// Makes samples [first, first + count) of a source.
Result<Receipt> make_source_shard(const Source& source, int64_t first, int64_t count,
                                  const ShardTask& task);

// Puts the samples of the input shard through a stage; `num_samples` is how many it must have.
Result<Receipt> make_stage_shard(const Stage& stage, const std::filesystem::path& input,
                                 int64_t num_samples, const ShardTask& task);

}  // namespace caco
