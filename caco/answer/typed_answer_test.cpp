#include "caco/answer/typed_answer.h"

#include <gtest/gtest.h>

#include <string>

namespace caco {
namespace {

struct TypedPair {
  const char* typed;
  const char* text;
  Equality expected;
};

void check_typed(const TypedPair& row) {
  const Result<Json> typed = parse_json(row.typed);
  ASSERT_TRUE(typed.ok()) << row.typed;
  const AnswerComparison comparison = compare_typed_answer(typed.value(), row.text);
  EXPECT_EQ(to_string(comparison.equality), to_string(row.expected)) << comparison.reason;
  EXPECT_FALSE(comparison.reason.empty());
}

constexpr Equality kEqual = Equality::Equal;
constexpr Equality kDifferent = Equality::Different;
constexpr Equality kUnknown = Equality::Unknown;

TEST(TypedAnswer, SingleValues) {
  for (const TypedPair& row : {
           TypedPair{"24", "24", kEqual},
           {"24", "25", kDifferent},
           {"24", "", kUnknown},
           {"0.3333333333333333", "\\frac{1}{3}", kEqual},
           {"0.33", "\\frac{1}{3}", kDifferent},
           {"24.0", "24", kEqual},
           {"1e22", "10^{22}", kEqual},
           {R"({"int": "123456789012345678901234567890"})", "123456789012345678901234567890",
            kEqual},
           {R"({"int": "123456789012345678901234567890"})", "123456789012345678901234567891",
            kDifferent},
           {R"({"float": "nan"})", "nan", kEqual},
           {R"({"float": "-inf"})", "-\\infty", kEqual},
           {R"({"float": "inf"})", "-\\infty", kDifferent},
           {"true", "yes", kEqual},
           {"false", "yes", kDifferent},
           {"null", "None", kEqual},
           {"null", "0", kDifferent},
           {R"("24")", "24", kEqual},
           {R"("Monday")", "monday", kEqual},
           {R"("Monday")", "Tuesday", kDifferent},
           {R"({"str": "3234"})", "24", kEqual},
           {R"({"fraction": "3/4"})", "0.75", kEqual},
           {R"({"fraction": "3/4"})", "\\frac{4}{3}", kDifferent},
           {R"({"decimal": "1.10"})", "1.1", kEqual},
           {R"({"decimal": "Infinity"})", "\\infty", kEqual},
           {R"({"complex": [3, 4]})", "3+4i", kEqual},
           {R"({"complex": [3, -4]})", "3+4i", kDifferent},
           {R"({"complex": [0.0, 1.0]})", "i", kEqual},
           {R"({"complex": [5.0, 0.0]})", "5", kEqual},
           {R"({"date": "2024-03-05"})", "March 5, 2024", kEqual},
           {R"({"date": "2024-03-05"})", "March 6, 2024", kDifferent},
           {R"({"time": "15:15:00"})", "3:15 PM", kEqual},
           {R"({"timedelta": [0, 9000, 0]})", "2 hours 30 minutes", kEqual},
           {R"({"numpy": ["int64", 3]})", "3", kEqual},
           {R"j({"sympy": ["Mul", "2*sqrt(3)"]})j", "2\\sqrt{3}", kEqual},
           {R"j({"sympy": ["Interval", "Interval.open(0, 1)"]})j", "0<x<1", kEqual},
           {R"({"sympy": ["Add", "x + 1"]})", "x-1", kDifferent},
           {R"({"martian": "24"})", "24", kUnknown},
           {R"({"fraction": 3})", "3", kUnknown},
       }) {
    check_typed(row);
  }
}

TEST(TypedAnswer, Collections) {
  for (const TypedPair& row : {
           TypedPair{"[1, 2, 3]", "(1, 2, 3)", kEqual},
           {"[1, 2, 3]", "[1, 3, 2]", kDifferent},
           {R"({"tuple": [1, {"fraction": "1/2"}]})", "(1, 0.5)", kEqual},
           {R"({"tuple": [1, 2]})", "(2, 1)", kDifferent},
           {R"({"set": [3, 1, 2]})", "\\{1, 2, 3\\}", kEqual},
           {R"({"frozenset": [1]})", "\\{2\\}", kDifferent},
           {R"({"dict": [["a", 1], ["b", 2]]})", "{'b': 2, 'a': 1}", kEqual},
           {R"({"counter": [["a", 1]]})", "{'a': 2}", kDifferent},
           {R"({"deque": [1, 2]})", "[1, 2]", kEqual},
           {R"({"range": [0, 3, 1]})", "[0, 1, 2]", kEqual},
           {R"({"range": [0, 3, 0]})", "[0, 1, 2]", kUnknown},
           {R"({"ndarray": ["int64", [1, 2]]})", "\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}",
            kEqual},
           {R"({"ndarray": ["int64", [[1, 2], [3, 4]]]})",
            "\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}", kEqual},
           {R"({"ndarray": ["int64", [[1, 2], [3, 4]]]})",
            "\\begin{pmatrix} 1 & 3 \\\\ 2 & 4 \\end{pmatrix}", kDifferent},
           {"[]", "[]", kEqual},
           {R"({"set": []})", "\\emptyset", kEqual},
       }) {
    check_typed(row);
  }
}

TEST(TypedAnswer, TwoTypedValues) {
  const auto compare = [](const char* left, const char* right) {
    return compare_typed_answers(parse_json(left).value(), parse_json(right).value()).equality;
  };
  EXPECT_EQ(compare("[1, 0.5]", R"({"tuple": [1.0, {"fraction": "1/2"}]})"), kEqual);
  EXPECT_EQ(compare("[1, 2]", R"({"set": [2, 3]})"), kDifferent);
  EXPECT_EQ(compare(R"("a")", R"("b")"), kDifferent);
}

TEST(TypedAnswer, OutputsOfPrograms) {
  struct OutputRow {
    const char* repr;
    const char* typed;
    const char* text;
    Equality expected;
  };
  for (const OutputRow& row : {
           OutputRow{"24", "24", "24", kEqual},
           {"24", "24", "25", kDifferent},
           // Text of its own would be an interval, a mixed number, a decimal comma.
           {"[0, 5]", "[0, 5]", "0 \\le x \\le 5", kUnknown},
           {"'2 1/2'", R"("2 1/2")", "2.5", kEqual},
           {"(0, 5)", R"({"tuple": [0, 5]})", "[0, 5]", kEqual},
           {"3/4", R"({"fraction": "3/4"})", "0.75", kEqual},
           {"['a', 'b']", R"(["a", "b"])", "a, b", kEqual},
           // Without a typed form, or with one of an unknown type: by the text.
           {"24", "null", "24.0", kEqual},
           {"24", R"({"martian": "24"})", "24", kEqual},
           {"24", R"({"martian": "24"})", "25", kDifferent},
           {"24", "24", "", kUnknown},
       }) {
    Execution execution;
    execution.output_repr = row.repr;
    execution.output_value = parse_json(row.typed).value();
    const AnswerComparison comparison = compare_output(execution, row.text);
    EXPECT_EQ(to_string(comparison.equality), to_string(row.expected))
        << row.repr << " | " << row.text << ": " << comparison.reason;
  }
}

TEST(TypedAnswer, IsBounded) {
  std::string deep(100, '[');
  deep += std::string(100, ']');
  EXPECT_TRUE(read_typed_answer(parse_json(deep).value()).is_over_limit);
  const Json endless = parse_json(R"({"range": [0, {"int": "99999999999999999999"}, 1]})").value();
  EXPECT_TRUE(read_typed_answer(endless).is_over_limit);
  const Json digits = {{"int", std::string(100000, '7')}};
  EXPECT_EQ(compare_typed_answer(digits, "7").equality, kUnknown);
}

}  // namespace
}  // namespace caco
