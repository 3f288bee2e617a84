#include "caco/answer/modes/sympy_reading.h"

#include <array>
#include <optional>
#include <string>

#include "caco/answer/answer.h"
#include "caco/answer/modes/latex_prefix.h"
#include "caco/answer/modes/text_rules.h"

namespace caco {
namespace {

struct Reading {
  std::string text;
  bool is_mathematics = false;  // a LaTeX parser reads it
  bool is_relation = false;
  std::optional<double> value;
};

Reading read(std::string_view raw) {
  Reading reading;
  reading.text = std::string(text_rules::strip(raw));
  const LatexPrefix prefix = read_latex_prefix(reading.text);
  if (prefix.num_bytes == 0) return reading;
  reading.is_mathematics = true;
  reading.text.resize(static_cast<size_t>(prefix.num_bytes));
  reading.is_relation = prefix.is_relation;
  reading.value = prefix.value;
  return reading;
}

// The sides of a relation as a difference, whichever relation it is; empty when it is none.
std::string difference_of(std::string_view relation) {
  static constexpr std::array<std::string_view, 11> kRelations = {
      "<=", ">=", "\\neq", "\\leq", "\\geq", "\\le", "\\ge", "\\ne", "=", "<", ">"};
  for (const std::string_view sign : kRelations) {
    const size_t at = relation.find(sign);
    if (at == std::string_view::npos) continue;
    return std::string(relation.substr(0, at)) + "-(" +
           std::string(relation.substr(at + sign.size())) + ")";
  }
  return "";
}

bool is_letter(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

// Bytes of a command with its name in braces (\text{or}, \begin{pmatrix}) or of a word that joins
// answers at the start of the text; 0 when there is none.
size_t fixed_prefix(std::string_view text) {
  for (const std::string_view command : {"\\text{", "\\mathrm{", "\\begin{", "\\end{"}) {
    if (!text_rules::starts_with(text, command)) continue;
    const size_t close = text.find('}');
    return close == std::string_view::npos ? text.size() : close + 1;
  }
  for (const std::string_view word : {" and ", " or "}) {
    if (text_rules::starts_with(text, word)) return word.size();
  }
  size_t end = 1;
  if (text[0] != '\\') return 0;
  while (end < text.size() && is_letter(text[end]))
    ++end;
  return end;
}

std::string with_factors_apart(std::string_view text) {
  std::string result;
  char before = '\0';  // the last byte that was no blank, of a factor
  for (size_t i = 0; i < text.size();) {
    if (const size_t size = fixed_prefix(text.substr(i)); size > 0) {
      result += text.substr(i, size);
      before = '\0';
      i += size;
      continue;
    }
    const char byte = text[i];
    const bool is_blank_before = i > 0 && text[i - 1] == ' ';
    const bool joins_letter = is_letter(byte) && (is_letter(before) || is_digit(before));
    const bool joins_number = is_digit(byte) && is_digit(before) && is_blank_before;
    if (joins_letter || joins_number) result += '*';
    result += byte;
    if (byte != ' ') before = byte;
    ++i;
  }
  return result;
}

// What no LaTeX parser reads goes to a Python parser, which knows tuples, lists and sets.
bool is_python_collection(std::string_view text) {
  return !text.empty() && std::string_view("([{").find(text[0]) != std::string_view::npos;
}

}  // namespace

bool latex_equal(std::string_view left, std::string_view right) {
  return compare_answers(with_factors_apart(left), with_factors_apart(right)).equality ==
         Equality::Equal;
}

bool sympy_equal(std::string_view left, std::string_view right, double relative_tolerance) {
  const Reading reading_left = read(left);
  const Reading reading_right = read(right);
  if (reading_left.text.empty() || reading_right.text.empty()) return false;
  if (reading_left.text == reading_right.text) return true;
  if (reading_left.value && reading_right.value) {
    return text_rules::is_close(*reading_left.value, *reading_right.value, relative_tolerance, 0);
  }
  if (reading_left.is_relation && reading_right.is_relation) {
    const std::string difference = difference_of(reading_left.text);
    const std::string other = difference_of(reading_right.text);
    return latex_equal(difference, other) || latex_equal("-(" + difference + ")", other);
  }
  if (reading_left.is_relation != reading_right.is_relation) return false;
  if (reading_left.is_mathematics && reading_right.is_mathematics) {
    return latex_equal(reading_left.text, reading_right.text);
  }
  return is_python_collection(reading_left.text) && is_python_collection(reading_right.text) &&
         compare_answers(reading_left.text, reading_right.text).equality == Equality::Equal;
}

}  // namespace caco
