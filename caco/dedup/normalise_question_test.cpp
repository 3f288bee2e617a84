#include "caco/dedup/normalise_question.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace caco {
namespace {

struct Row {
  std::string left;
  std::string right;
};

TEST(NormaliseQuestion, CopiesHaveOneForm) {
  const std::vector<Row> rows = {
      {"How many apples?", "how  many\napples"},   {"Tom has 1,200 coins.", "tom has 1200 coins"},
      {"It\u2019s 5 o'clock.", "it's 5 o'clock"},  {"\u201cYes,\u201d he said", "\"yes\" he said"},
      {"a well-known rule", "A well known rule."}, {" What is 3? ", "What is 3"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(normalise_question(row.left), normalise_question(row.right)) << row.left;
  }
}

TEST(NormaliseQuestion, QuestionsWithOtherAnswersKeepApart) {
  const std::vector<Row> rows = {
      {"What is 2.5 + 1?", "What is 25 + 1?"},     {"What is -5 + 1?", "What is 5 + 1?"},
      {"What is 3/4 of it?", "What is 34 of it?"}, {"What is 50% of 8?", "What is 50 of 8?"},
      {"What is 3 * 4?", "What is 3 + 4?"},        {"At 3:15 or 3.15?", "At 315 or 3.15?"},
      {"What is 12 3?", "What is 123?"},
  };
  for (const Row& row : rows) {
    EXPECT_NE(normalise_question(row.left), normalise_question(row.right)) << row.left;
  }
  EXPECT_EQ(normalise_question(""), "");
  EXPECT_EQ(normalise_question(" ?! "), "");
}

}  // namespace
}  // namespace caco
