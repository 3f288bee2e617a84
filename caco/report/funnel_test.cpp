#include "caco/report/funnel.h"

#include <gtest/gtest.h>

namespace caco {
namespace {

std::vector<FunnelRow> example_rows() {
  return {
      {"03-execute-seeds",
       12345,
       12000,
       {{RejectReason::DoesNotRun, 300}, {RejectReason::TimeLimit, 45}}},
      {"04-filter-seeds", 12000, 0, {{RejectReason::WrongAnswer, 12000}}},
      {"06-generate", 0, 0, {}},
  };
}

TEST(Funnel, RowsAddUp) {
  EXPECT_TRUE(adds_up(example_rows()[0]));
  EXPECT_EQ(example_rows()[0].num_rejected(), 345);
  FunnelRow lost = example_rows()[0];
  lost.num_kept -= 1;
  EXPECT_FALSE(adds_up(lost));
}

TEST(Funnel, TextIsAligned) {
  EXPECT_EQ(funnel_text(example_rows()),
            "step                  in    kept          rejected  reasons\n"
            "03-execute-seeds  12 345  12 000  97.2 %       345  does_not_run 300, time_limit 45\n"
            "04-filter-seeds   12 000       0   0.0 %    12 000  wrong_answer 12 000\n"
            "06-generate            0       0       -         0\n");
}

TEST(Funnel, Markdown) {
  EXPECT_EQ(funnel_markdown({example_rows()[0]}),
            "| step | in | kept | | rejected | reasons |\n"
            "|---|---:|---:|---:|---:|---|\n"
            "| 03-execute-seeds | 12 345 | 12 000 | 97.2 % | 345 | does_not_run 300, "
            "time_limit 45 |\n");
}

TEST(Funnel, DigitsAreGrouped) {
  EXPECT_EQ(group_digits(0), "0");
  EXPECT_EQ(group_digits(999), "999");
  EXPECT_EQ(group_digits(1000), "1 000");
  EXPECT_EQ(group_digits(-1234567), "-1 234 567");
}

int64_t count_of(const std::string& text, const std::string& part) {
  int64_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

TEST(Funnel, SvgHasABarForEveryStepWithSamples) {
  const std::string svg = funnel_svg(example_rows(), "a < b & c");
  EXPECT_EQ(count_of(svg, "<rect class=\"kept\""), 2);      // one bar and the legend
  EXPECT_EQ(count_of(svg, "<rect class=\"rejected\""), 3);  // two bars and the legend
  EXPECT_EQ(count_of(svg, "06-generate"), 0);
  EXPECT_NE(svg.find("a &lt; b &amp; c"), std::string::npos);
  EXPECT_NE(svg.find("prefers-color-scheme: dark"), std::string::npos);
  EXPECT_EQ(count_of(svg, "<text"), count_of(svg, "</text>"));
}

TEST(Funnel, NoRowsGiveTheHeadAlone) {
  EXPECT_EQ(count_of(funnel_text({}), "\n"), 1);
  EXPECT_NE(funnel_svg({}, "empty").find("</svg>"), std::string::npos);
}

}  // namespace
}  // namespace caco
