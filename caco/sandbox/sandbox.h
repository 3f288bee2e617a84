// Sandbox: runs untrusted Python programs, each in a forked child of a warm interpreter, jailed,
// limited and killed for certain.
//
// Theory of operation, threat model and what is not promised: docs/sandbox.md. Thread-safe:
// run() may be called from as many threads as there are workers; more callers wait their turn.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "caco/base/options.h"
#include "caco/base/result.h"
#include "caco/record/sample.h"
#include "caco/sandbox/run_request.h"

namespace caco {

struct SandboxOptions {
  int64_t num_workers = 2;
  int64_t cpu_limit_ms = 5000;
  // A backstop: CPU time decides, so that load does not change verdicts.
  int64_t wall_limit_ms = 20000;
  // Counts what a program waits for a core too: for callers that wait for so long and no longer.
  // Verdicts then depend on load.
  bool wall_limit_counts_waiting = false;
  int64_t memory_limit_mb = 512;
  int64_t stdout_limit_bytes = int64_t{64} << 10;
  int64_t value_limit_bytes = int64_t{64} << 10;  // of `input` and `output` in their data form
  int64_t max_int_digits = 10000;                 // the paper's rule for outputs
  // A second run with another hash seed; a different output clears is_deterministic.
  bool run_twice = false;
  std::string python = "/usr/bin/python3";
  bool allow_weak_isolation = false;  // run although the kernel cannot give the stated minimum
};

void describe(OptionFields& fields, SandboxOptions& options);

// One thing that the self-test tried from inside a jailed child.
struct SandboxCheck {
  std::string name;  // "network", "write outside scratch", ...
  bool is_enforced = false;
  std::string detail;
};

class Sandbox {
 public:
  // Starts the warm interpreters and tries forbidden things from inside. Unavailable when the
  // kernel cannot give the stated minimum and weak isolation is not allowed; the message lists what
  // is missing and what to do.
  static Result<std::unique_ptr<Sandbox>> create(const SandboxOptions& options);
  virtual ~Sandbox() = default;

  // Runs one program. What the program did is data (Execution); an Error means that the sandbox
  // itself could not work.
  virtual Result<Execution> run(const std::string& program) = 0;

  // The same with standard input, files, limits and modes of its own, and all that was seen of the
  // run. InvalidArgument as check_request; Unavailable also when
  // the request has files and the kernel gives no scratch folder. Sandboxes that stand in for
  // others need not have it: Unavailable.
  virtual Result<RunReport> run_request(const RunRequest& request);

  // The results of the start-up self-test.
  virtual std::vector<SandboxCheck> checks() const = 0;
};

}  // namespace caco
