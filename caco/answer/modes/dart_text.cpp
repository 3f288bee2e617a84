// DART-Math's normalisation and extraction; the comparison stands in dart.cpp.
#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <vector>

#include "caco/answer/modes/dart.h"
#include "caco/answer/modes/text_rules.h"
#include "caco/answer/units.h"
#include "caco/base/ascii.h"

namespace caco {
namespace {

using text_rules::contains;
using text_rules::ends_with;
using text_rules::replace_all;
using text_rules::starts_with;
using text_rules::strip;

// Punctuation that may neither start nor end an answer.
std::string_view clean_ends(std::string_view text) {
  static constexpr std::string_view kBoth = " \t\n\r:./,#?$\"'";
  for (bool has_changed = true; has_changed;) {
    const size_t before = text.size();
    text = strip(text, kBoth);
    for (const std::string_view start : {"!", ")", "]", "}"}) {
      if (starts_with(text, start)) text.remove_prefix(1);
    }
    for (const std::string_view end : {"(", "[", "{", "\\"}) {
      if (ends_with(text, end)) text.remove_suffix(1);
    }
    has_changed = text.size() != before;
  }
  return text;
}

// "True" or "False" when a word of that kind stands anywhere in the text, inside others too.
std::optional<std::string> find_truth(std::string_view text) {
  std::string lower = text_rules::lower(text);
  replace_all(lower, "noindent", "");
  if (contains(lower, "yes") || contains(lower, "true")) return "True";
  if (contains(lower, "no") || contains(lower, "false")) return "False";
  return std::nullopt;
}

std::optional<std::string> find_weekday(std::string_view text) {
  static constexpr std::array<std::string_view, 7> kDays = {
      "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
  const std::string lower = text_rules::lower(strip(text));
  if (contains(lower, " ")) return std::nullopt;
  for (const std::string_view day : kDays) {
    if (starts_with(lower, text_rules::lower(day.substr(0, 3)))) return std::string(day);
  }
  return std::nullopt;
}

void remove_and_replace(std::string& text) {
  for (const std::string_view removed : {"\n",          "\t",           "approximately",
                                         "'",           "\"",           "\\$",
                                         "$",           "{,}",          "\\!",
                                         "\\,",         "\\:",          "\\;",
                                         "\\qquad",     "\\quad",       "\\space",
                                         "\\thinspace", "\\medspace",   "\\thickspace",
                                         "\\ ",         "\\%",          "%",
                                         "\\left",      "\\right",      "^{\\circ}",
                                         "^\\circ",     "\xe2\x82\xac", "\xc2\xa3"})
    replace_all(text, removed, "");
  static constexpr std::array<std::array<std::string_view, 2>, 17> kReplaced = {{
      {"\xe2\x88\xaa", "\\cup"},
      {"\xcf\x80", "\\pi"},
      {"\xe2\x88\x9e", "\\infty"},
      {"\xe2\x88\x88", "\\in"},
      {"\xe2\x88\xa9", "\\cap"},
      {"\xe2\x88\x92", "-"},
      {"and", ","},
      {";", ","},
      {"infinity", "\\infty"},
      {"+\\infty", "\\infty"},
      {"tfrac", "frac"},
      {"dfrac", "frac"},
      {"\\approx", "="},
      {"\\times", "*"},
      {"\\cdot", "*"},
      {" .", " 0."},
      {":", "/"},
  }};
  for (const auto& [from, to] : kReplaced)
    replace_all(text, from, to);
  if (!contains(text, "\\infty")) replace_all(text, "inf", "\\infty");
  replace_all(text, " ", "");
}

// The first \COMMAND{content} of each kind loses its command and its braces.
void remove_commands(std::string& text) {
  for (const std::string_view command :
       {"\\textbf", "\\textit", "\\textrm", "\\mathrm", "\\mathbf", "\\mathit", "\\mathbb",
        "\\mathcal", "\\underline", "\\overline", "\\text", "\\mbox"}) {
    const size_t at = text.find(command);
    if (at == std::string::npos) continue;
    text.erase(at, command.size());
    if (at == text.size() || text[at] != '{') continue;
    int64_t depth = 0;
    for (size_t i = at; i < text.size(); ++i) {
      depth += text[i] == '{' ? 1 : text[i] == '}' ? -1 : 0;
      if (depth > 0) continue;
      text.erase(i, 1);
      text.erase(at, 1);
      break;
    }
  }
}

// "3.00" is 3, "2.50" stays.
void remove_zero_fractions(std::string& text) {
  for (size_t at = text.find('.'); at != std::string::npos; at = text.find('.', at + 1)) {
    size_t end = at + 1;
    while (end < text.size() && text[end] == '0')
      ++end;
    const bool is_between = end < text.size() && is_digit(text[end]);
    if (at == 0 || !is_digit(text[at - 1]) || end == at + 1 || is_between) continue;
    text.erase(at, end - at);
    if (at == text.size()) break;
  }
}

// A number with a unit behind it, letters attached: "2t", "3m", "5km".
void cut_attached_units(std::string& text) {
  static constexpr auto kUnits = std::to_array<std::string_view>(
      {"hour", "minute", "min",  "sec",     "second",    "day",  "week", "month", "year", "meter",
       "mile", "kg",     "mg",   "g",       "t",         "ton",  "nm",   "pm",    "um",   "m",
       "cm",   "mm",     "dm",   "km",      "kilometer", "inch", "feet", "piece", "bit",  "hz",
       "Hz",   "m/s",    "km/s", "billion", "eV",        "V",    "C",    "s",     "am",   "a.m."});
  for (const std::string_view unit : kUnits) {
    for (const std::string_view ending : {"", "s", "e", "es"}) {
      const std::string word = std::string(unit) + std::string(ending);
      if (!ends_with(text, word) || text.size() == word.size()) continue;
      const char before = text[text.size() - word.size() - 1];
      if (is_digit(before) || std::string_view("-.*^{}").find(before) != std::string_view::npos) {
        text.resize(text.size() - word.size());
      }
    }
  }
}

// Names such as k, f(x), AB or \alpha before one equals sign.
bool is_name_of_value(std::string_view side) {
  const size_t open = side.find('(');
  if (open != std::string_view::npos && ends_with(side, ")")) side = side.substr(0, open);
  if (starts_with(side, "\\")) side.remove_prefix(1);
  const bool is_short =
      side.size() == 1 ||
      (side.size() == 2 && std::isupper(static_cast<unsigned char>(side[0])) != 0);
  const bool is_greek = side.size() > 2 && side.size() <= 7;
  return (is_short || is_greek) && std::all_of(side.begin(), side.end(), [](char byte) {
           return std::isalpha(static_cast<unsigned char>(byte)) != 0;
         });
}

void remove_left_side(std::string& text) {
  const std::vector<std::string> sides = text_rules::split(text, "=");
  if (sides.size() > 2) text = sides.back();
  if (sides.size() != 2) return;
  const bool has_letter = std::any_of(sides[0].begin(), sides[0].end(), [](char byte) {
    return std::isalpha(static_cast<unsigned char>(byte)) != 0;
  });
  if (!has_letter || is_name_of_value(sides[0])) text = sides[1];
}

// One pair of brackets around everything.
void remove_outer_brackets(std::string& text) {
  for (bool has_changed = true; has_changed && text.size() >= 2;) {
    has_changed = false;
    for (const std::string_view pair : {"()", "[]", "{}"}) {
      if (text.size() < 2 || text.front() != pair[0] || text.back() != pair[1]) continue;
      int64_t depth = 0;
      size_t close = 0;
      for (size_t i = 0; i < text.size() && close == 0; ++i) {
        depth += text[i] == pair[0] ? 1 : text[i] == pair[1] ? -1 : 0;
        if (depth == 0) close = i;
      }
      if (close + 1 != text.size()) continue;
      text = text.substr(1, text.size() - 2);
      has_changed = true;
    }
  }
}

std::string normal_math(std::string_view answer) {
  std::string text(clean_ends(answer));
  remove_and_replace(text);
  remove_commands(text);
  if (contains(text, "j") && !contains(text, "i")) replace_all(text, "j", "i");
  remove_zero_fractions(text);
  cut_attached_units(text);
  if (text.empty()) return text;
  if (text[0] == '.') text = "0" + text;
  text = text_rules::brace_fractions(text);
  text = text_rules::fraction_of_slash(text, /*allows_roots=*/true);
  if (!contains(text, ",")) remove_outer_brackets(text);
  if (!contains(text, "\\begin{")) remove_left_side(text);
  const size_t pm = text.find("\\pm");
  if (pm != std::string::npos) {
    remove_outer_brackets(text);
    const size_t at = text.find("\\pm");
    const std::string first = text.substr(0, at);
    const std::string second = text.substr(at + 3);
    text = first + "-" + second + "," + first + "+" + second;
  }
  while (text.size() > 1 && text[0] == '0' && is_digit(text[1]))
    text.erase(0, 1);
  const std::optional<int64_t> word = number_word_value(text_rules::lower(text));
  if (word && *word <= 20) text = std::to_string(*word);
  return std::string(clean_ends(text));
}

}  // namespace

std::string dart_normal_text(std::string_view answer) {
  std::string text(answer);
  replace_all(text, "\n", "");
  const std::string_view clean = clean_ends(text);
  if (const std::optional<std::string> truth = find_truth(clean)) return *truth;
  if (const std::optional<std::string> day = find_weekday(clean)) return *day;
  return normal_math(clean);
}

std::string dart_extract(std::string_view solution) {
  std::string_view rest = clean_ends(solution);
  for (const std::string_view mark : {"herefore", "####", "# Answer"})
    rest = strip(text_rules::after_last(rest, mark).value_or(rest));
  if (contains(rest, "oxed{")) {
    return dart_normal_text(text_rules::box_after(rest, "oxed", /*skips_escaped=*/true));
  }
  for (const std::string_view mark : {"is the ans", "is our ans"}) {
    const size_t at = rest.rfind(mark);
    if (at == std::string_view::npos) continue;
    const std::string_view before = strip(rest.substr(0, at));
    const size_t start = before.find_last_of(",.!");
    return dart_normal_text(start == std::string_view::npos ? before : before.substr(start + 1));
  }
  for (const std::string_view mark : {"answer is", "answer:", "answer :"}) {
    const std::optional<std::string_view> found = text_rules::after_last(rest, mark);
    if (found) return dart_normal_text(*found);
  }
  if (contains(rest, "statement")) {
    return find_truth(text_rules::after_last(rest, "is ").value_or(rest))
        .value_or(dart_normal_text(rest));
  }
  const size_t close = solution.rfind('$');
  const size_t open = close == std::string_view::npos || close == 0
                          ? std::string_view::npos
                          : solution.rfind('$', close - 1);
  if (open != std::string_view::npos && close > open + 1) {
    return dart_normal_text(solution.substr(open + 1, close - open - 1));
  }
  return dart_normal_text(text_rules::last_number(solution));
}

}  // namespace caco
