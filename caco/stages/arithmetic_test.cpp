#include "caco/stages/arithmetic.h"

#include <gtest/gtest.h>

namespace caco {
namespace {

TEST(Arithmetic, EvaluatesExactly) {
  const struct {
    const char* expression;
    const char* expected;  // a fraction n/d or a number; empty = cannot be evaluated
  } rows[] = {
      {"4*6", "24"},
      {"24 - 5", "19"},
      {"2+3*4", "14"},
      {"(2+3)*4", "20"},
      {"10/4", "2.5"},
      {"1/3", "1/3"},
      {"7//2", "3"},
      {"-7//2", "-4"},
      {"7%3", "1"},
      {"-7 % 3", "2"},
      {"2**10", "1024"},
      {"-2**2", "-4"},
      {"2**-1", "0.5"},
      {"1,000+1", "1001"},
      {"$5*3", "15"},
      {".5*8", "4"},
      {"20%*50", "10"},
      {"50*20%", "10"},
      {"3 x 4", "12"},
      {"3×4", "12"},
      {"12÷4", "3"},
      {"0.1+0.2", "0.3"},
      {"1/0", ""},
      {"5%0", ""},
      {"", ""},
      {"4*", ""},
      {"(4", ""},
      {"4 muffins", ""},
      {"a+1", ""},
      {"2**1000", ""},
      {"99999999999999999999*99999999999999999999", ""},
      {"__import__('os')", ""},
  };
  for (const auto& row : rows) {
    const std::optional<Evaluation> found = evaluate(row.expression);
    if (std::string_view(row.expected).empty()) {
      EXPECT_FALSE(found) << row.expression;
      continue;
    }
    ASSERT_TRUE(found) << row.expression;
    const std::string_view expected = row.expected;
    const size_t slash = expected.find('/');
    const Rational wanted = slash == std::string_view::npos
                                ? *parse_rational(expected)
                                : *divide(*parse_rational(expected.substr(0, slash)),
                                          *parse_rational(expected.substr(slash + 1)));
    EXPECT_TRUE(found->value == wanted) << row.expression;
  }
}

TEST(Arithmetic, DeepNestingIsNotEvaluated) {
  const std::string deep = std::string(10000, '(') + "1" + std::string(10000, ')');
  EXPECT_FALSE(evaluate(deep));
  EXPECT_FALSE(evaluate(std::string(10000, '-') + "1"));
}

TEST(Arithmetic, ListsOperands) {
  const std::optional<Evaluation> found = evaluate("(47-5)*3");
  ASSERT_TRUE(found);
  ASSERT_EQ(found->operands.size(), 3U);
  EXPECT_TRUE(found->operands[0] == (Rational{47, 1}));
}

TEST(Arithmetic, ShowsValue) {
  const struct {
    const char* shown;
    const char* expression;
    bool expected;
  } rows[] = {
      {"24", "4*6", true},      {"24.0", "4*6", true},   {"25", "4*6", false},
      {"33.33", "100/3", true}, {"33", "100/3", false},  {"66.67", "200/3", true},
      {"66.66", "200/3", true}, {"66.6", "200/3", true}, {"66.8", "200/3", false},
      {"0.3", "1/3", false},    {"0.333", "1/3", true},  {"x", "1/3", false},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(shows_value(row.shown, evaluate(row.expression)->value), row.expected) << row.shown;
  }
}

TEST(Arithmetic, ParsesNumbers) {
  EXPECT_TRUE(*parse_rational("1e3") == (Rational{1000, 1}));
  EXPECT_TRUE(*parse_rational("-2.50") == (Rational{-5, 2}));
  for (const char* bad :
       {"", "-", ".", "1.2.3", "1e", "abc", "1 2", "1234567890123456789012345678901", "1e500"}) {
    EXPECT_FALSE(parse_rational(bad)) << bad;
  }
}

}  // namespace
}  // namespace caco
