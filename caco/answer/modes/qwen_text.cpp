// Qwen2.5-Math's replacements and extraction; the comparison stands in qwen.cpp.
#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <vector>

#include "caco/answer/modes/qwen.h"
#include "caco/answer/modes/text_rules.h"
#include "caco/answer/units.h"

namespace caco {
namespace {

using text_rules::contains;
using text_rules::is_word;
using text_rules::replace_all;

// The words that are removed wherever they stand alone, in the order in which that grader tries
// them; then each with an s.
constexpr auto kQwenUnits = std::to_array<std::string_view>(
    {"east",   "degree",  "mph",    "kmph",    "ft",     "m sqaure",     " m east",  "sq m",
     "deg",    "mile",    "monkey", "prime",   "ratio",  "profit of rs", "rd",       "o",
     "gm",     "lb",      "tile",   "per",     "dm",     "lt",           "gain",     "ab",
     "way",    "west",    "t",      "a",       "h",      "no change",    "men",      "soldier",
     "pie",    "bc",      "excess", "st",      "inches", "noon",         "percent",  "by",
     "gal",    "kmh",     "c",      "acre",    "rise",   "th",           "sq",       "mark",
     "l",      "toy",     "coin",   "gallon",  "profit", "minw",         "yr",       "women",
     "feet",   "am",      "pm",     "hr",      "cu cm",  "square",       "are",      "rupee",
     "rounds", "cubic",   "cc",     "mtr",     "s",      "ohm",          "number",   "day",
     "hour",   "minute",  "min",    "second",  "man",    "woman",        "sec",      "cube",
     "mt",     "sq inch", "mp",     "hectare", "more",   "unit",         "cm 2",     "rs",
     "kg",     "g",       "month",  "km",      "m",      "cm",           "mm",       "apple",
     "liter",  "loss",    "yard",   "pure",    "year",   "increase",     "decrease", "d",
     "less",   "Surface", "litre",  "pi sq m", "metre",  "meter",        "inch"});

// Removes the word where it stands alone, with the borders kept; matches do not overlap, and the
// border after one cannot be the border before the next.
void remove_word(std::string& text, const std::string& word) {
  std::string result;
  size_t done = 0;
  for (size_t at = text.find(word); at != std::string::npos;) {
    const size_t end = at + word.size();
    const bool is_alone = (at == 0 || (at > done && !is_word(text[at - 1]))) &&
                          (end == text.size() || !is_word(text[end]));
    if (!is_alone) {
      at = text.find(word, at + 1);
      continue;
    }
    const size_t next = std::min(end + 1, text.size());
    result.append(text, done, at - done);
    result.append(text, end, next - end);
    done = next;
    at = text.find(word, done);
  }
  result.append(text, done);
  if (!result.empty()) text = std::move(result);
}

void remove_units(std::string& text) {
  for (int pass = 0; pass < 2; ++pass) {
    for (const std::string_view unit : kQwenUnits)
      remove_word(text, std::string(unit));
    for (const std::string_view unit : kQwenUnits)
      remove_word(text, std::string(unit) + "s");
  }
}

// \text{...} at the end of the text, from its first occurrence, when something stands before it.
void remove_last_text(std::string& text) {
  const size_t at = text.find("\\text");
  if (at == std::string::npos || !text_rules::ends_with(text, "}")) return;
  const size_t open = at + 5;
  if (open >= text.size() || text[open] != '{') return;
  const std::string_view before = text_rules::strip(std::string_view(text).substr(0, at));
  if (!before.empty()) text = std::string(before);
}

// Replaces COMMAND{...}, up to the next closing brace, by the text given, or else by its content.
void replace_command(std::string& text, const std::string& command,
                     std::optional<std::string_view> replacement) {
  const std::string start = command + "{";
  std::string result;
  size_t done = 0;
  for (size_t at = text.find(start); at != std::string::npos; at = text.find(start, done)) {
    const size_t close = text.find('}', at);
    if (close == std::string::npos) break;
    const size_t content = at + start.size();
    result.append(text, done, at - done);
    result += replacement.value_or(std::string_view(text).substr(content, close - content));
    done = close + 1;
  }
  result.append(text, done);
  text = std::move(result);
}

// A text of number words as digits: "five apples" is 5 for that grader.
std::optional<std::string> number_of_words(const std::string& text) {
  std::string spaced = text_rules::lower(text);
  std::replace(spaced.begin(), spaced.end(), '-', ' ');
  int64_t total = 0;
  int64_t part = 0;
  bool has_word = false;
  for (const std::string& word : text_rules::split(spaced, " ")) {
    const std::optional<int64_t> value = number_word_value(text_rules::strip(word));
    if (!value) continue;
    has_word = true;
    if (*value == 100) {
      part = std::max<int64_t>(part, 1) * 100;
    } else if (*value >= 1000) {
      total += std::max<int64_t>(part, 1) * *value;
      part = 0;
    } else {
      part += *value;
    }
  }
  if (!has_word || total > 1000000000000) return std::nullopt;
  return std::to_string(total + part);
}

void convert_number_words(std::string& text) {
  const bool is_digits = !text.empty() && std::all_of(text.begin(), text.end(), [](char byte) {
    return byte >= '0' && byte <= '9';
  });
  if (is_digits) {
    const size_t first = text.find_first_not_of('0');
    text = first == std::string::npos ? "0" : text.substr(first);
  } else if (const std::optional<std::string> number = number_of_words(text)) {
    text = *number;
  }
}

// "3.000x" and "3.0" without their zeros after the point.
void remove_points_of_integers(std::string& text) {
  for (size_t at = text.find('.'); at != std::string::npos; at = text.find('.', at + 1)) {
    if (at == 0 || std::isdigit(static_cast<unsigned char>(text[at - 1])) == 0) continue;
    size_t end = at + 1;
    while (end < text.size() && text[end] == '0')
      ++end;
    if (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end])) != 0) continue;
    text.erase(at, end - at);
    if (at == text.size()) break;
  }
}

