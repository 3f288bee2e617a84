// execute: runs each sample's program in the sandbox and keeps what came out. The paper's rules
// "executability" and "efficiency" (section 4 of its method): a program that raises, runs out of
// time, memory or output, or leaves values that have no data form is rejected with the reason; its
// execution part is kept, so that people can see why. A program that ran to its end without an
// `output` passes here and is rejected by `filter`.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "caco/record/sample.h"
#include "caco/sandbox/sandbox.h"
#include "caco/stages/stage.h"

namespace caco {

struct ExecuteOptions {
  int64_t batch_size = 32;
  // From here on not described: the plan fills them in.
  SandboxOptions sandbox;  // those that the sandbox was made with; they are part of the fingerprint
};

void describe(OptionFields& fields, ExecuteOptions& options);

// Returns the stage. `sandbox` must outlive it. An Error of the sandbox stops the step.
std::unique_ptr<Stage> make_execute_stage(const ExecuteOptions& options, Sandbox& sandbox);

// Returns why a program that ended so is rejected; nothing for Ok and NoOutput.
std::optional<Rejection> rejection_of(const Execution& execution);

}  // namespace caco
