#include "caco/answer/extract.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "caco/answer/answer.h"

namespace caco {
namespace {

struct Extraction {
  std::string solution;
  std::string text;
  std::string rule;
};

void check_extractions(const std::vector<Extraction>& rows) {
  for (const Extraction& row : rows) {
    const ExtractedAnswer answer = extract_answer(row.solution);
    EXPECT_EQ(answer.text, row.text) << row.solution;
    EXPECT_EQ(answer.rule, row.rule) << row.solution;
  }
}

TEST(Extract, Boxes) {
  check_extractions({
      {"So \\boxed{24}.", "24", "boxed"},
      {"\\boxed{\\frac{1}{2}}", "\\frac{1}{2}", "boxed"},
      {"\\boxed{1} no, \\boxed{2}", "2", "boxed"},
      {"\\boxed{\\boxed{3}}", "3", "boxed"},
      {"\\fbox{7} and so on", "7", "boxed"},
      {"$\\boxed{\\{1, 2\\}}$", "\\{1, 2\\}", "boxed"},
      {"\\[ \\boxed{42} \\]", "42", "boxed"},
      {"Mark with \\boxed. The answer is 5", "5", "phrase"},
      {"\\boxed{4} and \\boxed{}", "4", "boxed"},
      {"\\boxed{}", "", "boxed"},
      // Cut off inside its last box: no answer.
      {"first \\boxed{4} then \\boxed{\\frac{1}{2", "", "boxed"},
  });
}

TEST(Extract, HashesAndTags) {
  check_extractions({
      {"4 * 6 = <<4*6=24>>24\n#### 24", "24", "hashes"},
      {"#### 1,234\n", "1,234", "hashes"},
      {"#### $5.", "$5", "hashes"},
      {"#### 1\n#### 2", "2", "hashes"},
      {"####\n7", "7", "last number"},
      {"think <answer> 12 </answer> 99", "12", "tag"},
      {"<ANSWER>3</ANSWER>", "3", "tag"},
  });
}

TEST(Extract, Phrases) {
  check_extractions({
      {"The answer is 24.", "24", "phrase"},
      {"the answer is: 3.5. So we are done with 7", "3.5", "phrase"},
      {"The answer is $\\frac{1}{2}$.", "\\frac{1}{2}", "phrase"},
      {"The answer is $5 and that is it.", "$5 and that is it", "phrase"},
      {"The answer is 5 apples.", "5 apples", "phrase"},
      {"The answer is 24, because 4*6=24", "24", "phrase"},
      {"**Answer:** 4.", "4", "phrase"},
      {"Final Answer: **73**", "73", "phrase"},
      {"Answer: `$13$`", "13", "phrase"},
      {"Answer:\n\n42\n", "42", "phrase"},
      {"The answer is:\n\\[ 42 \\]\nas 6*7=42.", "42", "phrase"},
      {"The final answer is **Yes**.", "Yes", "phrase"},
      {"The answer is (A).", "(A)", "phrase"},
      {"The answer is 9 a.m. on Monday", "9 a.m. on Monday", "phrase"},
      {"The answer is 1. No, the answer is 2.", "2", "phrase"},
      {"The answer is 12. The answer is", "12", "phrase"},
      {"THE ANSWER IS 8", "8", "phrase"},
  });
}

TEST(Extract, LastNumbers) {
  check_extractions({
      {"so 42 is it", "42", "last number"},
      {"she has 3 left, costing $1,234.50.", "$1,234.50", "last number"},
      {"we count 10-4", "4", "last number"},
      {"it is -4", "-4", "last number"},
      {"half is 1/2 of it", "1/2", "last number"},
      {"that is 50% off", "50%", "last number"},
      {"so x = \\frac{7}{3}", "\\frac{7}{3}", "last number"},
      {"about 3e-7 m", "3e-7", "last number"},
      {"it is .5", ".5", "last number"},
      {"call f2 with 3, then x_4", "3", "last number"},
      {"no number here", "", ""},
      {"", "", ""},
      {"4 * 6 = <<4*6=24>>", "6", "last number"},
  });
}

TEST(Extract, TextsOfMathematicsAlone) {
  check_extractions({
      {"-1 + sqrt(3)", "-1 + sqrt(3)", "whole"},
      {"x < 2", "x < 2", "whole"},
      {"x = \\frac{7}{3}", "x = \\frac{7}{3}", "whole"},
      {"\\left( 3, \\frac{\\pi}{2} \\right)", "\\left( 3, \\frac{\\pi}{2} \\right)", "whole"},
      // Words, computations and single items in brackets go on to the weaker rules.
      {"2 + 4 = 6, 6 * 2 = 12", "12", "last number"},
      {"about 3 + 4", "4", "last number"},
      {"[45]", "45", "last number"},
  });
}

TEST(Extract, AnnotationsAreRemoved) {
  EXPECT_EQ(remove_annotations("4*6 = <<4*6=24>>24 and <<1+1=2>>2"), "4*6 = 24 and 2");
  EXPECT_EQ(remove_annotations("a << b"), "a << b");
  EXPECT_EQ(remove_annotations("a << b\n>> c"), "a << b\n>> c");
  EXPECT_EQ(remove_annotations(""), "");
}

TEST(Extract, LongSolutionsAreReadFromTheirEnd) {
  EXPECT_EQ(extract_answer(std::string(3000000, '1') + "\n#### 5").text, "5");
  std::string boxes;
  for (int i = 0; i < 20000; ++i)
    boxes += "\\boxed{";
  EXPECT_EQ(extract_answer(boxes).text, "");
  std::string empty_phrases;
  for (int i = 0; i < 100000; ++i)
    empty_phrases += "answer:";
  EXPECT_EQ(extract_answer("7 " + empty_phrases).rule, "phrase");
  std::string empty_boxes;
  for (int i = 0; i < 100000; ++i)
    empty_boxes += "\\boxed{}";
  EXPECT_EQ(extract_answer("7 " + empty_boxes).text, "");
}

}  // namespace
}  // namespace caco
