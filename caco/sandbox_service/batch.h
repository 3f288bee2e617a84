// The body of `POST /run_batch`: program rows in, one a line, and a stream of rows out.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "caco/sandbox_service/program_runner.h"
#include "caco/sandbox_service/run_limits.h"

namespace caco {

struct BatchOptions {
  bool is_ordered = true;
  int64_t num_threads = 1;
  ServiceLimits limits;
  std::function<bool(const std::string&)> write;  // false: the client takes no more
  std::function<bool()> is_gone;
};

// Lines that are worked on or done and not yet taken by the client, per thread.
inline constexpr int64_t kMaxRowsAheadPerThread = 64;

// Runs all rows of `body`; blank lines are passed over but counted. Returns false when the client
// went away first.
bool run_batch(const std::string& body, ProgramRunner& runner, const BatchOptions& options);

}  // namespace caco
