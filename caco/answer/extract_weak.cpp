#include "caco/answer/extract_weak.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "caco/answer/clean_text.h"
#include "caco/answer/expr_names.h"
#include "caco/answer/extract_pieces.h"

namespace caco {
namespace {

constexpr size_t kMaxBracketBytes = 200;
constexpr size_t kMaxBoldBytes = 60;
constexpr size_t kMaxMathsBytes = 2000;
constexpr size_t kMaxWholeBytes = 24;
constexpr size_t kMaxMathsTail = 16 * 1024;
constexpr size_t kMaxWholeMathsBytes = 300;

// Returns the option that the text starts with, with its marks: "(B)", "**B**", `\text{(C)}`.
std::string_view option_at_start(std::string_view text) {
  size_t at = 0;
  while (at < text.size() && std::string_view(" :*_`$({[").find(text[at]) != kNotFound)
    ++at;
  for (const std::string_view command : {"\\text{", "\\textbf{", "\\mathrm{", "\\mathbf{"}) {
    if (text.substr(at).starts_with(command)) at += command.size();
  }
  if (at < text.size() && text[at] == '(') ++at;
  if (at >= text.size() || text[at] < 'A' || text[at] > 'J') return {};
  const size_t letter = at++;
  const bool ends = at == text.size() || (!is_letter(text[at]) && !is_digit(text[at]) &&
                                          text[at] != '\'' && text[at] != '-');
  // "A is ..." may be the article.
  const bool is_article = text[letter] == 'A' && at + 1 < text.size() && text[at] == ' ' &&
                          is_ascii_letter(text[at + 1]);
  return ends && !is_article ? text.substr(letter, 1) : std::string_view();
}

size_t skip_digits(std::string_view text, size_t at) {
  while (at < text.size() && is_digit(text[at]))
    ++at;
  return at;
}

// Returns the end of the digits behind a decimal comma ("0,5"), or `at` when there is none. The
// commas of "1,2,3" part numbers.
size_t skip_decimal_comma(std::string_view text, size_t at) {
  if (text.substr(at, 1) != ",") return at;
  const size_t end = skip_digits(text, at + 1);
  const bool goes_on = text.substr(end, 1) == "," && skip_digits(text, end + 1) > end + 1;
  return end > at + 1 && !goes_on ? end : at;
}

// Returns the length of the plain number at the start: digits with grouping commas, decimals, an
// exponent, a slash and denominator, a percent sign or a pi.
size_t number_length(std::string_view text, bool may_have_comma) {
  const size_t whole = skip_digits(text, 0);
  size_t at = whole;
  while (at + 3 < text.size() && text[at] == ',' && skip_digits(text, at + 1) == at + 4)
    at += 4;
  if (at + 1 < text.size() && text[at] == '.' && is_digit(text[at + 1])) {
    at = skip_digits(text, at + 1);
  } else if (may_have_comma && at == whole) {
    at = skip_decimal_comma(text, at);
  }
  if (at + 1 < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    const size_t digits = at + ((text[at + 1] == '-' || text[at + 1] == '+') ? 2 : 1);
    const size_t end = skip_digits(text, digits);
    if (end > digits) at = end;
  }
  if (at + 1 < text.size() && text[at] == '/' && is_digit(text[at + 1])) {
    at = skip_digits(text, at + 1);
  }
  if (at < text.size() && text[at] == '%') ++at;
  for (const std::string_view sign : {"\u03c0", "\u221a"}) {
    if (!text.substr(at).starts_with(sign)) continue;
    at = skip_digits(text, at + sign.size());
  }
  return at;
}

// Returns the length of `\frac{1}{2}` or `\frac12` at the start, or 0 when it is no fraction.
size_t fraction_length(std::string_view text) {
  size_t at = text[1] == 'f' ? 5 : 6;
  for (int i = 0; i < 2; ++i) {
    if (at < text.size() && is_digit(text[at])) {
      ++at;
      continue;
    }
    const size_t length =
        at < text.size() && text[at] == '{' ? group_length(text.substr(at, 200)) : kNotFound;
    if (length == kNotFound) return 0;
    at += length;
  }
  return at;
}

// "(2, 3)" around the number at [start, end), when it is a list of amounts in one line.
std::string_view bracket_around(std::string_view text, size_t start, size_t end) {
  const size_t from = start > kMaxBracketBytes ? start - kMaxBracketBytes : 0;
  size_t open = start;
  while (open > from && std::string_view("([{\n)]}").find(text[open - 1]) == kNotFound)
    --open;
  if (open == from || std::string_view("([{").find(text[open - 1]) == kNotFound) return {};
  --open;
  size_t close = end;
  while (close < text.size() && is_space(text[close]) && text[close] != '\n')
    ++close;
  if (close >= text.size() || std::string_view(")]}").find(text[close]) == kNotFound) return {};
  const std::string_view inside = text.substr(open + 1, close - open - 1);
  const bool is_list =
      inside.find(',') != kNotFound &&
      inside.find_first_not_of("0123456789.,+-/*^ \u221a\u03c0\u2212\u221e") == kNotFound;
  const bool is_call = open > 0 && (is_letter(text[open - 1]) || is_digit(text[open - 1]));
  return is_list && !is_call ? text.substr(open, close + 1 - open) : std::string_view();
}

// "3:30 p.m." around the minutes at [start, end).
std::string_view time_around(std::string_view text, size_t start, size_t end) {
  if (start < 2 || end - start != 2 || text[start - 1] != ':' || !is_digit(text[start - 2])) {
    return {};
  }
  size_t from = start - 2;
  while (from > 0 && is_digit(text[from - 1]))
    --from;
  for (const std::string_view half :
       {" p.m.", " a.m.", " PM", " AM", " pm", " am", "pm", "am", "PM", "AM"}) {
    if (text.substr(end).starts_with(half)) return text.substr(from, end + half.size() - from);
  }
  return text.substr(from, end - from);
}

bool has_digit(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_digit);
}

// Whether delimited text reads as mathematics and says more than a name.
bool is_answer_maths(std::string_view inside) {
  if (inside.size() > kMaxMathsBytes) return false;
  if (inside.find_first_of("0123456789\\=<>+*/^") == kNotFound) return false;
  for (const std::string_view mark : {"\\blacksquare", "\\square", "\\Box", "\\qed"}) {
    if (trim(inside) == mark) return false;
  }
  // "$18 every day and $": prices.
  for (size_t at = inside.find(' '); at != kNotFound; at = inside.find(' ', at + 1)) {
    size_t end = at + 1;
    while (end < inside.size() && is_ascii_letter(inside[end]))
      ++end;
    const bool is_word = end - at > 3 && (end == inside.size() || inside[end] != '}');
    if (is_word && inside.find("\\text") == kNotFound && inside.find("\\begin") == kNotFound)
      return false;
  }
  return true;
}

// The last side of the last row of an aligned computation; other mathematics as it is.
std::string_view last_step(std::string_view maths) {
  const size_t begin = maths.find("\\begin{align");
  const size_t end = maths.rfind("\\end{align");
  if (begin == kNotFound || end == kNotFound || end < begin) return maths;
  std::string_view rows = trim(maths.substr(begin, end - begin));
  while (rows.ends_with("\\\\"))
    rows = trim(rows.substr(0, rows.size() - 2));
  const size_t row = rows.rfind("\\\\");
  if (row != kNotFound) rows.remove_prefix(row + 2);
  const size_t sign = rows.rfind("&=");
  return sign == kNotFound ? maths : trim(rows.substr(sign + 2));
}

// Whether letters in a line of mathematics are part of it: variables, functions, "or".
bool is_maths_word(std::string_view word) {
  return word.size() == 1 || find_function(word).has_value() || find_constant(word).has_value() ||
         !find_greek(word).empty() || word == "or" || word == "and";
}

// Whether every equals sign names what follows it: "x = 3 or x = 4".
bool names_values(std::string_view text) {
  for (size_t sign = text.find('='); sign != kNotFound; sign = text.find('=', sign + 1)) {
    std::string_view before = trim(text.substr(0, sign));
    if (before.empty() || !is_ascii_letter(before.back())) return false;
    before = trim(before.substr(0, before.size() - 1));
    const bool starts_here = before.empty() || before.ends_with(',') || before.ends_with(';') ||
                             before.ends_with(" or") || before.ends_with(" and");
    if (!starts_here) return false;
  }
  return true;
}

// "D. it cannot be A", "B, since ...": the letter with a mark that ends no name, in one line
// without numbers.
std::string_view option_in_front(std::string_view text) {
  if (text.size() < 2 || text[0] < 'A' || text[0] > 'H') return {};
  const bool is_marked = (text[1] == '.' || text[1] == ',') && text.size() > 3 && text[2] == ' ' &&
                         text[3] >= 'a' && text[3] <= 'z';
  // Words in Chinese follow.
  const bool is_before_words = static_cast<unsigned char>(text[1]) >= 0xe3;
  const bool is_single = text.find_first_of("\n=0123456789") == kNotFound;
  return is_single && (is_marked || is_before_words) ? text.substr(0, 1) : std::string_view();
}

}  // namespace

