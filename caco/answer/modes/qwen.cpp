#include "caco/answer/modes/qwen.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "caco/answer/modes/sympy_reading.h"
#include "caco/answer/modes/text_rules.h"

namespace caco {
namespace {

using text_rules::contains;
using text_rules::ends_with;
using text_rules::python_float;
using text_rules::starts_with;
using text_rules::strip;

constexpr double kMaxRelativeDifference = 1e-4;
constexpr int64_t kMaxNesting = 8;

bool answers_equal(std::string_view predicted, std::string_view reference, int64_t depth);

// A number with its commas removed; a percent is a hundredth of it.
std::optional<double> number_of(std::string_view text) {
  std::string clean(text);
  clean.erase(std::remove(clean.begin(), clean.end(), ','), clean.end());
  if (const std::optional<double> number = python_float(clean)) return number;
  if (!ends_with(clean, "%")) return std::nullopt;
  clean.pop_back();
  if (ends_with(clean, "\\")) clean.pop_back();
  const std::optional<double> number = python_float(clean);
  return number ? std::optional<double>(*number / 100) : std::nullopt;
}

// The last letter of A to E that stands alone, whatever its case.
std::string option_of(std::string_view text) {
  for (size_t i = text.size(); i-- > 0;) {
    const char upper = static_cast<char>(text[i] & ~0x20);
    const bool is_alone = (i == 0 || !text_rules::is_word(text[i - 1])) &&
                          (i + 1 == text.size() || !text_rules::is_word(text[i + 1]));
    if (is_alone && upper >= 'A' && upper <= 'E') return std::string(1, upper);
  }
  return "";
}

std::string without_brackets(std::string_view text) {
  std::string result;
  for (const char byte : text) {
    if (std::string_view("{}()").find(byte) == std::string_view::npos) result += byte;
  }
  return text_rules::lower(result);
}

bool equal_parts(const std::vector<std::string>& predicted,
                 const std::vector<std::string>& reference, int64_t depth) {
  if (predicted.size() != reference.size()) return false;
  for (size_t i = 0; i < predicted.size(); ++i) {
    if (!answers_equal(predicted[i], reference[i], depth + 1)) return false;
  }
  return true;
}

// It starts with a bracket and has another behind at least one byte: what stands after does not
// matter to that grader, which then cuts the first and the last byte off.
bool looks_bracketed(std::string_view text) {
  return !text.empty() && (text[0] == '(' || text[0] == '[') &&
         text.find_first_of(")]", 2) != std::string_view::npos;
}

std::vector<std::string> inner_parts(std::string_view text) {
  return text_rules::split(text.substr(1, text.size() - 2), ",");
}

constexpr size_t kPmatrixStart = 15;  // bytes of \begin{pmatrix}
constexpr size_t kPmatrixEnd = 13;

bool is_matrix(std::string_view text) {
  const bool has_start =
      starts_with(text, "\\begin{pmatrix}") || starts_with(text, "\\begin{bmatrix}");
  const bool has_end = ends_with(text, "\\end{pmatrix}") || ends_with(text, "\\end{bmatrix}");
  return has_start && has_end && text.size() >= kPmatrixStart + kPmatrixEnd;
}

std::vector<std::string> matrix_rows(std::string_view text) {
  const std::string_view inside =
      text.substr(kPmatrixStart, text.size() - kPmatrixStart - kPmatrixEnd);
  std::vector<std::string> rows;
  for (const std::string& row : text_rules::split(inside, "\\\\")) {
    if (!strip(row).empty()) rows.emplace_back(strip(row));
  }
  return rows;
}

bool equal_matrices(std::string_view predicted, std::string_view reference, int64_t depth) {
  const std::vector<std::string> predicted_rows = matrix_rows(predicted);
  const std::vector<std::string> reference_rows = matrix_rows(reference);
  if (predicted_rows.size() != reference_rows.size()) return false;
  for (size_t i = 0; i < predicted_rows.size(); ++i) {
    if (!equal_parts(text_rules::split(predicted_rows[i], "&"),
                     text_rules::split(reference_rows[i], "&"), depth)) {
      return false;
    }
  }
  return true;
}

// Both sides as `left - (right)`.
std::string equation_as_difference(std::string_view equation) {
  const std::vector<std::string> sides = text_rules::split(equation, "=");
  return std::string(strip(sides[0])) + " - (" + std::string(strip(sides[1])) + ")";
}

bool equal_or_hundredfold(double predicted, double reference) {
  for (const double candidate : {reference / 100, reference, reference * 100}) {
    if (text_rules::is_close(candidate, predicted, kMaxRelativeDifference, 0)) return true;
  }
  return false;
}

bool equal_equations(std::string_view predicted, std::string_view reference, int64_t depth) {
  const auto num_signs = [](std::string_view text) {
    return std::count(text.begin(), text.end(), '=');
  };
  const auto is_short_left = [](std::string_view text) {
    return strip(text.substr(0, text.find('='))).size() <= 2;
  };
  const int64_t in_predicted = num_signs(predicted);
  const int64_t in_reference = num_signs(reference);
  if (in_predicted == 1 && in_reference == 1) {
    const std::string left = equation_as_difference(predicted);
    const std::string right = equation_as_difference(reference);
    return sympy_equal(left, right, kMaxRelativeDifference) ||
           sympy_equal("-(" + left + ")", right, kMaxRelativeDifference);
  }
  if (in_predicted == 1 && in_reference == 0 && is_short_left(predicted)) {
    return answers_equal(text_rules::split(predicted, "=")[1], reference, depth + 1);
  }
  if (in_reference == 1 && in_predicted == 0 && is_short_left(reference)) {
    return answers_equal(predicted, text_rules::split(reference, "=")[1], depth + 1);
  }
  return false;
}

bool answers_equal(std::string_view predicted, std::string_view reference, int64_t depth) {
  if (depth > kMaxNesting) return false;
  if (text_rules::lower(strip(predicted)) == text_rules::lower(strip(reference))) return true;
  const bool is_option = reference.size() == 1 && reference[0] >= 'A' && reference[0] <= 'E';
  if (is_option && option_of(predicted) == reference) return true;
  const std::optional<double> predicted_number = number_of(predicted);
  const std::optional<double> reference_number = number_of(reference);
  if (predicted_number && reference_number) {
    return equal_or_hundredfold(*predicted_number, *reference_number);
  }
  if (predicted.empty()) return false;
  predicted = strip(predicted);
  reference = strip(reference);
  const auto is_between = [&](std::string_view open, std::string_view close) {
    return starts_with(predicted, open) && ends_with(predicted, close);
  };
  const bool loses_brackets = (is_between("[", "]") && !starts_with(reference, "(")) ||
                              (is_between("(", ")") && !starts_with(reference, "["));
  const std::string_view brackets = loses_brackets ? "[]()" : "";
  if (without_brackets(strip(predicted, brackets)) ==
      without_brackets(strip(reference, brackets))) {
    return true;
  }
  if (looks_bracketed(predicted) && looks_bracketed(reference) &&
      equal_parts(inner_parts(predicted), inner_parts(reference), depth)) {
    return true;
  }
  if (is_matrix(predicted) && is_matrix(reference) && equal_matrices(predicted, reference, depth)) {
    return true;
  }
  return equal_equations(predicted, reference, depth) ||
         sympy_equal(predicted, reference, kMaxRelativeDifference);
}

}  // namespace

bool qwen_equal(std::string_view predicted, std::string_view reference) {
  return answers_equal(predicted, reference, 0);
}

}  // namespace caco
