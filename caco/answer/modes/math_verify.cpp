#include "caco/answer/modes/math_verify.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include "caco/answer/answer.h"
#include "caco/answer/clean_text.h"
#include "caco/answer/modes/latex_prefix.h"
#include "caco/answer/modes/sympy_reading.h"
#include "caco/answer/modes/text_rules.h"
#include "caco/base/ascii.h"

namespace caco {
namespace {

using text_rules::contains;
using text_rules::ends_with;
using text_rules::replace_all;
using text_rules::starts_with;
using text_rules::strip;

constexpr int64_t kFloatPlaces = 6;
constexpr double kChopBelow = 1e-15;

// Words that it takes for units behind a number, with or without a blank or \text{} around them.
void remove_unit(std::string& text) {
  static constexpr auto kUnits = std::to_array<std::string_view>(
      {"square",  "cubic",  "kilometers", "meters", "centimeters", "inches",  "inch",
       "feet",    "foot",   "miles",      "mile",   "yards",       "hours",   "hour",
       "minutes", "minute", "seconds",    "second", "days",        "day",     "weeks",
       "week",    "months", "years",      "year",   "cents",       "degrees", "degree",
       "pounds",  "units",  "unit",       "apples", "km",          "cm",      "mm",
       "dm",      "kg",     "mg",         "ml",     "hr",          "min",     "sec",
       "ft",      "in",     "lbs",        "lb",     "t",           "h",       "c",
       "d",       "g",      "s",          "m"});
  for (const std::string_view power : {"^2", "^3"}) {
    if (contains(text, "\\text{") && ends_with(text, power)) text.resize(text.size() - 2);
  }
  const size_t at = text.rfind("\\text{");
  if (at != std::string::npos && at > 0 && ends_with(text, "}")) {
    text = std::string(strip(text.substr(0, at)));
    return;
  }
  for (const std::string_view unit : kUnits) {
    if (!ends_with(text, unit) || text.size() == unit.size()) continue;
    const std::string_view before =
        strip(std::string_view(text).substr(0, text.size() - unit.size()));
    if (before.empty() || !is_digit(before.back())) continue;
    text = std::string(before);
    return;
  }
}

// A number as it stands in LaTeX: digits with commas between thousands and a point, no exponent.
std::optional<double> plain_number(std::string_view text) {
  if (text.find_first_not_of("+-.,0123456789") != std::string_view::npos) return std::nullopt;
  const LatexPrefix prefix = read_latex_prefix(text);
  return prefix.num_bytes == static_cast<int64_t>(text.size()) ? prefix.value : std::nullopt;
}

struct NormalAnswer {
  std::string text;
  std::optional<double> value;
  bool has_point = false;   // a decimal number alone
  bool is_percent = false;  // `value` is already a hundredth
  bool is_integer = false;
  bool is_relation = false;  // an inequality
};

// `\text{odd}` and `\mathrm{odd}` are what they hold.
void remove_text_command(std::string& text) {
  for (const std::string_view command : {"\\text{", "\\mathrm{", "\\textbf{"}) {
    const bool is_whole = starts_with(text, command) && text.find('}') == text.size() - 1;
    if (is_whole) text = text.substr(command.size(), text.size() - command.size() - 1);
  }
}

// The base of `101_2` is dropped, and so are the digits behind the point that repeat.
void remove_base_and_period(std::string& text) {
  const size_t end = text.find_first_not_of(".,0123456789");
  if (end == 0 || end == std::string::npos) return;
  const std::string_view rest = std::string_view(text).substr(end);
  for (const std::string_view mark : {"_", "\\overline", "\\bar"}) {
    if (starts_with(rest, mark)) text.resize(end);
  }
}

// "2 3/4" is as_normal_answer as 2.
void cut_plain_mixed(std::string& text) {
  const size_t end = text.find_first_not_of("-0123456789");
  if (end == 0 || end == std::string::npos || text[end] != ' ' || contains(text, "\\")) return;
  const std::string_view rest = strip(std::string_view(text).substr(end));
  const bool is_fraction =
      contains(rest, "/") && rest.find_first_not_of("0123456789/") == std::string_view::npos;
  if (is_fraction) text.resize(end);
}

// "sqrt(2)" is as_normal_answer as \sqrt{2}; other functions without a backslash are not.
void read_plain_roots(std::string& text) {
  for (size_t at = text.find("sqrt("); at != std::string::npos; at = text.find("sqrt(", at + 1)) {
    const size_t close = text.find(')', at);
    if ((at > 0 && text[at - 1] == '\\') || close == std::string::npos) return;
    text[close] = '}';
    text.replace(at, 5, "\\sqrt{");
  }
}

std::string normal_text(std::string_view answer) {
  std::string text(strip(answer));
  for (const std::string_view word : {" percent", " per cent"})
    replace_all(text, word, "%");
  remove_text_command(text);
  remove_base_and_period(text);
  cut_plain_mixed(text);
  read_plain_roots(text);
  const std::string_view size =
      strip(std::string_view(text).substr(starts_with(text, "-") ? 1 : 0));
  if (size == "inf" || size == "infinity") text = starts_with(text, "-") ? "-\\infty" : "\\infty";
  const bool is_single_set =
      starts_with(text, "\\{") && ends_with(text, "\\}") && !contains(text, ",") && text.size() > 4;
  if (is_single_set) text = text.substr(2, text.size() - 4);
  for (const std::string_view removed : {"^{\\circ}", "^\\circ", "\\$", "$"})
    replace_all(text, removed, "");
  text = std::string(strip(text_rules::strip_right(strip(text), ".")));
  remove_unit(text);
  return text;
}

// Whether there are no words beside commands: "pi" and "1e5" are products of letters for it.
bool is_latex(std::string_view text) {
  bool is_command = false;
  for (const char byte : text) {
    is_command = byte == '\\' || (is_command && is_ascii_letter(byte));
    if (is_ascii_letter(byte) && !is_command) return false;
  }
  return true;
}

// `3\frac{3}{4}`
bool is_mixed_number(std::string_view text) {
  const size_t end = text.find_first_not_of("-0123456789");
  return end != std::string_view::npos && end > 0 && starts_with(text.substr(end), "\\frac{");
}

bool is_ascii(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char byte) { return byte < 0; });
}

