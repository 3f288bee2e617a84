// Batches of samples, made one after the other, worked on by several threads, and taken in the
// order in which they were made. So whatever the number of threads, the output is the same.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "caco/base/result.h"
#include "caco/record/reject_reason.h"

namespace caco {

// A sample on its way out, encoded.
struct OutgoingSample {
  std::string line;
  std::optional<RejectReason> rejected;
};

// One batch on its way through: what goes in, and what came out.
struct PassingBatch {
  int64_t first = 0;               // a source's index range
  int64_t count = 0;               // samples that went in, and must come out
  std::vector<std::string> lines;  // a stage's encoded input
  std::vector<OutgoingSample> samples;
};

struct OrderedWork {
  int64_t num_threads = 1;
  // Fills the next batch; false when there is none. Never called twice at once.
  std::function<Result<bool>(PassingBatch&)> make;
  // Called from several threads at once.
  std::function<Status(PassingBatch&)> work;
  // Called in the order of making, never twice at once.
  std::function<Status(PassingBatch&)> take;
};

// Batches that may be made and not yet taken, per thread: room for the quick ones to go on while a
// slow one holds up the taking.
inline constexpr int64_t kMaxBatchesAheadPerThread = 4;

// Runs until the last batch is taken or something fails; returns the first Error by time.
Status run_in_order(const OrderedWork& parts);

}  // namespace caco
