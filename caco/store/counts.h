// Counts of a run, read from its receipts: the funnel. Reads only; may be called while a run is at
// work, in this process or another, and from several threads.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "caco/store/receipt.h"
#include "caco/store/run_directory.h"

namespace caco {

struct StepCounts {
  std::string folder;
  std::string label;       // folder without its number
  int64_t num_shards = 0;  // with a receipt
  // Of these, made with other options than those that the step last began with.
  int64_t num_stale_shards = 0;
  bool is_barrier_done = false;  // it has a step receipt
  int64_t num_kept = 0;
  RejectCounts rejected;
  double seconds = 0;  // sum over shards

  int64_t num_rejected() const { return total_of(rejected); }
};

// Returns the counts of these step folders, in this order; steps not begun have zeros.
std::vector<StepCounts> read_counts(const RunDirectory& run,
                                    const std::vector<std::string>& folders);

}  // namespace caco
