// What the sandbox does and does not enforce on this machine: the part that `caco doctor` and
// `caco sandbox check` share.
#pragma once

#include <string>
#include <vector>

#include "caco/sandbox/sandbox.h"

namespace caco {

// One thing that was tried.
struct SandboxFinding {
  bool is_good = false;
  std::string name;
  std::string detail;
  std::string advice;  // what to do when it is not good; empty when nothing is known
};

// Starts a sandbox of one worker, weak if need be, and returns what its self-test found, and
// whether programs run, read standard input, get their files, and leave nothing to the next.
std::vector<SandboxFinding> examine_sandbox(SandboxOptions options);

}  // namespace caco
