// The two reports of an evaluation, made from counts: JSON for programs, Markdown for people. Pure
// functions, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "caco/base/json.h"

namespace caco {

// How an answer compared with the gold one.
enum class Outcome { Correct, Wrong, Unknown, NoAnswer };

std::string_view to_string(Outcome outcome);

// One model on one benchmark; outcomes in the order of the problems.
struct ModelResult {
  std::string model;
  std::vector<Outcome> outcomes;
  int64_t completion_tokens = 0;
};

// REQUIRES: all results have as many outcomes as the benchmark has problems.
struct BenchmarkResult {
  std::string benchmark;
  std::vector<ModelResult> results;
};

Json evaluation_to_json(const std::vector<BenchmarkResult>& benchmarks);
std::string evaluation_to_markdown(const std::vector<BenchmarkResult>& benchmarks);

}  // namespace caco
