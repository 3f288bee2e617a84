// One line of a seed file: where its parts stand in the JSON object (the field map), and how they
// become a Seed. Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "caco/base/options.h"
#include "caco/base/result.h"
#include "caco/record/sample.h"

namespace caco {

// Longest line of a seed file; a longer one is no seed.
inline constexpr int64_t kMaxSeedLineBytes = 1 << 20;

// Where the parts of a seed stand. Each is a field path, "meta.question" or "examples.0.output"
// (numbers count list elements from 0); alternatives are parted by "|" and the first that is there
// is taken; with "instruction+input" the texts of several fields are joined, those after the first
// being optional. Empty: the part does not exist.
struct FieldMap {
  std::string question = "question|problem|instruction";
  std::string solution = "solution";
  std::string program = "program|code";
  std::string answer = "answer";
  std::string id = "id";
  // A test of the program, such as `assert f(2) == 4`, put below it: it shows how it is called.
  std::string test;
};
void describe(OptionFields& fields, FieldMap& map);

// Returns the field map of a known layout; InvalidArgument says which there are:
//   plain   question, solution, program, answer, id
//   gsm8k   question and answer, where the answer is a worked solution that ends in "#### 42";
//           also with solution and program apart
//   alpaca  instruction (with input) and output; also code and answer, as in a data set made here
//   mbpp    text or question, code or program, test_list
Result<FieldMap> field_map_preset(std::string_view name);

// Either a seed (without source and location) or what is wrong with the line, in words.
struct SeedLine {
  std::optional<Seed> seed;
  std::string problem;
};

// Reads one line. A seed has a question, and a solution or a program. A gold answer that is not
// given is taken from the solution's last "#### ANSWER" or \boxed{ANSWER}. Never fails otherwise,
// whatever the bytes.
SeedLine parse_seed_line(std::string_view line, const FieldMap& map);

}  // namespace caco