std::string_view find_whole_maths(std::string_view text) {
  const std::string_view whole = tidy_answer(text);
  if (whole.size() > kMaxWholeMathsBytes || whole.find_first_of("0123456789\\<>") == kNotFound ||
      whole.find_first_of("\n$?#`") != kNotFound || whole.find(". ") != kNotFound) {
    return {};
  }
  if (whole.starts_with("[") && whole.find(',') == kNotFound) return {};
  // A computation ends with its answer, which the last number is.
  const size_t sign = whole.find('=');
  const bool is_computation =
      sign != kNotFound && (has_digit(whole.substr(0, sign)) || whole.rfind('=') != sign);
  if (is_computation && !names_values(whole)) return {};
  for (size_t at = 0; at < whole.size();) {
    if (static_cast<signed char>(whole[at]) < 0) return {};
    size_t end = at;
    while (end < whole.size() && is_ascii_letter(whole[end]))
      ++end;
    const std::string_view word = whole.substr(at, end - at);
    const bool is_command = at > 0 && whole[at - 1] == '\\';
    const bool is_environment = at > 4 && (whole.substr(0, at).ends_with("\\begin{") ||
                                           whole.substr(0, at).ends_with("\\end{"));
    if (is_command && (word.starts_with("text") || word == "mbox")) return {};
    if (!word.empty() && !is_command && !is_environment && !is_maths_word(word)) return {};
    at = std::max(end, at + 1);
  }
  return whole;
}

