#include "caco/cli/sample_text.h"

#include <gtest/gtest.h>

namespace caco {
namespace {

Sample example() {
  Sample sample;
  sample.id = "0123456789abcdef0123456789abcdef";
  sample.seed.emplace();
  sample.seed->source = "mine";
  sample.seed->location = "mine.jsonl:7";
  sample.seed->question = "How many?";
  sample.program = Program{"output = 3\n", "mechanical"};
  sample.execution.emplace();
  sample.execution->verdict = ExecutionVerdict::Ok;
  sample.execution->inputs = {{"a", "1"}};
  sample.execution->output_repr = "3";
  sample.solutions = {{"It is 3.\n#### 3", "3", "stop"}};
  return sample;
}

TEST(SampleText, HasEveryPart) {
  const std::string text = sample_to_text(example(), 80);
  for (const char* part : {"sample 0123456789abcdef", "mine.jsonl:7", "How many?", "output = 3",
                           "input a = 1", "solution 1  (answer 3)", "#### 3"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " is not in:\n" << text;
  }
}

TEST(SampleText, SaysWhyItWasRejected) {
  Sample sample = example();
  sample.rejection = Rejection{RejectReason::TooShort, "filter", "1 line"};
  const std::string text = sample_to_text(sample, 80);
  EXPECT_NE(text.find("rejected by filter  (too_short)"), std::string::npos) << text;
  EXPECT_NE(text.find("1 line"), std::string::npos);
  EXPECT_EQ(sample_to_line(sample, 60), "0123456789  too_short          1 line");
}

TEST(SampleText, LinesAreCut) {
  Sample sample = example();
  sample.seed->question = std::string(500, 'x');
  EXPECT_LE(sample_to_line(sample, 80).size(), 80U);
}

}  // namespace
}  // namespace caco