// What it has no way to compare but as text: signs beyond ASCII, powers as in programs against
// those of LaTeX, columns and arrows against coordinates.
bool are_of_other_kinds(std::string_view left, std::string_view right) {
  if (!is_ascii(left) || !is_ascii(right)) return true;
  if (contains(left, "**") != contains(right, "**")) return true;
  const auto is_matrix = [](std::string_view text) {
    return contains(text, "matrix}") || contains(text, "array}");
  };
  const auto is_bracketed = [](std::string_view text) {
    return starts_with(text, "(") || starts_with(text, "[") || starts_with(text, "\\langle") ||
           starts_with(text, "\\left(");
  };
  if (is_matrix(left) != is_matrix(right)) return is_bracketed(is_matrix(left) ? right : left);
  return is_bracketed(left) && is_bracketed(right) &&
         contains(left, "\\langle") != contains(right, "\\langle");
}

NormalAnswer as_normal_answer(std::string_view answer) {
  NormalAnswer reading;
  reading.text = normal_text(answer);
  std::string number = reading.text;
  reading.is_percent = ends_with(number, "%");
  if (reading.is_percent) number.pop_back();
  if (ends_with(number, "\\")) number.pop_back();
  const LatexPrefix prefix = read_latex_prefix(number);
  const bool is_whole = prefix.num_bytes == static_cast<int64_t>(number.size());
  if (is_whole) reading.value = prefix.value;
  if (is_latex(number) && (!reading.value || is_mixed_number(number))) {
    reading.value = constant_value(number);
  }
  if (reading.value && reading.is_percent) reading.value = *reading.value / 100;
  const bool is_number = plain_number(number).has_value();
  reading.has_point = is_number && contains(number, ".");
  reading.is_integer = is_number && !reading.has_point;
  reading.is_relation = reading.text.find_first_of("<>") != std::string::npos ||
                        contains(reading.text, "\\le") || contains(reading.text, "\\ge");
  if (contains(reading.text, "\\left") && !contains(reading.text, "\\leq")) {
    reading.is_relation = reading.text.find_first_of("<>") != std::string::npos;
  }
  return reading;
}