std::string_view find_choice(std::string_view text, std::string_view lower) {
  static constexpr std::array<std::string_view, 10> kBefore = {
      "choice is", "option is", "choice:", "option:", "choose",
      "select",    "choice",    "option",  "letter",  "pick"};
  std::string_view found = option_in_front(text);
  size_t found_at = 0;
  // "I think it's B": the letter ends the sentence.
  for (const std::string_view phrase : {"it's ", "it is "}) {
    const size_t at = find_last(lower, phrase);
    if (at == kNotFound) continue;
    const std::string_view rest = trim(text.substr(at + phrase.size()));
    const bool is_end = rest.size() == 1 || (rest.size() == 2 && rest[1] == '.');
    if (is_end && rest[0] >= 'A' && rest[0] <= 'H') found = rest.substr(0, 1);
  }
  for (const std::string_view phrase : kBefore) {
    size_t at = find_last(lower, phrase);
    for (int i = 0; i < 4 && at != kNotFound; ++i) {
      std::string_view rest = text.substr(at + phrase.size(), 40);
      for (const std::string_view word : {" option", " choice", " is", " answer"}) {
        if (lower_ascii(rest).starts_with(word)) rest.remove_prefix(word.size());
      }
      const bool is_plural = !rest.empty() && is_ascii_letter(rest.front());
      const std::string_view letter = is_plural ? std::string_view() : option_at_start(rest);
      if (!letter.empty()) {
        if (at >= found_at) found = letter;
        found_at = std::max(found_at, at);
        break;
      }
      at = at == 0 ? kNotFound : find_last(lower, phrase, at - 1);
    }
  }
  return found;
}

std::string_view find_bold(std::string_view text) {
  std::string_view rest = text;
  while (!rest.empty() && is_space(rest.back()))
    rest.remove_suffix(1);
  const size_t line = rest.rfind('\n');
  rest = line == kNotFound ? rest : rest.substr(line + 1);
  const size_t close = rest.rfind("**");
  if (close == kNotFound || close == 0) return {};
  const size_t open = rest.rfind("**", close - 1);
  if (open == kNotFound || has_digit(rest.substr(close))) return {};
  const std::string_view inside = rest.substr(open + 2, close - open - 2);
  const bool is_heading = inside.ends_with(':') || rest.substr(close + 2).starts_with(":") ||
                          std::count(inside.begin(), inside.end(), ' ') > 3;
  return is_heading || inside.size() > kMaxBoldBytes ? std::string_view() : inside;
}

