// The hand-written scanners against the expressions that they stand for.
#include "caco/lm/split_scanner.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "caco/lm/tokenizer_regex.h"
#include "caco/lm/unicode.h"

namespace caco::lm {
namespace {

std::vector<std::string> by_expression(const TokenizerRegex& regex, const std::string& text) {
  std::vector<std::string> pieces;
  size_t done = 0;
  regex.for_each_match(text, [&](const TokenizerRegex::Match& match) {
    if (match.begin > done) pieces.push_back("gap:" + text.substr(done, match.begin - done));
    pieces.push_back(text.substr(match.begin, match.end - match.begin));
    done = match.end;
  });
  if (done < text.size()) pieces.push_back("gap:" + text.substr(done));
  return pieces;
}

std::vector<std::string> by_scanner(SplitScanner scanner, const std::string& text) {
  std::vector<std::string> pieces;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = end_of_piece(scanner, character_classes(), text, begin);
    pieces.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return pieces;
}

// Mostly the characters that the rules tell apart; now and then any character at all.
std::string random_text(std::mt19937_64& random) {
  static const std::vector<uint32_t> kTelling = {
      'a',    's',  't',    'r',   'e',  'v',    'm',    'l',     'd',     'S',     'L',
      'E',    '\'', '\'',   ' ',   ' ',  ' ',    '\n',   '\r',    '\t',    '1',     '2',
      '3',    '.',  '-',    '(',   '"',  0x17F,  0x212A, 0x85,    0xA0,    0x3000,  0x180E,
      0x200B, 0xE9, 0x4E2D, 0x301, 0xBD, 0x2160, 0x663,  0x1F680, 0x1E030, 0x16D43, 0x10D40};
  std::string text;
  for (uint64_t length = random() % 24; length > 0; --length) {
    uint32_t code = kTelling[random() % kTelling.size()];
    if (random() % 16 == 0) code = static_cast<uint32_t>(random() % kNumCodePoints);
    if (code >= 0xD800 && code <= 0xDFFF) code = 'x';
    append_utf8(text, code);
  }
  return text;
}

TEST(SplitScanner, EqualsItsExpression) {
  for (const char* pattern : {kGpt2SplitPattern, kQwen2SplitPattern, kLlama3SplitPattern}) {
    const std::optional<SplitScanner> scanner = scanner_for(pattern);
    ASSERT_TRUE(scanner.has_value());
    const TokenizerRegex regex = TokenizerRegex::compile(pattern).value();
    std::mt19937_64 random(20261123);
    for (int i = 0; i < 60000; ++i) {
      const std::string text = random_text(random);
      ASSERT_EQ(by_scanner(*scanner, text), by_expression(regex, text)) << pattern << "\n" << text;
    }
  }
  EXPECT_FALSE(scanner_for(R"(\s+)").has_value());
}

// Every character between letters, digits, signs and spaces.
TEST(SplitScanner, EqualsItsExpressionOnEveryCharacter) {
  for (const char* pattern : {kGpt2SplitPattern, kLlama3SplitPattern}) {
    const TokenizerRegex regex = TokenizerRegex::compile(pattern).value();
    std::string text;
    for (uint32_t code = 0; code < 0x32000; ++code) {
      if (code >= 0xD800 && code <= 0xDFFF) continue;
      text += "a";
      append_utf8(text, code);
      text += " ";
      append_utf8(text, code);
      text += "1";
      append_utf8(text, code);
      text += ".";
    }
    ASSERT_TRUE(by_scanner(*scanner_for(pattern), text) == by_expression(regex, text)) << pattern;
  }
}

TEST(TokenizerRegex, RefusesWhatPcre2WouldReadDifferently) {
  struct Row {
    const char* pattern;
    const char* message;
  };
  const Row rows[] = {
      {R"(\bx)", "escape \\b"},
      {R"(\Gx)", "escape \\G"},
      {R"((a)\1)", "escape \\1"},
      {R"([a[bc]])", "class in a class"},
      {R"([a-z&&[^b]])", "intersection"},
      {R"([[:alpha:]])", "class in a class"},
      {R"((?m:.))", "group (?m:"},
      {R"((?<n>a))", "group (?<n"},
      {R"((*FAIL))", "group (*"},
      {R"(a{2}+)", "suffix of an interval"},
      {R"(a{2}?)", "suffix of an interval"},
      {R"(a{x)", "no interval"},
      {R"(\p{Emoji})", "property Emoji"},
      {R"(\pL)", "without braces"},
      {R"([\P{L}])", "negated property"},
      {R"((?i:ss))", "letters ss"},
      {R"((?i:é))", "outside ASCII"},
      {R"((?i:\p{Lu}))", "(?i) on a property"},
      {R"(\xE9)", "byte outside ASCII"},
      {R"(\x{110000000})", "character code"},
      {R"([a)", "class without an end"},
      {R"(a\)", "backslash at the end"},
      {R"((a)", "cannot compile"},
      {R"(*)", "cannot compile"},
  };
  for (const Row& row : rows) {
    const Result<TokenizerRegex> regex = TokenizerRegex::compile(row.pattern);
    ASSERT_FALSE(regex.ok()) << row.pattern;
    EXPECT_EQ(regex.error().code, ErrorCode::InvalidArgument);
    EXPECT_NE(regex.error().message.find(row.message), std::string::npos)
        << row.pattern << ": " << regex.error().message;
  }
}

TEST(TokenizerRegex, MeansWhatOnigurumaMeans) {
  struct Row {
    const char* pattern;
    const char* text;
    const char* pieces;  // matches between bars
  };
  const Row rows[] = {
      {R"(\s)", "a\u180eb c", "| |"},
      {R"(\h+)", "xfFg09", "|fF|09|"},
      {R"(a{,2})", "aaab", "|aa|a||"},
      {R"(x$)", "x\nyx", "|x|x|"},
      {R"(^.)", "ab\ncd", "|a|c|"},
      {R"(\w+)", "a_1\u200d\u0301b", "|a_1|\u0301b|"},
      {R"((?i:'s))", "'S'\u017f", "|'S|'\u017f|"},
      {R"(\p{^L}+)", "ab12", "|12|"},
      {R"(q*)", "aqqb", "||qq||"},
      {R"(\u0041\x42)", "AB", "|AB|"},
  };
  for (const Row& row : rows) {
    const Result<TokenizerRegex> regex = TokenizerRegex::compile(row.pattern);
    ASSERT_TRUE(regex.ok()) << to_string(regex.error());
    const std::string text = row.text;
    std::string pieces = "|";
    regex.value().for_each_match(text, [&](const TokenizerRegex::Match& match) {
      pieces += text.substr(match.begin, match.end - match.begin) + "|";
    });
    EXPECT_EQ(pieces, row.pieces) << row.pattern;
  }
}

TEST(Unicode, NormalForms) {
  struct Row {
    const char* text;
    const char* nfc;
    const char* nfd;
  };
  const Row rows[] = {
      {"plain", "plain", "plain"},
      {"e\u0301", "\u00e9", "e\u0301"},
      {"A\u030a", "\u00c5", "A\u030a"},
      {"\u212b", "\u00c5", "A\u030a"},
      {"q\u0307\u0323", "q\u0323\u0307", "q\u0323\u0307"},
      {"\u1100\u1161\u11a8", "\uac01", "\u1100\u1161\u11a8"},
      {"\uac00\u11a8", "\uac01", "\u1100\u1161\u11a8"},
      {"\u0958", "\u0915\u093c", "\u0915\u093c"},
      {"\u0301", "\u0301", "\u0301"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(to_nfc(row.text), row.nfc) << row.text;
    EXPECT_EQ(to_nfd(row.text), row.nfd) << row.text;
  }
  EXPECT_EQ(to_lower_case("AÉΣİ"), "aéσi\u0307");
}

TEST(Unicode, FindsWhatIsNoUtf8) {
  struct Row {
    const char* text;
    size_t valid;
    const char* replaced;
  };
  const Row rows[] = {
      {"", 0, ""},
      {"abcdefgh\u00e9", 10, "abcdefgh\u00e9"},
      {"a\xFFz", 1, "a\uFFFDz"},
      {"\xE4\xBD", 0, "\uFFFD"},
      {"\xED\xA0\x80", 0, "\uFFFD\uFFFD\uFFFD"},
      {"\xC0\x80", 0, "\uFFFD\uFFFD"},
      {"\xF0\x9F\x9Ax", 0, "\uFFFDx"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(valid_utf8_prefix(row.text), row.valid) << row.text;
    EXPECT_EQ(replace_invalid_utf8(row.text), row.replaced) << row.text;
  }
}

}  // namespace
}  // namespace caco::lm
