#include "caco/stages/introduced_names.h"

#include <gtest/gtest.h>

namespace caco {
namespace {

TEST(IntroducedNames, FindsWhoIsAskedAboutAndNew) {
  const struct {
    const char* question;
    const char* name;  // empty: everybody was introduced
  } rows[] = {
      {"Zoe was 32 years old when Ava was born. Ava is now 9. Think of the age of Mia.", "Mia"},
      {"Zoe is 32. Think of Zoe 5 years later. How old is Tom then?", "Tom"},
      {"Ann has 5 hats. Find Tom's hats.", "Tom"},
      {"ANN has 5 hats. What does Ann have? What does Bob have?", "Bob"},
      // Introduced: before, by the asking sentence itself, or at the very beginning.
      {"Zoe is 32. How old is Zoe in 5 years?", ""},
      {"A hat costs 5 dollars. If Tom buys some, what does he pay?", ""},
      {"A hat costs 5 dollars. How much do 3 hats cost Tom?", ""},
      {"A hat costs 5 dollars. Tom buys two. What does Tom pay?", ""},
      {"How old is Tom?", ""},
      {"A hat costs 5 dollars. What does Mr. Lee pay?", ""},
      // No names of people.
      {"Today is Friday. Is the new day a Saturday or a Sunday, yes or no?", ""},
      {"He saves money. How much does he save in December?", ""},
      {"He has a set. How long did he watch TV?", ""},
      {"It rains. What is left?", ""},
      {"", ""},
      {"??? ...", ""},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(find_unintroduced_name(row.question).value_or(""), row.name) << row.question;
  }
}

}  // namespace
}  // namespace caco