double rounded(double value) {
  const double scale = std::pow(10.0, static_cast<double>(kFloatPlaces));
  return std::nearbyint(value * scale) / scale;
}

bool is_interval_of_gold(const NormalAnswer& reading) {
  return (starts_with(reading.text, "(") || starts_with(reading.text, "[") ||
          starts_with(reading.text, "\\left")) &&
         contains(reading.text, ",");
}

// Two numbers in parentheses are an open interval for it, whose ends equal a set of two.
bool equal_pair(const NormalAnswer& gold, const NormalAnswer& predicted) {
  const auto items = [](std::string text) {
    for (const std::string_view removed : {"\\left", "\\right", "\\{", "\\}", "{", "}"})
      replace_all(text, removed, "");
    if (starts_with(text, "(") && ends_with(text, ")")) text = text.substr(1, text.size() - 2);
    return text;
  };
  const auto has_pair = [](std::string_view text) {
    return std::count(text.begin(), text.end(), ',') == 1 && !contains(text, "[") &&
           !contains(text, "]");
  };
  if (!has_pair(gold.text) || !has_pair(predicted.text)) return false;
  return compare_answers("[" + items(gold.text) + "]", "[" + items(predicted.text) + "]")
             .equality == Equality::Equal;
}

// i is a variable for it; \mathbf{i} stays a vector.
std::string with_i_as_symbol(std::string_view text) {
  std::string result;
  bool is_command = false;
  for (size_t i = 0; i < text.size(); ++i) {
    is_command = text[i] == '\\' || (is_command && is_ascii_letter(text[i]));
    const bool is_in_word = (i > 0 && is_ascii_letter(text[i - 1])) ||
                            (i + 1 < text.size() && is_ascii_letter(text[i + 1]));
    const bool is_in_group = i > 0 && text[i - 1] == '{' && text.substr(i + 1, 1) == "}";
    if (text[i] == 'i' && !is_command && !is_in_word && !is_in_group) {
      result += "{\\iota}";
    } else {
      result += text[i];
    }
  }
  return result;
}

// An inequality with one sign: its sides with the smaller one first, and whether they may be equal.
struct Inequality {
  std::string low;
  std::string high;
  bool is_strict = true;
};

std::optional<Inequality> read_inequality(std::string_view text) {
  struct Sign {
    std::string_view text;
    bool is_less;
    bool is_strict;
  };
  static constexpr std::array<Sign, 8> kSigns = {{{"\\leq", true, false},
                                                  {"\\geq", false, false},
                                                  {"\\le", true, false},
                                                  {"\\ge", false, false},
                                                  {"<=", true, false},
                                                  {">=", false, false},
                                                  {"<", true, true},
                                                  {">", false, true}}};
  for (const Sign& sign : kSigns) {
    const size_t at = text.find(sign.text);
    if (at == std::string_view::npos || starts_with(text.substr(at), "\\left")) continue;
    const std::string left(strip(text.substr(0, at)));
    const std::string right(strip(text.substr(at + sign.text.size())));
    if (right.find_first_of("<>") != std::string::npos || contains(right, "\\le") ||
        contains(right, "\\ge") || contains(right, "\\text")) {
      return std::nullopt;
    }
    if (sign.is_less) return Inequality{left, right, sign.is_strict};
    return Inequality{right, left, sign.is_strict};
  }
  return std::nullopt;
}

std::string high_minus_low(const Inequality& inequality) {
  return "(" + inequality.high + ")-(" + inequality.low + ")";
}

