#include "caco/report/data_set_card.h"

#include <gtest/gtest.h>

namespace caco {
namespace {

DataSetCard example_card() {
  DataSetCard card;
  card.name = "Trays \"and\" rolls";
  card.num_rows = 1234;
  card.version = "0.1.0";
  card.recipe_hash = "abc123";
  card.fields = standard_fields();
  card.models = {{"generator", "local checkpoint 77"}};
  card.sources = {{"gsm8k_train", "MIT"}, {"own", ""}};
  card.counts = {{"rows from seeds", "34"}};
  card.funnel = {{"12-verify", 10, 7, {{RejectReason::AnswerDiffers, 3}}}};
  card.limitations = standard_limitations();
  card.example_rows = {parse_json(R"({"instruction":"2 + 2?","answer":"4"})").value()};
  return card;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(DataSetCard, HeadIsWhatTheHubReads) {
  const std::string text = render_data_set_card(example_card());
  EXPECT_TRUE(text.starts_with("---\npretty_name: \"Trays \\\"and\\\" rolls\"\nlanguage:\n- en\n"));
  const std::string head = text.substr(0, text.find("\n---\n", 4));
  EXPECT_TRUE(contains(head, "size_categories:\n- 1K<n<10K\n"));
  EXPECT_TRUE(contains(head, "path: \"train.jsonl\""));
  EXPECT_TRUE(contains(head, "  - name: instruction\n    dtype: string\n"));
  EXPECT_TRUE(contains(head, "num_examples: 1234"));
  EXPECT_FALSE(contains(head, "license:"));
}

TEST(DataSetCard, BodySaysHowItWasMadeAndWhatWasLost) {
  const std::string text = render_data_set_card(example_card());
  for (const std::string part :
       {"1 234 problems", "| `answer` | string |", "| generator | local checkpoint 77 |",
        "recipe `abc123`", "| 12-verify | 10 | 7 | 70.0 % | 3 | answer_differs 3 |",
        "| gsm8k_train | MIT |", "| own | not stated |", "No licence was chosen", "## Limitations",
        "\"answer\": \"4\"", "- rows from seeds: 34"}) {
    EXPECT_TRUE(contains(text, part)) << part;
  }
}

TEST(DataSetCard, LicenceGoesIntoTheHead) {
  DataSetCard card = example_card();
  card.licence = "cc-by-4.0";
  const std::string text = render_data_set_card(card);
  EXPECT_TRUE(contains(text, "\nlicense: cc-by-4.0\n"));
  EXPECT_FALSE(contains(text, "No licence was chosen"));
}

TEST(DataSetCard, EmptyPartsAreLeftOut) {
  const std::string text = render_data_set_card(DataSetCard{});
  EXPECT_FALSE(contains(text, "## Limitations"));
  EXPECT_FALSE(contains(text, "## Where every sample went"));
  EXPECT_FALSE(contains(text, "## Rows"));
  EXPECT_TRUE(contains(text, "n<1K"));
}

}  // namespace
}  // namespace caco
