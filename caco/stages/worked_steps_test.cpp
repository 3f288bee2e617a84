#include "caco/stages/worked_steps.h"

#include <gtest/gtest.h>

namespace caco {
namespace {

constexpr const char* kQuestion = "4 trays hold 6 rolls each. 5 rolls are sold. How many are left?";
constexpr const char* kProgram = "def solve(trays, rolls, sold):\n    total = trays * rolls\n";

TEST(WorkedSteps, Checks) {
  const struct {
    const char* solution;
    StepsVerdict verdict;
    const char* detail;  // must occur in the detail
  } rows[] = {
      {"There are 4 * 6 = <<4*6=24>>24 rolls.\n24 - 5 = <<24-5=19>>19 are left.\n#### 19",
       StepsVerdict::Agree, ""},
      {"There are 4 * 6 = 24 rolls, then 24 - 5 = 19.\n#### 19", StepsVerdict::Agree, ""},
      {"24 rolls at first, so 19.\n#### 19", StepsVerdict::Agree, ""},
      {"It must be 19.\n#### 19", StepsVerdict::Disagree, "0 of 1 intermediate values"},
      {"4 * 6 = <<4*6=25>>25, 25 - 6 = <<25-6=19>>19.\n#### 19", StepsVerdict::Disagree,
       "<<4*6=25>> does not hold"},
      {"4 * 6 = 25 rolls, so 19.\n#### 19", StepsVerdict::Disagree, "4 * 6 = 25 does not hold"},
      {"<<17+2=19>>19\n#### 19", StepsVerdict::Disagree, "comes from nowhere"},
      {"<<four*6=24>>24\n#### 19", StepsVerdict::Disagree, "cannot be computed"},
      // What running text must not be taken for.
      {"Step 2. 4 * 6 = 24, f(2) + 3 = 9, x - 8 + 3 = 24, 2^3 = 8\n#### 19", StepsVerdict::Agree,
       ""},
      {"24 / 7 = 3 remainder 3, 24 / 7 = 3 (rounded down), 24 / 7 = 3.43\n#### 19",
       StepsVerdict::Agree, ""},
      {"4 * 6 = 2 * 12 = $24.00.\n#### 19", StepsVerdict::Agree, ""},
      {"4 x 60/10 = 24, 2 \\times 12 = 24, 6 ÷ 3 = 2 and 6/24 * 100 = 25%\n#### 19",
       StepsVerdict::Agree, ""},
      {"2 x 13 = 24\n#### 19", StepsVerdict::Disagree, "2 * 13 = 24 does not hold"},
      {"4 * 6 = 2 * 13 = 24.\n#### 19", StepsVerdict::Disagree, "does not hold"},
      {"5 * 4 = 21% of it, 24\n#### 19", StepsVerdict::Disagree, "5 * 4 = 21%"},
      {"1,000 * 2 = 2,000 and 24\n#### 19", StepsVerdict::Agree, ""},
  };
  const std::vector<std::pair<std::string, std::string>> inputs = {
      {"trays", "4"}, {"rolls", "6"}, {"sold", "5"}};
  const ProgramTrace trace = parse_trace({"24", "19"});
  for (const auto& row : rows) {
    const StepsCheck found =
        check_steps({kQuestion, row.solution, kProgram, "19", &inputs, &trace, 0.5});
    EXPECT_EQ(static_cast<int>(found.verdict), static_cast<int>(row.verdict))
        << row.solution << ": " << found.detail;
    EXPECT_NE(found.detail.find(row.detail), std::string::npos) << found.detail;
  }
}

TEST(WorkedSteps, WithoutNumbersThereIsNothingToCheck) {
  const std::vector<std::pair<std::string, std::string>> inputs = {{"word", "'level'"}};
  const ProgramTrace trace;
  const StepsCheck found = check_steps({"Is level a palindrome?", "It reads alike.\n#### yes",
                                        "def solve(word):\n", "'yes'", &inputs, &trace, 0.5});
  EXPECT_EQ(static_cast<int>(found.verdict), static_cast<int>(StepsVerdict::Nothing));
}

TEST(WorkedSteps, RoundedValuesAreShared) {
  const std::vector<std::pair<std::string, std::string>> inputs = {{"total", "100"}};
  const ProgramTrace trace = parse_trace(Json::array({"33.333333333333336"}));
  const StepsCheck found = check_steps(
      {"100 in 3 parts", "100 / 3 = <<100/3=33.33>>33.33\n#### 33", "", "33", &inputs, &trace, 1});
  EXPECT_EQ(static_cast<int>(found.verdict), static_cast<int>(StepsVerdict::Agree)) << found.detail;
}

TEST(WorkedSteps, ListsOfTheSolutionMustBeTheProgramsOwn) {
  const ProgramTrace trace = parse_trace({"[2, 3, 5]", "3"});
  const std::vector<std::pair<std::string, std::string>> inputs = {{"numbers", "[5, 2, 3]"}};
  const struct {
    const char* solution;
    StepsVerdict verdict;
  } rows[] = {{"Sorted: [2, 3, 5]. The middle: 3.\n#### 3", StepsVerdict::Agree},
              {"Sorted: [3, 2, 5]. The middle: 3.\n#### 3", StepsVerdict::Disagree}};
  for (const auto& row : rows) {
    const StepsCheck found = check_steps({"Sort [5, 2, 3]. What stands in the middle?",
                                          row.solution, "", "7", &inputs, &trace, 0.5});
    EXPECT_EQ(static_cast<int>(found.verdict), static_cast<int>(row.verdict)) << found.detail;
  }
}

TEST(WorkedSteps, ParsesTraces) {
  const struct {
    Json output;
    size_t num_numbers;
    size_t num_literals;
  } rows[] = {
      {Json::array(), 0, 0},
      {{"24", "19", "2.5"}, 3, 0},
      {{"24", "nan", "", "inf", "19"}, 2, 0},
      {{"[1, 2]", "'ab'", "\"it's\"", "(1, 2)", "7"}, 1, 4},
      {Json("24;19"), 0, 0},
      {Json::array({5, nullptr, Json::array({"1"})}), 0, 0},
  };
  for (const auto& row : rows) {
    const ProgramTrace trace = parse_trace(row.output);
    EXPECT_EQ(trace.numbers.size(), row.num_numbers) << row.output;
    EXPECT_EQ(trace.literals.size(), row.num_literals) << row.output;
  }
}

}  // namespace
}  // namespace caco