// The content of an environment of mathematics that ends last, or nothing.
std::optional<std::string> last_environment(std::string_view text) {
  static constexpr std::array<std::array<std::string_view, 2>, 3> kEnvironments = {
      {{"$$", "$$"}, {"\\[", "\\]"}, {"\\(", "\\)"}}};
  std::optional<std::string> found;
  size_t last_end = 0;
  const auto consider = [&](std::string_view open, std::string_view close) {
    const size_t end = text.rfind(close);
    if (end == std::string_view::npos || end == 0 || end < last_end) return;
    const size_t start = text.rfind(open, end - 1);
    if (start == std::string_view::npos || start + open.size() >= end) return;
    found = std::string(strip(text.substr(start + open.size(), end - start - open.size())));
    last_end = end + close.size();
  };
  for (const auto& [open, close] : kEnvironments)
    consider(open, close);
  if (!found || text.rfind('$') >= last_end) consider("$", "$");
  return found;
}

}  // namespace

bool math_verify_equal(std::string_view predicted, std::string_view gold) {
  const NormalAnswer left = as_normal_answer(gold);
  const NormalAnswer right = as_normal_answer(predicted);
  if (left.text.empty() || right.text.empty()) return false;
  if (left.text == right.text) return true;
  const bool are_words = !contains(left.text, "\\") && !contains(right.text, "\\");
  if (are_words && text_rules::lower(left.text) == text_rules::lower(right.text)) return true;
  if (left.is_integer && right.is_integer && left.is_percent != right.is_percent) {
    // 9% and 9.
    const double scale = left.is_percent ? *left.value * 100 : *left.value;
    const double other = right.is_percent ? *right.value * 100 : *right.value;
    if (left.value && right.value && scale == other) return true;
  }
  if (left.value && right.value) {
    if (left.has_point || right.has_point) return rounded(*left.value) == rounded(*right.value);
    const bool is_plain = left.is_integer || right.is_integer;
    const double size = std::max(std::fabs(*left.value), std::fabs(*right.value));
    if (!is_plain && size < kChopBelow) return true;
  }
  if (are_of_other_kinds(left.text, right.text)) return false;
  if (right.is_relation && !left.is_relation && is_interval_of_gold(left)) return false;
  if (left.is_relation && right.is_relation) {
    const std::optional<Inequality> a = read_inequality(left.text);
    const std::optional<Inequality> b = read_inequality(right.text);
    // It does not solve them.
    if (a && b) {
      return a->is_strict == b->is_strict && latex_equal(high_minus_low(*a), high_minus_low(*b));
    }
  }
  // Decimals are compared above; a rounding is not enough here.
  const bool is_rounding = left.has_point != right.has_point;
  if (!is_rounding && latex_equal(with_i_as_symbol(left.text), with_i_as_symbol(right.text))) {
    return true;
  }
  return equal_pair(left, right);
}

std::string math_verify_extract(std::string_view solution) {
  const size_t phrase = solution.rfind("inal answer is");
  if (phrase != std::string_view::npos && contains(solution.substr(phrase), "I hope")) {
    const std::string_view rest = solution.substr(phrase + 14);
    const std::string_view answer = rest.substr(0, rest.find("I hope"));
    return last_environment(answer).value_or(std::string(strip(answer, " :.\n")));
  }
  if (contains(solution, "\\boxed{")) {
    return text_rules::box_after(solution, "\\boxed", /*skips_escaped=*/false);
  }
  const std::string lower = text_rules::lower(solution);
  const size_t word = lower.rfind("answer");
  if (word != std::string::npos) {
    const std::string_view rest = solution.substr(word + 6);
    if (const std::optional<std::string> found = last_environment(rest)) return *found;
    const std::string number = text_rules::last_number(rest.substr(0, rest.find('\n')));
    if (!number.empty()) return number;
  }
  if (const std::optional<std::string> found = last_environment(solution)) return *found;
  return text_rules::last_number(solution);
}

}  // namespace caco
