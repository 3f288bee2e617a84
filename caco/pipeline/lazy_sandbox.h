// A sandbox that starts at its first use, so that a plan can be made and shown, and a finished run
// be run again, without starting an interpreter. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "caco/sandbox/sandbox.h"

namespace caco {

class LazySandbox final : public Sandbox {
 public:
  explicit LazySandbox(const SandboxOptions& options) : options_(options) {}

  // Starts the sandbox if needed; its Error is returned by every call.
  Result<Execution> run(const std::string& program) override;
  std::vector<SandboxCheck> checks() const override;

 private:
  Result<Sandbox*> started();

  const SandboxOptions options_;
  mutable std::mutex mutex_;
  std::unique_ptr<Sandbox> sandbox_;  // guarded by mutex_ until it is set
};

}  // namespace caco
