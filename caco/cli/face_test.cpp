#include "caco/cli/face.h"

#include <gtest/gtest.h>

namespace caco {
namespace {

TEST(WrapText, BreaksAtSpacesAndKeepsLines) {
  EXPECT_EQ(wrap_text("one two three four five six seven", 24, 2),
            "  one two three four\n  five six seven\n");
  EXPECT_EQ(wrap_text("a\n\nb", 40, 0), "a\n\nb\n");
  EXPECT_EQ(wrap_text("", 40, 2), "");
  EXPECT_EQ(wrap_text("a long_word_without_any_space_in_it x", 22, 0),
            "a\nlong_word_without_any_space_in_it\nx\n");
}

TEST(Format, SecondsAndCounts) {
  EXPECT_EQ(format_seconds(0), "0:00");
  EXPECT_EQ(format_seconds(65.4), "1:05");
  EXPECT_EQ(format_seconds(3600 + 61), "1:01:01");
  EXPECT_EQ(format_count(9999), "9999");
  EXPECT_EQ(format_count(12345), "12.3k");
  EXPECT_EQ(format_count(4560000), "4.56M");
}

}  // namespace
}  // namespace caco
