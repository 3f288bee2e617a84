// ProgramRunner: the one path of a program through the service: wait for a turn, run, count.
// Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "caco/sandbox/sandbox.h"
#include "caco/sandbox_service/metrics.h"
#include "caco/sandbox_service/run_queue.h"

namespace caco {

// What became of a program: how it got its turn, and what the sandbox says when it did.
struct RunOutcome {
  Admission admission = Admission::Granted;
  std::optional<Result<RunReport>> result;
};

class ProgramRunner {
 public:
  ProgramRunner(Sandbox& sandbox, RunQueue& queue, ServiceMetrics& metrics)
      : sandbox_(sandbox), queue_(queue), metrics_(metrics) {}

  // A program whose client goes away is killed, or not begun: Admission::Cancelled either way.
  RunOutcome run(const RunRequest& request, const RunQueue::Caller& caller);

  // Seconds until a program that comes now would get its turn, from how long programs took so far;
  // at least 1, at most 60.
  int64_t seconds_until_turn() const;

 private:
  Sandbox& sandbox_;
  RunQueue& queue_;
  ServiceMetrics& metrics_;
  std::atomic<int64_t> num_runs_{0};
  std::atomic<int64_t> wall_us_{0};
};

}  // namespace caco
