// Each mode against the verdicts of the grader that it reproduces, its wrong acceptances and
// refusals included: what a pair should be stands in tests/answers, not here.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "caco/answer/modes/dart.h"
#include "caco/answer/modes/grade.h"
#include "caco/answer/modes/hendrycks.h"
#include "caco/answer/modes/latex_prefix.h"
#include "caco/answer/modes/math_verify.h"
#include "caco/answer/modes/qwen.h"
#include "caco/answer/modes/text_rules.h"

namespace caco {
namespace {

struct GradedPair {
  std::string gold;
  std::string predicted;
};

void check_mode(GradeMode mode, Equality expected, const std::vector<GradedPair>& rows) {
  for (const GradedPair& row : rows) {
    const Grade grade = grade_answer(mode, row.gold, row.predicted, PredictionForm::Bare);
    EXPECT_EQ(to_string(grade.comparison.equality), to_string(expected))
        << to_string(mode) << ": " << row.gold << " | " << row.predicted;
  }
}

void check_extraction(GradeMode mode, const std::vector<GradedPair>& rows) {
  for (const GradedPair& row : rows) {
    const Grade grade = grade_answer(mode, "1", row.predicted, PredictionForm::Solution);
    EXPECT_EQ(grade.predicted, row.gold) << to_string(mode) << ": " << row.predicted;
  }
}

TEST(ModeHendrycks, TextsAfterReplacements) {
  check_mode(GradeMode::Hendrycks, Equality::Equal,
             {{"\\frac{1}{2}", "\\dfrac12"},
              {"\\frac{1}{2}", "0.5"},
              {"\\frac{3}{4}", "3/4"},
              {"\\sqrt{3}", "\\sqrt3"},
              {"x=5", "5"},
              {"45^\\circ", "45"},
              {"10\\%", "10"},
              {"5\\text{ cm}", "5"},
              {".5", "\\frac{1}{2}"},
              {"\\left(1, 2\\right)", "(1,2)"},
              {"", ""}});
  check_mode(GradeMode::Hendrycks, Equality::Different,
             {{"\\frac{1}{2}", "\\frac{2}{4}"},
              {"24", "24.0"},
              {"1,000", "1000"},
              {"2, 1", "1, 2"},
              {"x+1", "1+x"},
              {"abc=5", "5"}});
}

TEST(ModeHendrycks, LastClosedBox) {
  check_extraction(GradeMode::Hendrycks, {{"7", "so \\boxed{5}, no \\boxed{7}"},
                                          {"\\frac{1}{2}", "\\fbox{\\frac{1}{2}}"},
                                          {"", "\\boxed{1"},
                                          {"", "the answer is 5"}});
}

TEST(ModeQwen, ItsToleranceAndFactorOfAHundred) {
  check_mode(GradeMode::Qwen, Equality::Equal,
             {{"24", "24.0"},
              {"1000000", "1000050"},
              {"99999", "100000"},
              {"0.5", "50"},
              {"100", "1"},
              {"50\\%", "0.5"},
              {"\\frac{1}{3}", "0.33333"},
              {"\\frac{1}{2}", "\\dfrac12"},
              {"5", "5\\text{ cm}"},
              {"5 apples", "5"},
              {"x=5", "5"},
              {"A", "the letter (A)"}});
  check_mode(GradeMode::Qwen, Equality::Different,
             {{"24", "25"}, {"\\frac{1}{3}", "0.333"}, {"24", "-24"}, {"x", "y"}, {"5", ""}});
}

TEST(ModeQwen, ItsWrongAcceptances) {
  check_mode(GradeMode::Qwen, Equality::Equal,
             {{"6, -2", "6, -3"},
              {"12, 10, 6", "12, 10, 7"},
              {"10\\sqrt 2", "10\\sqrt 3"},
              {"(r+5)^2", "(r+5)^3"},
              {"x(y+1)", "xy+1"},
              {"(1)(2)", "12"},
              {"a-(b-c)", "a-b-c"},
              {"(1,2)", "[1,2]"},
              {"x>3", "x<3"},
              {"x\\ge 3", "x>3"},
              {"", ""}});
}

TEST(ModeQwen, ListsAndMatrices) {
  check_mode(GradeMode::Qwen, Equality::Equal,
             {{"(1,\\frac{9}{2})", "(1,4.5)"},
              {"\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}",
               "\\begin{bmatrix} 1 & 2 \\\\ 3 & 4.0 "
               "\\end{bmatrix}"}});
  check_mode(
      GradeMode::Qwen, Equality::Different,
      {{"(1,2)", "(1,3)"},
       {"(1,2)", "(2,1)"},
       {"\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "\\begin{pmatrix}1&2\\\\3&5\\end{pmatrix}"},
       {"y=2x", "2x=y"},  // sides of one or two letters are dropped before the equations are seen
       {"y=2x", "y=3x"}});
}

TEST(ModeQwen, Extraction) {
  check_extraction(GradeMode::Qwen, {{"7", "\\boxed{5} no \\boxed{7}"},
                                     {"12", "The final answer is $12$. I hope it is correct."},
                                     {"18", "The answer is 18."},
                                     {"42", "so it makes 4 and 42"},
                                     {"1234", "1,234 in all"},
                                     {"\\frac{1}{2}", "\\boxed{\\frac12}"},
                                     {"", "nothing"}});
}

TEST(ModeDart, NumbersAndTruth) {
  check_mode(GradeMode::Dart, Equality::Equal,
             {{"24", "24.0"},
              {"0.5", "50"},
              {"150", "1.5"},
              {"50\\%", "0.5"},
              {"yes", "True"},
              {"no", "none"},
              {"Monday", "mon"},
              {"5", "5km"},
              {"2", "2t"},
              {"\\frac{1}{2}", "0.5"},
              {"f(x)=x", "x"},
              {"(1,2)", "[1,2]"},
              {"five", "5"}});
  check_mode(GradeMode::Dart, Equality::Different,
             {{"24", "25"},
              {"1000000", "1000050"},
              {"yes", "no"},
              {"(1,2)", "(2,1)"},
              {"5", ""},
              {"5", "\xe4\xba\x94"}});
}

TEST(ModeDart, Extraction) {
  check_extraction(GradeMode::Dart, {{"7", "Therefore \\boxed{7}."},
                                     {"24", "words\n#### 24"},
                                     {"18", "The answer is 18."},
                                     {"3", "we have $2$ and $3$."},
                                     {"9", "it is 4 or 9"}});
}

TEST(ModeMathVerify, WhatItReadsAndWhatNot) {
  check_mode(GradeMode::MathVerify, Equality::Equal,
             {{"3\\frac{3}{4}", "3.75"},
              {"\\pi", "3.14159265"},
              {"101_2", "101"},
              {"1 1/2", "1"},
              {"odd", "\\text{odd}"},
              {"\\infty", "inf"},
              {"50\\%", "50 percent"},
              {"\\{5\\}", "5"},
              {"x-3>0", "x>3"},
              {"\\sin 2x", "2\\sin x\\cos x"}});
  check_mode(GradeMode::MathVerify, Equality::Different,
             {{"2x>6", "x>3"},
              {"3+4i", "3-4i"},
              {"i^2", "-1"},
              {"\u20ac5", "5"},
              {"2^n", "2**n"},
              {"0.\\overline{3}", "1/3"},
              {"1, 2", "1.2"},
              {"\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}", "(1,2)"}});
}

TEST(ModeMathVerify, Conventions) {
  check_mode(GradeMode::MathVerify, Equality::Equal,
             {{"24", "24.0"},
              {"\\frac{1}{3}", "0.333333"},
              {"9\\%", "9"},
              {"10\\%", "0.1"},
              {"2", "2t"},
              {"3", "3m"},
              {"5 km", "5 m"},
              {"\\frac{1}{2^{99}}", "\\frac{1}{2^{98}}"},
              {"(1,2)", "\\{1,2\\}"},
              {"x=5", "5"}});
  check_mode(GradeMode::MathVerify, Equality::Different,
             {{"24", "25"},
              {"1000000", "1000050"},
              {"\\frac{1}{3}", "0.33"},
              {"(-\\infty,3)", "x<3"},
              {"5", ""}});
}

TEST(ModeMathVerify, Extraction) {
  check_extraction(GradeMode::MathVerify,
                   {{"12", "The final answer is $12$. I hope it is correct."},
                    {"7", "\\boxed{7}"},
                    {"18", "The answer is 18."},
                    {"x+1", "we get\n\\[ x+1 \\]"},
                    {"9", "it is 4 or 9"}});
}

TEST(Modes, HaveNames) {
  for (const std::string name : {"exact", "qwen", "dart", "mathverify", "hendrycks"}) {
    const std::optional<GradeMode> mode = find_grade_mode(name);
    ASSERT_TRUE(mode.has_value()) << name;
    EXPECT_EQ(to_string(*mode), name);
  }
  EXPECT_FALSE(find_grade_mode("other").has_value());
}

TEST(Modes, AMarkedGoldAnswerIsReduced) {
  const Grade grade = grade_answer(GradeMode::Exact, "so it is\n#### 24", "The answer is 24.",
                                   PredictionForm::Solution);
  EXPECT_EQ(grade.gold, "24");
  EXPECT_EQ(grade.rule, "phrase");
  EXPECT_EQ(grade.comparison.equality, Equality::Equal);
}

TEST(LatexPrefix, KeepsWhatCanBeRead) {
  const auto check_prefix = [](const std::string& text, const std::string& kept) {
    EXPECT_EQ(text.substr(0, static_cast<size_t>(read_latex_prefix(text).num_bytes)), kept) << text;
  };
  check_prefix("6, -2", "6");
  check_prefix("10\\sqrt2", "10");
  check_prefix("x**2+2*x+1", "x");
  check_prefix("x^2)", "x^2");
  check_prefix("1,234", "1,234");
  check_prefix("\\frac12", "\\frac12");
  check_prefix("(1,2)", "");
  check_prefix("50\\%", "");
  check_prefix("", "");
  check_prefix("-", "");
  check_prefix(std::string(100000, '('), "");
  // Bars that may open or close in many ways are read once at each place.
  std::string bars;
  for (int i = 0; i < 100; ++i)
    bars += "||||2||x";
  check_prefix("7" + bars + "@", "7");
}

TEST(LatexPrefix, KnowsConstants) {
  EXPECT_DOUBLE_EQ(read_latex_prefix("1\\frac{1}{2}").value.value_or(0), 0.5);
  EXPECT_DOUBLE_EQ(read_latex_prefix("2 + 3 \\cdot 4 - 1").value.value_or(0), 13);
  EXPECT_DOUBLE_EQ(read_latex_prefix("\\sqrt[3]{8}^2").value.value_or(0), 4);
  EXPECT_DOUBLE_EQ(read_latex_prefix("-2^{2}").value.value_or(0), -4);
  EXPECT_DOUBLE_EQ(read_latex_prefix("5!").value.value_or(0), 120);
  EXPECT_DOUBLE_EQ(read_latex_prefix("|2-5|").value.value_or(0), 3);
  EXPECT_FALSE(read_latex_prefix("\\pi").value.has_value());
  EXPECT_FALSE(read_latex_prefix("1/0").value.has_value());
  EXPECT_TRUE(read_latex_prefix("x>3").is_relation);
}

TEST(TextRules, FollowPython) {
  EXPECT_EQ(text_rules::python_float(" 1_000.5 "), 1000.5);
  EXPECT_EQ(text_rules::python_float("+1e3"), 1000);
  EXPECT_FALSE(text_rules::python_float("1e").has_value());
  EXPECT_FALSE(text_rules::python_float("--1").has_value());
  EXPECT_FALSE(text_rules::python_float("").has_value());
  EXPECT_EQ(text_rules::last_number("1-2 and .5 then 7."), "7");
  EXPECT_EQ(text_rules::last_number("3-4"), "-4");
  EXPECT_EQ(text_rules::brace_fractions("\\frac1{72}+\\frac34"), "\\frac{1}{72}+\\frac{3}{4}");
  EXPECT_EQ(text_rules::fraction_of_slash("03/4", false), "03/4");
}

}  // namespace
}  // namespace caco
