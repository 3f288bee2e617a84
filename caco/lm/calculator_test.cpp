#include "caco/lm/calculator.h"

#include <gtest/gtest.h>

#include <string>

namespace caco::lm {
namespace {

TEST(Calculator, ExactValues) {
  struct Row {
    const char* expression;
    const char* value;
  };
  const Row rows[] = {
      {"4*6", "24"},
      {"24-5", "19"},
      {"2*5+3*15", "55"},
      {"2 + 3 * 4", "14"},
      {"(2+3)*4", "20"},
      {"7/2", "3.5"},
      {"6/2", "3"},
      {"1/8", "0.125"},
      {"-1/8", "-0.125"},
      {"0.1+0.2", "0.3"},
      {"1.50*2", "3"},
      {".5*3", "1.5"},
      {"7//2", "3"},
      {"-7//2", "-4"},
      {"7//-2", "-4"},
      {"7%3", "1"},
      {"-7%3", "2"},
      {"7%-3", "-2"},
      {"7.5%2", "1.5"},
      {"2**10", "1024"},
      {"2**-1", "0.5"},
      {"2**3**2", "512"},
      {"-2**2", "-4"},
      {"(-2)**2", "4"},
      {"0**0", "1"},
      {"1**1000000000", "1"},
      {"181*20//100", "36"},
      {"100*1/3*3", "100"},
      {"5-9", "-4"},
      {"+3", "3"},
      {"- -3", "3"},
      {"9223372036854775807", "9223372036854775807"},
      {"1/1000000000000", "0.000000000001"},
      {"((((1))))", "1"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(calculate(row.expression), row.value) << row.expression;
}

TEST(Calculator, NothingWhereThereIsNoExactValue) {
  const char* rows[] = {
      "",
      " ",
      "1/3",
      "1/0",
      "1//0",
      "1%0",
      "0**-1",
      "2**0.5",
      "2**100",
      "9223372036854775808",
      "9223372036854775807+1",
      "9223372036854775807*9223372036854775807",
      "1/10000000000000",
      "1.2.3",
      ".",
      "1 2",
      "2*",
      "*2",
      "2***3",
      "(2",
      "2)",
      "()",
      "x+1",
      "2,000*3",
      "$5*2",
      "50%",
      "2^3",
      "1e3",
      "4*6=24",
  };
  for (const char* row : rows)
    EXPECT_EQ(calculate(row), std::nullopt) << row;
  EXPECT_EQ(calculate(std::string(1000, '(')), std::nullopt);
  EXPECT_EQ(calculate(std::string(150, '-') + "1"), std::nullopt);
}

TEST(Calculator, Annotations) {
  struct Row {
    const char* text;
    size_t num_new_bytes;
    const char* completion;  // nullptr: nothing
  };
  const Row rows[] = {
      {"4 * 6 = <<4*6=", 1, "24>>"},
      {"<<4*6=24>>24, <<24-5=", 1, "19>>"},
      {"<<5-9=-", 2, "4>>"},    // one token "=-": its sign is right
      {"<<9-5=-", 2, nullptr},  // its sign is wrong
      {"<<(2+3)=", 2, "5>>"},   // one token ")="
      {"<<4*6=", 6, "24>>"},
      {"<<4*6=2", 1, nullptr},  // the `=` is not new: the model goes on alone
      {"<<4*6=24>>", 2, nullptr},
      {"4*6=", 1, nullptr},
      {"<<4*6", 1, nullptr},
      {"<<1/3=", 1, nullptr},
      {"<<a\n4=", 1, nullptr},
      {"<<4==", 2, nullptr},
      {"", 0, nullptr},
  };
  for (const Row& row : rows) {
    const std::optional<std::string> completion =
        annotation_completion(row.text, row.num_new_bytes);
    if (row.completion == nullptr) {
      EXPECT_EQ(completion, std::nullopt) << row.text;
    } else {
      EXPECT_EQ(completion, row.completion) << row.text;
    }
  }
}

}  // namespace
}  // namespace caco::lm
