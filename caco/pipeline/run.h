// The run loop, the only one: for each shard of a step, if a receipt matches skip it, else make it.
//
// Theory of operation. Every step has a thread that walks its shards in order. Before shard s it
// waits until the step before it has finished its shard s, so that steps overlap; a barrier, and
// whatever needs a whole step, waits for the step. A step looks at its fingerprint when its turn
// comes, not earlier, because it may depend on a model that an earlier step trains. Inside a shard
// several batches are worked on at once and taken in order (ordered_work.h). Nothing is decided by
// time or by the number of threads, so equal input gives equal bytes.
//
// To resume is to run again: finished shards are recognised by their receipts, and a shard whose
// input or options changed is made anew, which in turn changes the input of the next step, or does
// not, when the same bytes come out.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "caco/base/result.h"
#include "caco/pipeline/board.h"
#include "caco/pipeline/step.h"
#include "caco/store/run_directory.h"

namespace caco {

struct RunControls {
  int64_t shard_size = 256;  // samples in a shard of a source or a barrier
  // Asked several times a second; true stops the run after the batches at work.
  std::function<bool()> is_cancelled;
  ProgressReport report;
};

struct StepResult {
  std::string folder;
  StepProgress progress;
  RejectCounts rejected;
};

// Runs the steps. Returns what each did, after checking that the numbers add up along the plan.
// The first Error stops all steps and is returned with the step (and shard) in its message; what
// was finished stays. Cancelled when is_cancelled said so. REQUIRES: the caller holds the run's
// lock.
Result<std::vector<StepResult>> run_steps(const std::vector<Step>& steps, const RunDirectory& run,
                                          const RunControls& controls);

}  // namespace caco
