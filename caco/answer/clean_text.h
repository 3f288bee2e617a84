// The first pass over an answer: takes off what carries no meaning (mathematics delimiters, spacing
// commands, \left and \right, bold), writes one meaning in one way (Unicode signs, \dfrac, {,}),
// and sets Python string literals aside so that later passes do not look inside them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "caco/base/ascii.h"

namespace caco {

// Bytes below 32 never come from the input; they mark structure in clean text.
inline constexpr char kLiteralStart = '\x02';  // followed by the decimal index of a literal
inline constexpr char kLiteralEnd = '\x03';
inline constexpr char kRowBreak = '\x04';     // `\\`
inline constexpr char kMatrixStart = '\x05';  // \begin{pmatrix} and its like
inline constexpr char kMatrixEnd = '\x06';
inline constexpr char kTextEdge = '\x07';  // border of \text{...}; counts as white space
inline constexpr char kAbout = '\b';       // \approx

struct CleanText {
  std::string text;
  std::vector<std::string> literals;  // decoded contents of Python strings
};

// Returns the clean form; linear in the length.
CleanText clean_answer(std::string_view raw);

// Returns whether the character separates words in clean text.
constexpr bool is_space(char c) {
  return c == ' ' || c == kTextEdge || c == '\t' || c == '\n' || c == '\r' || c == '\v' ||
         c == '\f';
}
constexpr bool is_ascii_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
// Letters include all bytes of multi-byte characters.
constexpr bool is_letter(char c) {
  return is_ascii_letter(c) || static_cast<signed char>(c) < 0;
}

// Returns where the mark stands next, or npos; a dollar sign after a backslash is no mark.
size_t find_mark(std::string_view text, std::string_view mark, size_t from);

// Returns the view without white space at both ends.
std::string_view trim(std::string_view text);

// Returns the text with ASCII letters in lower case and white space collapsed to single blanks.
std::string fold_case_and_space(std::string_view text);

}  // namespace caco
