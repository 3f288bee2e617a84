// ServiceLimits: the most that one request may ask for, and the times that follow from a time
// limit.
//
// A client names a time limit in seconds. It becomes the limit of CPU time, which a busy machine
// does not use up; the wall time is a backstop a little above it, for programs that sleep.
#pragma once

#include <cstdint>

#include "caco/sandbox/run_request.h"

namespace caco {

struct ServiceLimits {
  int64_t max_cpu_ms = 60'000;
  int64_t max_wall_ms = 90'000;
  int64_t max_memory_mb = 4096;
  int64_t max_stdout_bytes = 1 << 20;
  int64_t wall_percent = 120;  // wall limit of a request, in percent of its time limit
};

// Sets CPU and wall limit of a request from the time limit that its client named.
void set_time_limit(RunRequest& request, double seconds, const ServiceLimits& limits);

// Lowers what a request asks for to what the server allows; what it did not ask for gets the
// server's own. Returns whether something was lowered.
bool cap_request(RunRequest& request, const ServiceLimits& limits);

}  // namespace caco
