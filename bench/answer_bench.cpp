// How many pairs of answers are compared per second of one core's time, by form of the answers.
// Pairs are made here from a fixed seed, so that results can be compared between machines and
// commits; then the labelled suite of this project and, where the data is there, the rewrites of
// MATH's answers, with their slowest pairs. Processor time is measured, not the clock on the wall.
//   answer_bench [seconds a case, 1 by default] [suite folder] [rewrites, gzipped JSON Lines]
#include <time.h>
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "caco/answer/answer.h"
#include "caco/base/json.h"

namespace {

using Pair = std::pair<std::string, std::string>;
using MakePair = std::function<Pair(std::mt19937_64& random)>;

constexpr size_t kPairsPerCase = 1000;

int64_t draw(std::mt19937_64& random, int64_t limit) {
  return static_cast<int64_t>(random() % static_cast<uint64_t>(limit));
}

// Half of the pairs are equal.
std::string near(std::mt19937_64& random, int64_t number) {
  return std::to_string(number + draw(random, 2));
}

Pair integers(std::mt19937_64& random) {
  const int64_t number = draw(random, 1000000);
  return {std::to_string(number), near(random, number)};
}

Pair decimals(std::mt19937_64& random) {
  const int64_t number = draw(random, 100000);
  return {std::to_string(number) + ".25", near(random, number) + ".250"};
}

Pair fractions(std::mt19937_64& random) {
  const std::string above = std::to_string(draw(random, 1000));
  const int64_t below = 1 + draw(random, 1000);
  return {"\\frac{" + above + "}{" + std::to_string(below) + "}",
          above + "/" + near(random, below)};
}

Pair quantities(std::mt19937_64& random) {
  const int64_t number = draw(random, 1000);
  return {std::to_string(number) + "\\text{ cm}^2", near(random, number) + " square centimeters"};
}

Pair lists(std::mt19937_64& random) {
  std::string python = "[";
  std::string latex = "\\left(";
  for (int i = 0; i < 8; ++i) {
    const std::string number = std::to_string(draw(random, 100));
    python += (i > 0 ? ", " : "") + number;
    latex += (i > 0 ? "," : "") + number;
  }
  return {python + "]", latex + "\\right)"};
}

Pair expressions(std::mt19937_64& random) {
  const std::string number = std::to_string(draw(random, 100));
  return {number + "x^{2} + \\sqrt{" + number + "}",
          number + "*x**2+sqrt(" + near(random, 5) + ")"};
}

Pair words(std::mt19937_64& random) {
  return {"'no solution'", draw(random, 2) == 0 ? "No solution" : "one solution"};
}

double processor_seconds() {
  timespec now = {};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// Calls work(0), ..., work(count - 1) until the time is over, and prints how many calls a second.
void run_case(const char* name, double seconds, size_t count,
              const std::function<void(size_t)>& work) {
  const double start = processor_seconds();
  int64_t num_calls = 0;
  double elapsed = 0;
  while (elapsed < seconds) {
    for (size_t i = 0; i < count; ++i)
      work(i);
    num_calls += static_cast<int64_t>(count);
    elapsed = processor_seconds() - start;
  }
  std::printf("%-22s %12.0f per second\n", name, static_cast<double>(num_calls) / elapsed);
}

int64_t compare_all(const char* name, double seconds, const std::vector<Pair>& pairs) {
  int64_t num_equal = 0;
  run_case(name, seconds, pairs.size(), [&](size_t i) {
    const caco::AnswerComparison comparison =
        caco::compare_answers(pairs[i].first, pairs[i].second);
    if (comparison.equality == caco::Equality::Equal) ++num_equal;
  });
  return num_equal;
}

// How the time spreads over the pairs of a file, and which pair took longest.
void print_spread(const std::vector<Pair>& pairs) {
  std::vector<std::pair<double, size_t>> times;
  for (size_t i = 0; i < pairs.size(); ++i) {
    const double start = processor_seconds();
    static_cast<void>(caco::compare_answers(pairs[i].first, pairs[i].second));
    times.emplace_back(processor_seconds() - start, i);
  }
  std::sort(times.begin(), times.end());
  const auto microseconds = [&](size_t i) {
    return 1e6 * times[i].first;
  };
  const Pair& slowest = pairs[times.back().second];
  std::printf("  %zu pairs: median %.1f us, 99 %% below %.0f us, slowest %.0f us: %.60s | %.60s\n",
              times.size(), microseconds(times.size() / 2), microseconds(times.size() * 99 / 100),
              microseconds(times.size() - 1), slowest.first.c_str(), slowest.second.c_str());
}

void add_row(const std::string& line, std::vector<Pair>& pairs) {
  const caco::Result<caco::Json> row = caco::parse_json(line);
  if (!row.ok() || row.value().value("mode", "bare") != "bare") return;
  pairs.emplace_back(row.value()["gold"].get<std::string>(),
                     row.value()["pred"].get<std::string>());
}

std::vector<Pair> read_suite(const std::filesystem::path& folder) {
  std::vector<Pair> pairs;
  if (!std::filesystem::is_directory(folder)) return pairs;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    for (std::string line; std::getline(file, line);)
      add_row(line, pairs);
  }
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

std::vector<Pair> read_zipped(const std::filesystem::path& path) {
  std::vector<Pair> pairs;
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return pairs;
  std::vector<char> line(1 << 20);
  while (gzgets(file, line.data(), static_cast<int>(line.size())) != nullptr)
    add_row(line.data(), pairs);
  gzclose(file);
  return pairs;
}

int64_t compare_file(const char* name, double seconds, const std::vector<Pair>& pairs) {
  if (pairs.empty()) {
    std::printf("%-22s not there\n", name);
    return 0;
  }
  const int64_t num_equal = compare_all(name, seconds, pairs);
  print_spread(pairs);
  return num_equal;
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 1.0;
  const std::filesystem::path suite = argc > 2 ? argv[2] : "tests/answers/suite";
  const std::filesystem::path rewrites =
      argc > 3 ? argv[3] : "../shared/data/answers/rewrites_dev.jsonl.gz";
  const std::vector<std::pair<const char*, MakePair>> cases = {
      {"integers", integers},     {"decimals", decimals}, {"fractions", fractions},
      {"quantities", quantities}, {"lists of 8", lists},  {"expressions", expressions},
      {"words", words},
  };
  int64_t num_equal = 0;
  for (const auto& [name, make_pair] : cases) {
    std::mt19937_64 random(1);
    std::vector<Pair> pairs;
    for (size_t i = 0; i < kPairsPerCase; ++i)
      pairs.push_back(make_pair(random));
    num_equal += compare_all(name, seconds, pairs);
  }
  const std::string solution =
      "There are 4 * 6 = <<4*6=24>>24 rolls.\nAfter selling 5, 24 - 5 = <<24-5=19>>19 are left.\n"
      "#### 19";
  run_case("extraction", seconds, kPairsPerCase, [&](size_t) {
    if (!caco::extract_answer(solution).text.empty()) ++num_equal;
  });
  num_equal += compare_file("labelled suite", seconds, read_suite(suite));
  num_equal += compare_file("rewrites of MATH", seconds, read_zipped(rewrites));
  return num_equal > 0 ? 0 : 1;
}
