#include "caco/stages/evaluation_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "caco/stages/accuracy.h"

namespace caco {
namespace {

int64_t count(const ModelResult& result, Outcome outcome) {
  return std::count(result.outcomes.begin(), result.outcomes.end(), outcome);
}

int64_t num_problems(const ModelResult& result) {
  return static_cast<int64_t>(result.outcomes.size());
}

double accuracy_of(const ModelResult& result) {
  if (result.outcomes.empty()) return 0;
  return static_cast<double>(count(result, Outcome::Correct)) /
         static_cast<double>(result.outcomes.size());
}

PairedDifference compare(const ModelResult& left, const ModelResult& right) {
  assert(left.outcomes.size() == right.outcomes.size());
  PairedCounts counts;
  for (size_t i = 0; i < left.outcomes.size(); ++i) {
    const bool left_is_correct = left.outcomes[i] == Outcome::Correct;
    const bool right_is_correct = right.outcomes[i] == Outcome::Correct;
    if (left_is_correct && right_is_correct) ++counts.both;
    if (left_is_correct && !right_is_correct) ++counts.only_left;
    if (!left_is_correct && right_is_correct) ++counts.only_right;
    if (!left_is_correct && !right_is_correct) ++counts.neither;
  }
  return paired_difference(counts);
}

Json result_to_json(const ModelResult& result) {
  const Interval interval = wilson_interval(count(result, Outcome::Correct), num_problems(result));
  Json json;
  json["model"] = result.model;
  json["correct"] = count(result, Outcome::Correct);
  json["wrong"] = count(result, Outcome::Wrong);
  json["unknown"] = count(result, Outcome::Unknown);
  json["no_answer"] = count(result, Outcome::NoAnswer);
  json["accuracy"] = accuracy_of(result);
  json["low"] = interval.low;
  json["high"] = interval.high;
  json["completion_tokens"] = result.completion_tokens;
  return json;
}

std::string percent(double share) {
  return fmt::format("{:.1f}", 100 * share);
}

}  // namespace

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::Correct:
      return "correct";
    case Outcome::Wrong:
      return "wrong";
    case Outcome::Unknown:
      return "unknown";
    case Outcome::NoAnswer:
      return "no_answer";
  }
  return "";
}

Json evaluation_to_json(const std::vector<BenchmarkResult>& benchmarks) {
  Json list = Json::array();
  for (const BenchmarkResult& benchmark : benchmarks) {
    Json json;
    json["benchmark"] = benchmark.benchmark;
    json["num_problems"] = benchmark.results.empty() ? 0 : num_problems(benchmark.results.front());
    json["models"] = Json::array();
    json["comparisons"] = Json::array();
    for (size_t i = 0; i < benchmark.results.size(); ++i) {
      json["models"].push_back(result_to_json(benchmark.results[i]));
      for (size_t j = 0; j < i; ++j) {
        const PairedDifference found = compare(benchmark.results[i], benchmark.results[j]);
        Json pair;
        pair["model"] = benchmark.results[i].model;
        pair["against"] = benchmark.results[j].model;
        pair["difference"] = found.difference;
        pair["low"] = found.interval.low;
        pair["high"] = found.interval.high;
        pair["p_value"] = found.p_value;
        json["comparisons"].push_back(pair);
      }
    }
    list.push_back(json);
  }
  Json all;
  all["benchmarks"] = list;
  return all;
}

std::string evaluation_to_markdown(const std::vector<BenchmarkResult>& benchmarks) {
  std::string text = "# Evaluation\n";
  for (const BenchmarkResult& benchmark : benchmarks) {
    if (benchmark.results.empty()) continue;
    const ModelResult& base = benchmark.results.front();
    text += fmt::format("\n## {}: {} problems\n\n", benchmark.benchmark, num_problems(base));
    text += fmt::format(
        "| model | correct % | 95 % interval | wrong | unknown | no answer | against {} | p |\n"
        "|---|---|---|---|---|---|---|---|\n",
        base.model);
    for (const ModelResult& result : benchmark.results) {
      const Interval interval =
          wilson_interval(count(result, Outcome::Correct), num_problems(result));
      std::string difference = "| ";
      if (&result != &base) {
        const PairedDifference found = compare(result, base);
        difference =
            fmt::format("{:+.1f} ({:+.1f} to {:+.1f}) | {:.3g}", 100 * found.difference,
                        100 * found.interval.low, 100 * found.interval.high, found.p_value);
      }
      text +=
          fmt::format("| {} | {} | {} to {} | {} | {} | {} | {} |\n", result.model,
                      percent(accuracy_of(result)), percent(interval.low), percent(interval.high),
                      count(result, Outcome::Wrong), count(result, Outcome::Unknown),
                      count(result, Outcome::NoAnswer), difference);
    }
  }
  text +=
      "\nIntervals of accuracies are Wilson's; differences are in percentage points on the same "
      "problems, with the\nadjusted Wald interval; p is McNemar's exact test.\n";
  return text;
}

}  // namespace caco
