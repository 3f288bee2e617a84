#include "caco/answer/modes/dart.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "caco/answer/modes/latex_prefix.h"
#include "caco/answer/modes/sympy_reading.h"
#include "caco/answer/modes/text_rules.h"

namespace caco {
namespace {

using text_rules::is_close;
using text_rules::python_float;

constexpr double kExactTolerance = 1e-9;
constexpr double kAbsoluteTolerance = 1e-8;
constexpr double kPercentTolerance = 1e-3;

bool could_be_percent(double value) {
  return (0 < value && value < 1) || (1 < value && value < 100);
}

bool equal_or_percent(double reference, double predicted) {
  if (is_close(reference, predicted, kExactTolerance, kAbsoluteTolerance)) return true;
  if (!could_be_percent(predicted)) return false;
  for (const double candidate : {reference / 100, reference * 100}) {
    if (could_be_percent(candidate) &&
        is_close(candidate, predicted, kPercentTolerance, kAbsoluteTolerance)) {
      return true;
    }
  }
  return false;
}

// The items between commas outside brackets, without the brackets around all; nothing when there is
// no comma.
std::optional<std::vector<std::string>> items_of(std::string_view text) {
  if (text.find(',') == std::string_view::npos) return std::nullopt;
  if (text.find_first_of("([{") == 0 && text.find_last_of(")]}") == text.size() - 1) {
    text = text.substr(1, text.size() - 2);
    if (text_rules::ends_with(text, "\\")) text.remove_suffix(1);
  }
  return text_rules::split(text, ",");
}

bool equal_values(std::string_view predicted, std::string_view reference) {
  const LatexPrefix left = read_latex_prefix(predicted);
  const LatexPrefix right = read_latex_prefix(reference);
  if (left.value && right.value) return equal_or_percent(*right.value, *left.value);
  return sympy_equal(predicted, reference, kExactTolerance);
}

// Lists of the same length, item by item in their order; the kind of the brackets does not matter.
bool equal_lists(std::string_view predicted, std::string_view reference) {
  const std::optional<std::vector<std::string>> left = items_of(predicted);
  const std::optional<std::vector<std::string>> right = items_of(reference);
  if (!left || !right || left->size() != right->size()) return false;
  for (size_t i = 0; i < left->size(); ++i) {
    if (!equal_values((*left)[i], (*right)[i])) return false;
  }
  return true;
}

}  // namespace

bool dart_equal(std::string_view predicted, std::string_view reference) {
  const std::string left = dart_normal_text(predicted);
  const std::string right = dart_normal_text(reference);
  if (left.empty()) return false;
  const bool is_ascii = std::all_of(left.begin(), left.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0x80) == 0;
  });
  if (!is_ascii) return false;
  if (text_rules::lower(left) == text_rules::lower(right)) return true;
  const std::optional<double> left_number = python_float(left);
  const std::optional<double> right_number = python_float(right);
  if (left_number && right_number) return equal_or_percent(*right_number, *left_number);
  const bool has_list = left.find(',') != std::string::npos || right.find(',') != std::string::npos;
  if (has_list) {
    return equal_lists(left, right) || latex_equal(left, right);
  }
  return equal_values(left, right);
}

}  // namespace caco
