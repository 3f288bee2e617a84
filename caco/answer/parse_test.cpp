#include "caco/answer/parse.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "caco/answer/limits.h"

namespace caco {
namespace {

TEST(Parse, KindsOfForms) {
  struct Row {
    std::string text;
    ValueKind kind;
  };
  const std::vector<Row> rows = {
      {"5", ValueKind::Number},
      {"2 3/4", ValueKind::Number},
      {"5 km", ValueKind::Number},
      {"-oo", ValueKind::Infinity},
      {"nan", ValueKind::NotANumber},
      {"True", ValueKind::Boolean},
      {"None", ValueKind::None},
      {"(B)", ValueKind::Option},
      {"12:30", ValueKind::Moment},
      {"no solution", ValueKind::Set},
      {"'5'", ValueKind::Text},
      {"x = 5", ValueKind::Assignment},
      {"1, 2", ValueKind::BareList},
      {"[1, 2]", ValueKind::List},
      {"(1, 2)", ValueKind::Tuple},
      {"(1,)", ValueKind::Tuple},
      {"{1, 2}", ValueKind::Set},
      {"{}", ValueKind::Set},
      {"{'a': 1}", ValueKind::Dict},
      {"[1, 2)", ValueKind::Interval},
      {"\\begin{pmatrix}1\\\\2\\end{pmatrix}", ValueKind::Matrix},
      {"2x + 3y = 6", ValueKind::Relation},
      {"1 < x <= 5", ValueKind::Relation},
      {"(0,1)\\cup(2,3)", ValueKind::Union},
      {"x < 1 or x > 2", ValueKind::Union},
      {"2 \\pm \\sqrt3", ValueKind::BareList},
      {"3+2i", ValueKind::Expression},
      {"101_2", ValueKind::Number},
      // What no form takes as a whole stays an expression.
      {"x^2", ValueKind::Expression},
      {"5 +", ValueKind::Symbolic},
      {"1,,2", ValueKind::Symbolic},
      {"[1, 2", ValueKind::Symbolic},
      {"(1)(2)", ValueKind::Number},
      {"4 10/3", ValueKind::Symbolic},
      {"5 5/", ValueKind::Symbolic},
      {"1.2.3", ValueKind::Symbolic},
      {"0x1F", ValueKind::Number},
      {"--5", ValueKind::Number},
      {"sin x", ValueKind::Expression},
      {"25:99", ValueKind::Ratio},
  };
  for (const Row& row : rows) {
    const Readings readings = parse_answer(row.text);
    ASSERT_FALSE(readings.values.empty()) << row.text;
    EXPECT_EQ(readings.values[0].kind, row.kind) << row.text;
  }
}

TEST(Parse, AmbiguousCommasKeepBothReadings) {
  const Readings readings = parse_answer(std::string_view("1,234"));
  ASSERT_EQ(readings.values.size(), 3U);
  EXPECT_EQ(readings.values[0].kind, ValueKind::Number);
  EXPECT_EQ(readings.values[0].number.value, 1234);
  EXPECT_EQ(readings.values[1].kind, ValueKind::BareList);
  EXPECT_EQ(readings.values[2].number.value, mpq_class(617, 500));
  EXPECT_EQ(readings.last_commas, CommaReading::Doubtful);
  EXPECT_EQ(parse_answer(std::string_view("12,34")).values.size(), 2U);
  EXPECT_EQ(parse_answer(std::string_view("12,34")).last_commas, CommaReading::Likely);
  EXPECT_EQ(parse_answer(std::string_view("12, 34")).values.size(), 1U);
  EXPECT_EQ(parse_answer(std::string_view("(12,34)")).values.size(), 1U);
  EXPECT_EQ(parse_answer(std::string_view("-1.234,5 km")).last_commas, CommaReading::Certain);
}

TEST(Parse, DecimalsKeepTheirDigits) {
  const Value value = parse_answer(std::string_view("0.0120")).values[0];
  EXPECT_EQ(value.number.value, mpq_class(3, 250));
  EXPECT_TRUE(value.number.is_decimal);
  EXPECT_EQ(value.number.last_place, -4);
  EXPECT_EQ(value.number.num_significant, 3);
}

TEST(Parse, LimitsAreReported) {
  EXPECT_TRUE(parse_answer(std::string(kMaxAnswerBytes + 1, '1')).is_over_limit);
  EXPECT_TRUE(parse_answer(std::string(kMaxNumberDigits + 1, '1')).is_over_limit);
  EXPECT_TRUE(parse_answer(std::string_view("1e10001")).is_over_limit);
  EXPECT_FALSE(parse_answer(std::string_view("1e10000")).is_over_limit);
  EXPECT_TRUE(parse_answer(std::string(100, '[') + "1" + std::string(100, ']')).is_over_limit);
}

}  // namespace
}  // namespace caco