std::string_view find_last_maths(std::string_view text) {
  if (text.size() > kMaxMathsTail) {
    // From a line's start, so that no delimiter is taken for its partner.
    text.remove_prefix(text.size() - kMaxMathsTail);
    const size_t line = text.find('\n');
    if (line != kNotFound) text.remove_prefix(line + 1);
  }
  std::string_view last;
  size_t last_end = 0;
  std::array<bool, kMathDelimiters.size()> never_closes = {};  // from here on
  size_t at = 0;
  while (at < text.size()) {
    at = text.find_first_of("$\\", at);
    if (at == kNotFound) break;
    const Delimiters* opened = nullptr;
    for (const Delimiters& math : kMathDelimiters) {
      const auto which = static_cast<size_t>(&math - kMathDelimiters.data());
      if (!never_closes[which] && text.substr(at).starts_with(math.open) &&
          (at == 0 || text[at - 1] != '\\')) {
        opened = &math;
        break;
      }
    }
    if (opened == nullptr) {
      ++at;
      continue;
    }
    const size_t start = at + opened->open.size();
    const size_t close = find_mark(text, opened->close, start);
    if (close == kNotFound)
      never_closes[static_cast<size_t>(opened - kMathDelimiters.data())] = true;
    const size_t after = close == kNotFound ? kNotFound : close + opened->close.size();
    const bool is_price =
        after != kNotFound && opened->open == "$" && after < text.size() && is_digit(text[after]);
    const std::string_view inside =
        close == kNotFound ? std::string_view() : text.substr(start, close - start);
    if (close == kNotFound || is_price || inside.empty() || inside.size() > kMaxMathsBytes) {
      at = start;
      continue;
    }
    if (is_answer_maths(inside)) {
      last = inside;
      last_end = after;
      at = after;
    } else if (opened->open == "$" && inside.find(' ') != kNotFound) {
      at = start;
    } else {
      at = after;
    }
  }
  if (last.empty() || has_digit(text.substr(last_end))) return {};
  return last_step(last);
}

std::string_view find_last_number(std::string_view text) {
  std::string_view last;
  size_t i = 0;
  while (i < text.size()) {
    const bool is_fraction = text.substr(i).starts_with("\\frac") ||
                             text.substr(i).starts_with("\\dfrac") ||
                             text.substr(i).starts_with("\\tfrac");
    const bool starts_number =
        is_digit(text[i]) || (text[i] == '.' && i + 1 < text.size() && is_digit(text[i + 1]) &&
                              (i == 0 || is_space(text[i - 1])));
    const bool in_word = i > 0 && (is_ascii_letter(text[i - 1]) || text[i - 1] == '_');
    size_t length = 0;
    if (is_fraction) length = fraction_length(text.substr(i));
    const bool may_have_comma = !in_word && (i == 0 || text[i - 1] != ',');
    if (starts_number) length = std::max<size_t>(number_length(text.substr(i), may_have_comma), 1);
    if (length == 0) {
      ++i;
      continue;
    }
    if (starts_number && in_word) {
      i += length;
      continue;
    }
    size_t start = i;
    if (start > 0 && text[start - 1] == '$') --start;
    // A minus sign belongs to the number unless something stands right before it ("10-4").
    constexpr std::string_view kMinus = "\u2212";
    const size_t minus = text.substr(0, start).ends_with('-')      ? 1
                         : text.substr(0, start).ends_with(kMinus) ? kMinus.size()
                                                                   : 0;
    if (minus > 0 && (start == minus || is_space(text[start - minus - 1]) ||
                      std::string_view("(=:[{,$*").find(text[start - minus - 1]) != kNotFound)) {
      start -= minus;
    }
    last = text.substr(start, i + length - start);
    i += length;
  }
  if (last.empty()) return last;
  const auto start = static_cast<size_t>(last.data() - text.data());
  const std::string_view bracket = bracket_around(text, start, start + last.size());
  if (!bracket.empty()) return bracket;
  const std::string_view time = time_around(text, start, start + last.size());
  return time.empty() ? last : time;
}

std::string_view find_last_words(std::string_view text, std::string_view lower) {
  const std::string_view whole = tidy_answer(text);
  if (whole.size() <= kMaxWholeBytes && whole.find_first_of(" \n") == kNotFound) return whole;
  const size_t is = lower.rfind(" is ");
  if (is == kNotFound) return {};
  const std::string_view words = tidy_answer(text.substr(is + 4));
  const bool is_short = words.size() <= kMaxWholeBytes &&
                        std::count(words.begin(), words.end(), ' ') <= 1 &&
                        words.find('\n') == kNotFound;
  return is_short ? words : std::string_view();
}

}  // namespace caco
