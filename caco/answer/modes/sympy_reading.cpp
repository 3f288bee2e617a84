#include "caco/answer/modes/sympy_reading.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "caco/answer/answer.h"
#include "caco/answer/clean_text.h"
#include "caco/answer/expr_ball.h"
#include "caco/answer/modes/latex_prefix.h"
#include "caco/answer/modes/text_rules.h"
#include "caco/answer/parse.h"
#include "caco/base/ascii.h"

namespace caco {
namespace {

struct SympyText {
  std::string text;
  bool is_mathematics = false;  // a LaTeX parser reads it
  bool is_relation = false;
  std::optional<double> value;
};

SympyText as_sympy_text(std::string_view raw) {
  SympyText reading;
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
std::string relation_as_difference(std::string_view relation) {
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
  while (end < text.size() && is_ascii_letter(text[end]))
    ++end;
  return end;
}

// SymPy knows no decimal comma: one that groups no three digits parts numbers.
bool parts_numbers(std::string_view text, size_t at) {
  if (text[at] != ',') return false;
  const size_t end = std::min(text.find_first_not_of("0123456789", at + 1), text.size());
  return end > at + 1 && end != at + 4;
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
    const bool joins_letter =
        is_ascii_letter(byte) && (is_ascii_letter(before) || is_digit(before));
    const bool joins_number = is_digit(byte) && is_digit(before) && is_blank_before;
    // A group binds as the letter alone does: \sin 2{x} is \sin(2x).
    if (joins_letter) {
      result += {'{', byte, '}'};
    } else {
      if (joins_number) result += '*';
      result += byte;
    }
    if (parts_numbers(text, i)) result += ' ';
    // What stands in an index or exponent is no factor of what follows.
    const bool is_script = i > 0 && (text[i - 1] == '_' || text[i - 1] == '^');
    if (byte != ' ') before = is_script ? '\0' : byte;
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

std::optional<double> constant_value(std::string_view text) {
  const Readings readings = parse_answer(text);
  if (readings.values.empty() || readings.is_over_limit) return std::nullopt;
  const Value& value = readings.values.front();
  if (!value.unit.name.empty() || !value.text.empty()) return std::nullopt;
  if (value.kind == ValueKind::Number) return value.number.value.get_d();
  if (value.kind != ValueKind::Expression || !symbols_of(value.expr).empty()) return std::nullopt;
  const BallValue ball = evaluate_ball(value.expr, BallOptions());
  if (!ball.is_finite || ball.left_reals || !acb_is_real(ball.value.get())) return std::nullopt;
  return arf_get_d(arb_midref(acb_realref(ball.value.get())), ARF_RND_NEAR);
}

bool sympy_equal(std::string_view left, std::string_view right, double relative_tolerance) {
  const SympyText reading_left = as_sympy_text(left);
  const SympyText reading_right = as_sympy_text(right);
  if (reading_left.text.empty() || reading_right.text.empty()) return false;
  if (reading_left.text == reading_right.text) return true;
  if (reading_left.value && reading_right.value) {
    return text_rules::is_close(*reading_left.value, *reading_right.value, relative_tolerance, 0);
  }
  if (reading_left.is_relation && reading_right.is_relation) {
    const std::string difference = relation_as_difference(reading_left.text);
    const std::string other = relation_as_difference(reading_right.text);
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
