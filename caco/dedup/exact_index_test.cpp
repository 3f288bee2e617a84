#include "caco/dedup/exact_index.h"

#include <gtest/gtest.h>

#include <string>

namespace caco {
namespace {

TEST(ExactIndex, ReportsTheFirstOfEqualTexts) {
  ExactIndex index;
  EXPECT_FALSE(index.find("a").has_value());
  EXPECT_FALSE(index.add("a", 7).has_value());
  EXPECT_FALSE(index.add("b", 8).has_value());
  EXPECT_EQ(index.add("a", 9), 7);
  EXPECT_EQ(index.find("a"), 7);
  EXPECT_EQ(index.find("b"), 8);
  EXPECT_FALSE(index.find("A").has_value());
  EXPECT_EQ(index.size(), 2);
}

TEST(ExactIndex, EmptyTextIsAText) {
  ExactIndex index;
  EXPECT_FALSE(index.add("", 0).has_value());
  EXPECT_EQ(index.add("", 1), 0);
}

TEST(ExactIndex, KeepsItsTextsWhenItGrows) {
  ExactIndex index;
  constexpr int64_t kCount = 100000;
  for (int64_t i = 0; i < kCount; ++i) {
    ASSERT_FALSE(index.add("text " + std::to_string(i), i).has_value()) << i;
  }
  for (int64_t i = 0; i < kCount; ++i) {
    ASSERT_EQ(index.add("text " + std::to_string(i), 0), i);
  }
  EXPECT_EQ(index.size(), kCount);
  EXPECT_LE(index.bytes_used(), kCount * 64);
}

}  // namespace
}  // namespace caco
