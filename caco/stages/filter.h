// filter: the paper's rules on programs that ran (method, section 4: length, every input used,
// output present; for seeds the output equals the gold answer), cheapest first. Each rule is an
// option; the defaults are the paper's where it states one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "caco/stages/stage.h"

namespace caco {

// Seeds have a gold answer to be compared with; generated programs have none.
enum class FilterKind { Seeds, Generated };

struct FilterOptions {
  int64_t min_effective_lines = 6;
  int64_t max_effective_lines = 200;
  bool require_inputs = true;
  bool require_used_inputs = true;
  int64_t max_output_chars = 2000;
  bool require_deterministic = true;
  std::vector<std::string> forbidden_imports = {"ctypes", "os",         "random", "secrets",
                                                "socket", "subprocess", "sys",    "threading",
                                                "time",   "urllib",     "uuid"};
  std::string unknown_gold = "reject";  // or "keep"
};

void describe(OptionFields& fields, FilterOptions& options);

// Returns the stage. Rejections: NoOutput, OutputTooLarge, NoInput, UnusedInput, TooShort, TooLong,
// ForbiddenImport, NotDeterministic; for seeds WrongAnswer and UnknownAnswer. A seed without gold
// answer passes when its program is the user's own and counts as unknown when a model wrote it.
std::unique_ptr<Stage> make_filter_stage(const FilterOptions& options, FilterKind kind);

}  // namespace caco
