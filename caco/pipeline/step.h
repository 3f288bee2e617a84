// The steps of a plan, as the run loop sees them. Plain data.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "caco/base/result.h"
#include "caco/stages/stage.h"

namespace caco {

struct Step {
  std::string folder;  // "04-filter-seeds"; the order of folders is the order of steps
  std::variant<std::unique_ptr<Source>, std::unique_ptr<Stage>, std::unique_ptr<Barrier>> work;
  // Steps, by index, whose kept samples it reads: none for a source, one for a stage, any number
  // for a barrier.
  std::vector<int64_t> inputs;
  // Steps that must be complete before it starts although it reads none of their samples: a
  // generator is sampled after it was trained.
  std::vector<int64_t> after;
  // Barriers: inputs (by index of the step) whose samples must all come out again, kept or
  // rejected.
  std::vector<int64_t> passes_on;
  // What the result depends on besides the work's own fingerprint: options of a shared part, such
  // as the sandbox.
  std::string shared_fingerprint;

  bool is_source() const { return std::holds_alternative<std::unique_ptr<Source>>(work); }
  bool is_barrier() const { return std::holds_alternative<std::unique_ptr<Barrier>>(work); }
};

// Returns the folder without its number: "filter-seeds", "r2-filter".
std::string label_of(const Step& step);

StageParts parts_of(const Step& step);

// Returns the hash of everything besides the input that the step's result depends on, and the text
// it is the hash of. May read the files of a model: call it when the steps before it are complete.
struct Fingerprint {
  std::string text;
  std::string hash;
};
Fingerprint fingerprint_of(const Step& step);

// Returns InvalidArgument, naming step and part, when a step reads a later one, has a wrong number
// of inputs, shares its folder, or needs a part that none of the steps before it fills.
Status check_steps(const std::vector<Step>& steps);

}  // namespace caco
