// Benchmarks: problems with gold answers to evaluate models on. Either the seed families make them
// (structures that the run's seeds have, or structures held out from them), or a JSON Lines file
// brings them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "caco/base/options.h"
#include "caco/base/result.h"
#include "caco/sandbox/sandbox.h"

namespace caco {

// One [[benchmark]] table of a recipe.
struct BenchmarkOptions {
  std::string name = "benchmark";
  std::string kind = "families";  // or "file"
  std::string split = "unseen";   // families: "seen" or "unseen"
  std::string path;               // file: JSON Lines, plain, .gz or .zst
  std::string question_field = "question";
  std::string answer_field = "answer";
  int64_t num_problems = 500;  // file: at most so many, from its beginning; 0 = all
  // From here on not described: the plan fills them in.
  int64_t seed = 0;                         // families: that of the families' seeds
  std::filesystem::path families_folder{};  // families: where they are installed
};

void describe(OptionFields& fields, BenchmarkOptions& options);

struct BenchmarkProblem {
  std::string id;
  std::string question;
  std::string answer;
};

// Returns what the problems depend on: the options and the hash of the file.
std::string benchmark_fingerprint(const BenchmarkOptions& options);

// Returns the problems in order. InvalidArgument when a line of a file lacks a field (with file and
// line), NotFound when a file is not there.
Result<std::vector<BenchmarkProblem>> load_benchmark(const BenchmarkOptions& options,
                                                     Sandbox& sandbox);

}  // namespace caco
