#include "caco/stages/stated_inputs.h"

#include <gtest/gtest.h>

namespace caco {
namespace {

using Inputs = std::vector<std::pair<std::string, std::string>>;

TEST(StatedInputs, FindsMissing) {
  const struct {
    const char* question;
    Inputs inputs;
    std::vector<std::string> missing;
  } rows[] = {
      {"4 trays hold 6 rolls each.", {{"trays", "4"}, {"rolls", "6"}}, {}},
      {"4 trays hold rolls.", {{"trays", "4"}, {"rolls", "6"}}, {"rolls"}},
      {"46 rolls.", {{"trays", "4"}, {"rolls", "6"}}, {"trays", "rolls"}},
      {"A 24 m rope.", {{"rope", "24.0"}}, {}},
      {"A 24.0 m rope.", {{"rope", "24"}}, {}},
      {"It costs $1,000.", {{"cost", "1000"}}, {}},
      {"The numbers 1,200 and 3.", {{"a", "1200"}, {"b", "3"}}, {}},
      {"The list 1,2,3.", {{"items", "[1, 2, 3]"}}, {}},
      {"Seven hens and Twenty-four ducks.", {{"hens", "7"}, {"ducks", "24"}}, {}},
      {"two hundred stamps", {{"stamps", "200"}}, {}},
      {"a dozen eggs", {{"eggs", "12"}}, {}},
      {"seventh heaven", {{"n", "7"}}, {"n"}},
      {"25% of 80", {{"share", "0.25"}, {"total", "80"}}, {}},
      {"25 percent of 80", {{"share", "25"}, {"total", "80"}}, {}},
      {"3/4 of 80", {{"share", "0.75"}, {"total", "80"}}, {}},
      {"a quarter of 80", {{"share", "0.25"}, {"total", "80"}}, {}},
      {"1/3 of 90", {{"share", "0.3333333333333333"}, {"total", "90"}}, {}},
      {"It is -5 degrees.", {{"t", "-5"}}, {}},
      {"It is minus 5 degrees.", {{"t", "-5"}}, {}},
      {"It is 5 degrees.", {{"t", "-5"}}, {"t"}},
      {"A number x minus 5 is 9.", {{"taken", "5"}, {"rest", "9"}}, {}},
      {"It is negative five degrees.", {{"t", "-5"}}, {}},
      {"It is negative five degrees.", {{"t", "5"}}, {"t"}},
      {"From 3-5 children.", {{"a", "3"}, {"b", "5"}}, {}},
      // Two inputs of one value need two places.
      {"Each of the 4 trays has 4 rolls.", {{"trays", "4"}, {"rolls", "4"}}, {}},
      {"Each of the 4 trays has rolls.", {{"trays", "4"}, {"rolls", "4"}}, {"rolls"}},
      // Lists: all items, in order; a scalar of the same value elsewhere does not take their place.
      {"Add 3 to 3, 5 and 8.", {{"k", "3"}, {"items", "[3, 5, 8]"}}, {}},
      {"Take 3, 8 and 5.", {{"items", "[3, 5, 8]"}}, {"items"}},
      {"Take 3 and 5.", {{"items", "[3, 5, 8]"}}, {"items"}},
      {"The words tea, milk and cocoa.", {{"words", "['tea', 'milk', 'cocoa']"}}, {}},
      {"The word 'Level' is read.", {{"word", "'level'"}}, {}},
      {"The word leveled is read.", {{"word", "'level'"}}, {"word"}},
      {"On March 5, 2024 it rains.", {{"day", "'2024-03-05'"}}, {}},
      {"On April 5, 2024 it rains.", {{"day", "'2024-03-05'"}}, {"day"}},
      {"At 3:05 they leave.", {{"hour", "3"}, {"minute", "5"}}, {}},
      {"No numbers.", {{"flag", "True"}, {"none", "None"}, {"text", "''"}}, {}},
      {"", {{"a", "1"}}, {"a"}},
      {"2 sizes: 3 and 4", {{"sizes", "{'small': 3, 'large': 4}"}}, {"sizes"}},
      {"small is 3, large is 4", {{"sizes", "{'small': 3, 'large': 4}"}}, {}},
      {"12345678901234567890123456789012345 atoms",
       {{"atoms", "12345678901234567890123456789012345"}},
       {}},
      {"2345678901234567890123456789012345 atoms",
       {{"atoms", "12345678901234567890123456789012345"}},
       {"atoms"}},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(find_missing_inputs(row.question, row.inputs), row.missing) << row.question;
  }
}

TEST(StatedInputs, LeavesOfRepr) {
  const std::vector<Leaf> leaves = leaves_of_repr("[1, 'it\\'s', (-2.5e3, True), \"\"]");
  ASSERT_EQ(leaves.size(), 5U);
  EXPECT_EQ(leaves[0].text, "1");
  EXPECT_EQ(leaves[1].text, "it's");
  EXPECT_EQ(leaves[2].text, "-2.5e3");
  EXPECT_EQ(leaves[3].kind, Leaf::Kind::Exempt);
  EXPECT_EQ(leaves[4].kind, Leaf::Kind::Exempt);
  EXPECT_TRUE(leaves_of_repr("'never closed").empty());
}

}  // namespace
}  // namespace caco
