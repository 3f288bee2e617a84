// How many pairs of answers are compared per second on one core, by form of the answers. Pairs are
// made here from a fixed seed, so that results can be compared between machines and commits.
//   answer_bench [seconds a case, 1 by default]
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "caco/answer/answer.h"

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

void run_case(const char* name, double seconds, const std::function<void(size_t)>& work) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  int64_t count = 0;
  double elapsed = 0;
  while (elapsed < seconds) {
    for (size_t i = 0; i < kPairsPerCase; ++i)
      work(i);
    count += static_cast<int64_t>(kPairsPerCase);
    elapsed = std::chrono::duration<double>(Clock::now() - start).count();
  }
  std::printf("%-14s %12.0f per second\n", name, static_cast<double>(count) / elapsed);
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 1.0;
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
    run_case(name, seconds, [&](size_t i) {
      const caco::AnswerComparison comparison =
          caco::compare_answers(pairs[i].first, pairs[i].second);
      if (comparison.equality == caco::Equality::Equal) ++num_equal;
    });
  }
  const std::string solution =
      "There are 4 * 6 = <<4*6=24>>24 rolls.\nAfter selling 5, 24 - 5 = <<24-5=19>>19 are left.\n"
      "#### 19";
  run_case("extraction", seconds, [&](size_t) {
    if (!caco::extract_answer(solution).text.empty()) ++num_equal;
  });
  return num_equal > 0 ? 0 : 1;
}
