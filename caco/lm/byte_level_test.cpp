#include "caco/lm/byte_level.h"

#include <gtest/gtest.h>

#include <string>

namespace caco::lm {
namespace {

TEST(ByteLevel, SpellsAndReadsBack) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte)
    all.push_back(static_cast<char>(byte));
  EXPECT_EQ(from_byte_level(to_byte_level(all)), all);

  struct Row {
    const char* bytes;
    const char* spelling;
  };
  const Row rows[] = {
      {"", ""},    {"a", "a"},         {" a", "Ġa"},  {"\n", "Ċ"},
      {"\t", "ĉ"}, {"\xC3\xA9", "Ã©"}, {"\x7F", "ġ"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(to_byte_level(row.bytes), row.spelling);
    EXPECT_EQ(from_byte_level(row.spelling), row.bytes);
  }
}

TEST(ByteLevel, RefusesOtherCharacters) {
  for (const char* text : {" ", "a b", "\n", "日", "\xC4", "Ġ\xFF", "\xC5\x84"}) {
    EXPECT_EQ(from_byte_level(text), std::nullopt) << text;
  }
}

TEST(ByteLevel, IncompleteTail) {
  struct Row {
    const char* text;
    int64_t tail;
  };
  const Row rows[] = {
      {"", 0},
      {"abc", 0},
      {"\xC3", 1},
      {"\xC3\xA9", 0},
      {"\xE2\x82", 2},
      {"a\xE2", 1},
      {"\xE2\x82\xAC", 0},
      {"\xF0\x9F\xA6", 3},
      {"\xF0\x9F", 2},
      {"\xFF", 0},
      {"\x80\x80\x80\x80", 0},
      {"\xC3\xA9\xC3", 1},
      {"\xF0\x9F\xA6\x99", 0},
  };
  for (const Row& row : rows)
    EXPECT_EQ(incomplete_utf8_tail(row.text), row.tail) << row.text;
}

}  // namespace
}  // namespace caco::lm
