#include "caco/answer/text_pieces.h"

#include <algorithm>
#include <cstdint>

#include "caco/answer/clean_text.h"
#include "caco/answer/units.h"

namespace caco {

bool is_among(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_opener(char c) {
  return c == '(' || c == '[' || c == '{' || c == kMatrixStart;
}
bool is_closer(char c) {
  return c == ')' || c == ']' || c == '}' || c == kMatrixEnd;
}

size_t find_closer(std::string_view text) {
  int64_t depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (is_opener(text[i])) ++depth;
    if (is_closer(text[i]) && --depth == 0) return i;
  }
  return std::string_view::npos;
}

Pieces split(std::string_view text, std::string_view separator) {
  Pieces pieces;
  int64_t depth = 0;
  size_t start = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (is_opener(text[i])) ++depth;
    if (is_closer(text[i])) --depth;
    if (depth != 0 || text[i] != separator[0] || text.substr(i, separator.size()) != separator) {
      continue;
    }
    pieces.push_back(text.substr(start, i - start));
    start = i + separator.size();
    i = start - 1;
  }
  pieces.push_back(text.substr(start));
  return pieces;
}

bool is_words(std::string_view text) {
  bool has_word = false;
  size_t word_start = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    const bool in_word = i < text.size() && is_letter(text[i]);
    if (in_word) continue;
    const std::string_view word = text.substr(word_start, i - word_start);
    if (word.size() >= 3 && is_math_name(fold_case_and_space(word))) return false;
    has_word = has_word || word.size() >= 3;
    word_start = i + 1;
    if (i < text.size() && !is_space(text[i]) && !is_digit(text[i]) &&
        std::string_view("'-.,!?;:&\"").find(text[i]) == std::string_view::npos) {
      return false;
    }
  }
  return has_word;
}

}  // namespace caco
