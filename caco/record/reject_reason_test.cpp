#include "caco/record/reject_reason.h"

#include <gtest/gtest.h>

#include <set>

namespace caco {
namespace {

TEST(RejectReason, NamesAreUniqueAndRoundTrip) {
  std::set<std::string_view> names;
  for (const RejectReason reason : all_reject_reasons()) {
    const std::string_view name = to_string(reason);
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_EQ(reject_reason_from_string(name), reason) << name;
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos);
  }
  EXPECT_EQ(names.size(), 30U);
}

TEST(RejectReason, EachIsDescribedInOneSentence) {
  for (const RejectReason reason : all_reject_reasons()) {
    const std::string_view sentence = describe(reason);
    ASSERT_FALSE(sentence.empty());
    EXPECT_EQ(sentence.back(), '.') << sentence;
    EXPECT_EQ(sentence.find('\n'), std::string_view::npos) << sentence;
  }
}

TEST(RejectReason, RefusesUnknownNames) {
  for (const std::string_view name : {"", "Wrong_Answer", "wrong answer", "wrong_answer "}) {
    EXPECT_FALSE(reject_reason_from_string(name).has_value()) << name;
  }
}

}  // namespace
}  // namespace caco
