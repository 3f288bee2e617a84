// One sandbox for all tests of a program, as starting interpreters takes longer than most tests.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "caco/sandbox/sandbox.h"

namespace caco {

// Returns a sandbox with small limits: 250 ms of CPU time, 128 MiB.
inline Sandbox& test_sandbox() {
  static const std::unique_ptr<Sandbox> sandbox = [] {
    SandboxOptions options;
    options.num_workers = 2;
    options.cpu_limit_ms = 250;
    options.wall_limit_ms = 60'000;
    options.memory_limit_mb = 128;
    Result<std::unique_ptr<Sandbox>> created = Sandbox::create(options);
    if (!created.ok()) ADD_FAILURE() << to_string(created.error());
    return created.ok() ? std::move(created).value() : nullptr;
  }();
  return *sandbox;
}

// Returns what came of a program that the sandbox itself could run.
inline Execution run_in_test_sandbox(const std::string& program) {
  Result<Execution> execution = test_sandbox().run(program);
  if (execution.ok()) return std::move(execution).value();
  ADD_FAILURE() << to_string(execution.error());
  return {};
}

}  // namespace caco
