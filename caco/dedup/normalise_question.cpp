#include "caco/dedup/normalise_question.h"

#include <array>
#include <cstddef>
#include <utility>

#include "caco/base/ascii.h"

namespace caco {
namespace {

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

// Typographic characters and their plain forms.
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kPlain = {{
    {"\u2018", "'"},
    {"\u2019", "'"},
    {"\u201c", "\""},
    {"\u201d", "\""},
    {"\u2013", "-"},
    {"\u2014", " "},
    {"\u2212", "-"},
    {"\u00a0", " "},
    {"\u2026", " "},
}};

std::string make_plain(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  while (!text.empty()) {
    bool is_replaced = false;
    if (static_cast<signed char>(text.front()) < 0) {
      for (const auto& [from, to] : kPlain) {
        if (!text.starts_with(from)) continue;
        plain += to;
        text.remove_prefix(from.size());
        is_replaced = true;
        break;
      }
    }
    if (is_replaced) continue;
    plain += text.front();
    text.remove_prefix(1);
  }
  return plain;
}

// Returns whether the mark at `at` only structures the sentence. A point or comma between digits
// is part of a number; a minus before a digit is a sign.
bool is_sentence_mark(std::string_view text, size_t at) {
  const char before = at > 0 ? text[at - 1] : ' ';
  const char after = at + 1 < text.size() ? text[at + 1] : ' ';
  switch (text[at]) {
    case '.':
      return !is_digit(after);
    case ',':
    case '!':
    case '?':
    case ';':
    case '"':
      return true;
    case ':':
      return !(is_digit(before) && is_digit(after));
    case '-':
      return !is_digit(after);
    default:
      return false;
  }
}

}  // namespace

std::string normalise_question(std::string_view question) {
  const std::string plain = make_plain(question);
  std::string normal;
  normal.reserve(plain.size());
  for (size_t i = 0; i < plain.size(); ++i) {
    const char c = plain[i];
    if (c == ',' && i > 0 && i + 1 < plain.size() && is_digit(plain[i - 1]) &&
        is_digit(plain[i + 1])) {
      continue;
    }
    if (is_space(c) || is_sentence_mark(plain, i)) {
      if (!normal.empty() && normal.back() != ' ') normal += ' ';
    } else {
      normal += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  while (!normal.empty() && normal.back() == ' ')
    normal.pop_back();
  return normal;
}

}  // namespace caco
