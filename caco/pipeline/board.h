// The board: what the threads of a run know of each other's steps. A step's thread posts the shards
// that it finished, and threads of later steps wait for them. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "caco/base/result.h"
#include "caco/store/receipt.h"

namespace caco {

// Returns the error of work that was given up because the run stops.
Error run_was_stopped();

enum class StepState { Waiting, Running, Done, Failed, Stopped };

// How far a step is. Totals are -1 while unknown.
struct StepProgress {
  StepState state = StepState::Waiting;
  int64_t num_shards = 0;         // finished in this run or before
  int64_t num_shards_reused = 0;  // of these, found finished
  bool is_reused = false;         // the step is done, and all of it was found finished
  int64_t num_done = 0;           // samples that came out, kept or rejected (or units of a barrier)
  int64_t num_reused = 0;         // of these, found finished
  int64_t num_total = -1;  // samples that will come out; an estimate until the input is whole
  int64_t num_kept = 0;
  int64_t num_rejected = 0;
  std::string note;  // what a barrier is doing
};

// Called from the threads of the steps, one call at a time; must be quick.
using ProgressReport = std::function<void(int64_t step, const StepProgress& progress)>;

// A finished shard, as later steps need it.
struct PostedShard {
  std::string content_hash;
  std::string rejects_hash;
  int64_t num_kept = 0;
  RejectCounts rejected;
};

PostedShard posted_shard_of(const Receipt& receipt);

class Board {
 public:
  Board(int64_t num_steps, ProgressReport report);

  // Posts shard after shard, in order.
  void post_shard(int64_t step, const PostedShard& shard, bool is_reused);

  // No further shards will come. `is_reused`: all that the step left was found finished.
  void post_complete(int64_t step, bool is_reused);

  // Changes a step's progress under the lock and reports it.
  void update(int64_t step, const std::function<void(StepProgress&)>& change);

  // Waits for a shard: its data, or nothing when the step is complete without it. Cancelled when
  // the run stops.
  Result<std::optional<PostedShard>> wait_for_shard(int64_t step, int64_t shard);

  // Waits until the step is complete; returns its shards.
  Result<std::vector<PostedShard>> wait_for_step(int64_t step);

  // Returns the number of samples that the step will have kept in the end, estimated from its
  // finished shards while it is not complete; -1 while nothing is known.
  int64_t expected_kept(int64_t step) const;

  StepProgress progress(int64_t step) const;
  RejectCounts rejected(int64_t step) const;

  // Stops the run: the first error stays. Every wait returns Cancelled from here on.
  void stop(const Error& error);
  bool is_stopped() const;
  std::optional<Error> stop_error() const;

 private:
  struct StepEntry {
    std::vector<PostedShard> shards;
    bool is_complete = false;
    StepProgress progress;
  };
  const StepEntry& entry(int64_t step) const { return steps_[static_cast<size_t>(step)]; }
  StepEntry& entry(int64_t step) { return steps_[static_cast<size_t>(step)]; }

  const ProgressReport report_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<StepEntry> steps_;     // guarded by mutex_
  std::optional<Error> stop_error_;  // guarded by mutex_
};

}  // namespace caco