// "\sqrt3" with braces.
void brace_words_of_roots(std::string& text) {
  const std::string command = "\\sqrt";
  for (size_t at = text.find(command); at != std::string::npos;
       at = text.find(command, at + command.size())) {
    const size_t start = at + command.size();
    size_t end = start;
    while (end < text.size() && is_word(text[end]))
      ++end;
    if (end == start) continue;
    text.insert(end, "}");
    text.insert(start, "{");
  }
}

void replace_commands(std::string& text) {
  replace_command(text, "\\begin{array}", "\\begin{pmatrix}");
  replace_all(text, "\\end{array}", "\\end{pmatrix}");
  replace_all(text, "bmatrix", "pmatrix");
  replace_all(text, "tfrac", "frac");
  replace_all(text, "dfrac", "frac");
  replace_all(text, "\\neq", "\\ne");
  replace_all(text, "\\leq", "\\le");
  replace_all(text, "\\geq", "\\ge");
  replace_all(text, "\\left", "");
  replace_all(text, "\\right", "");
  replace_all(text, "\\{", "{");
  replace_all(text, "\\}", "}");
}

void replace_words(std::string& text) {
  replace_command(text, "\\text", std::nullopt);
  for (const std::string_view key :
       {"x=", "y=", "z=", "x\\in", "y\\in", "z\\in", "x\\to", "y\\to", "z\\to"})
    replace_all(text, key, "");
  replace_all(text, "\\emptyset", "{}");
  replace_all(text, "(-\\infty,\\infty)", "\\mathbb{R}");
  replace_all(text, "\\%", "");
  replace_all(text, "%", "");
  replace_all(text, " .", " 0.");
  replace_all(text, "{.", "{0.");
  replace_all(text, "infinity", "\\infty");
  if (!contains(text, "\\infty")) replace_all(text, "inf", "\\infty");
  replace_all(text, "and", "");
  replace_all(text, "\\mathbf", "");
  replace_command(text, "\\mbox", "");
  if (contains(text, "j") && !contains(text, "i")) replace_all(text, "j", "i");
}

}  // namespace

std::string qwen_normal_text(std::string_view answer) {
  std::string text(text_rules::strip(answer));
  replace_all(text, "\n", "");
  text = std::string(text_rules::strip_right(text, "."));
  replace_all(text, "\\!", "");
  replace_commands(text);
  remove_last_text(text);
  remove_units(text);
  for (const std::string_view removed : {"^{\\circ}", "^\\circ", "\\$", "$", "\\(", "\\)"})
    replace_all(text, removed, "");
  convert_number_words(text);
  replace_words(text);
  remove_points_of_integers(text);
  if (text.empty()) return text;
  if (text[0] == '.') text = "0" + text;
  const std::vector<std::string> sides = text_rules::split(text, "=");
  if (sides.size() == 2 && sides[0].size() <= 2) text = sides[1];
  brace_words_of_roots(text);
  replace_all(text, " ", "");
  text = text_rules::brace_fractions(text);
  return text_rules::fraction_of_slash(text, /*allows_roots=*/true);
}

std::string qwen_extract(std::string_view solution) {
  std::string found;
  const size_t phrase = solution.find("final answer is $");
  const auto after = [&](std::string_view mark) {
    return std::string(text_rules::strip(text_rules::after_last(solution, mark).value_or("")));
  };
  if (phrase != std::string_view::npos && contains(solution, "$. I hope")) {
    const std::string_view rest = solution.substr(phrase + 17);
    found = std::string(text_rules::strip(rest.substr(0, rest.find("$. I hope"))));
  } else if (contains(solution, "boxed")) {
    found = text_rules::box_after(solution, "boxed", /*skips_escaped=*/false);
  } else if (contains(solution, "he answer is")) {
    found = after("he answer is");
  } else if (contains(solution, "final answer is")) {
    found = after("final answer is");
  } else {
    found = text_rules::last_number(solution);
  }
  // Line ends and the blanks behind them.
  std::string line;
  for (size_t i = 0; i < found.size(); ++i) {
    if (found[i] != '\n') {
      line += found[i];
      continue;
    }
    while (i + 1 < found.size() && std::isspace(static_cast<unsigned char>(found[i + 1])) != 0)
      ++i;
  }
  if (!line.empty() && line[0] == ':') line.erase(0, 1);
  if (!line.empty() && line.back() == '.') line.pop_back();
  if (!line.empty() && line.back() == '/') line.pop_back();
  return qwen_normal_text(line);
}

}  // namespace caco
