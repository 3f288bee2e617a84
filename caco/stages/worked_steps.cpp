#include "caco/stages/worked_steps.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

#include "caco/base/ascii.h"
#include "caco/stages/shown_literals.h"
#include "caco/stages/stated_inputs.h"

namespace caco {
namespace {

// Numbers that a solution may use without saying where they come from: digits (of a number),
// months, and what units, percentages and angles need.
constexpr int kEverydayConstants[] = {0,  1,  2,  3,  4,  5,  6,  7,   8,   9,   10,  11,  12,  24,
                                      28, 29, 30, 31, 52, 60, 90, 100, 180, 360, 365, 366, 1000};

struct Annotation {
  size_t begin = 0;  // of "<<"
  std::string_view expression;
  std::string_view value;
};

std::vector<Annotation> find_annotations(std::string_view text) {
  std::vector<Annotation> found;
  size_t at = 0;
  while ((at = text.find("<<", at)) != std::string_view::npos) {
    const size_t end = text.find(">>", at);
    if (end == std::string_view::npos) break;
    const std::string_view inside = text.substr(at + 2, end - at - 2);
    const size_t equals = inside.rfind('=');
    if (equals != std::string_view::npos) {
      found.push_back({at, inside.substr(0, equals), inside.substr(equals + 1)});
    }
    at = end + 2;
  }
  return found;
}

std::string without_annotations(std::string_view text) {
  std::string plain;
  size_t at = 0;
  while (at < text.size()) {
    const size_t begin = text.find("<<", at);
    const size_t end = begin == std::string_view::npos ? begin : text.find(">>", begin);
    if (end == std::string_view::npos) break;
    plain += text.substr(at, begin - at);
    at = end + 2;
  }
  plain += text.substr(at);
  return plain;
}

// Characters of an expression in running text. A space between two digits and a point or comma that
// is not between two digits end it ("Step 2. 5 + 6 = 11").
bool continues_expression(std::string_view text, size_t i) {
  const char c = text[i];
  if (is_digit(c) || std::string_view("+-*/%()$").find(c) != std::string_view::npos) return true;
  const char before = i > 0 ? text[i - 1] : ' ';
  const char after = i + 1 < text.size() ? text[i + 1] : ' ';
  if (c == ' ') return !(is_digit(before) && is_digit(after));
  return (c == '.' || c == ',') && is_digit(before) && is_digit(after);
}

bool has_operator(std::string_view expression) {
  return expression.find_first_of("+-*/", 1) != std::string_view::npos;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ')
    text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ')
    text.remove_suffix(1);
  return text;
}

// Returns the expression that ends before text[end]; empty when it hangs on something that is not
// part of it: a letter, a power sign, an operator whose left side is in words.
std::string_view expression_before(std::string_view text, size_t end) {
  size_t begin = end;
  while (begin > 0 && continues_expression(text, begin - 1))
    --begin;
  const std::string_view found = trim(text.substr(begin, end - begin));
  if (found.empty() || std::string_view("+*/%)").find(found.front()) != std::string_view::npos) {
    return {};
  }
  const char first = text[begin];
  if (found.front() == '-' || first == ' ' || begin == 0) {
    return found.front() == '-' ? std::string_view() : found;
  }
  const char before = text[begin - 1];
  const bool hangs = std::isalnum(static_cast<unsigned char>(before)) != 0 ||
                     static_cast<unsigned char>(before) >= 0x80 ||
                     std::string_view("^_{}|]!:\\.,").find(before) != std::string_view::npos;
  return hangs ? std::string_view() : found;
}

std::string_view expression_after(std::string_view text, size_t begin) {
  size_t end = begin;
  while (end < text.size() && continues_expression(text, end))
    ++end;
  if (end < text.size()) {
    const char after = text[end];
    const bool is_spaced = end > begin && text[end - 1] == ' ';
    const bool hangs = std::isalpha(static_cast<unsigned char>(after)) != 0 ||
                       static_cast<unsigned char>(after) >= 0x80 ||
                       std::string_view("^_{!:\\").find(after) != std::string_view::npos;
    if (hangs && !is_spaced) return {};
    if (text.substr(end).starts_with("remainder") || text.substr(end).starts_with("R")) return {};
  }
  std::string_view found = trim(text.substr(begin, end - begin));
  while (!found.empty() && (found.back() == '-' || found.back() == '(' || found.back() == ' ')) {
    found.remove_suffix(1);
  }
  return found;
}

// "10 / 3 = 3" in running text is a rounding in words, not a mistake that can be decided.
bool is_whole_rounding(const Rational& exact, std::string_view shown) {
  const std::optional<Rational> value = parse_rational(shown);
  if (!value || value->denominator != 1 || exact.denominator == 1) return false;
  const double difference = to_double(exact) - to_double(*value);
  return difference > -1 && difference < 1;
}

// Brings the signs of multiplication and division between two numbers to * and /.
std::string with_plain_operators(const std::string& text) {
  constexpr std::pair<std::string_view, char> kSigns[] = {
      {"\\times", '*'}, {"\\cdot", '*'}, {"\\div", '/'}, {"×", '*'},
      {"·", '*'},       {"÷", '/'},      {"x", '*'},
  };
  const auto is_operand = [](char c) {
    return is_digit(c) || std::string_view("()$%.").find(c) != std::string_view::npos;
  };
  std::string plain;
  size_t i = 0;
  while (i < text.size()) {
    size_t length = 0;
    for (const auto& [sign, replacement] : kSigns) {
      if (text.compare(i, sign.size(), sign) != 0) continue;
      const size_t next = text.find_first_not_of(' ', i + sign.size());
      const size_t last = plain.find_last_not_of(' ');
      if (next == std::string::npos || last == std::string::npos) continue;
      if (!is_operand(text[next]) || !is_operand(plain[last])) continue;
      plain += replacement;
      length = sign.size();
      break;
    }
    if (length == 0) plain += text[i];
    i += std::max<size_t>(length, 1);
  }
  return plain;
}

std::optional<std::string> wrong_equation(std::string_view solution) {
  const std::string plain = with_plain_operators(without_annotations(solution));
  const std::string_view text = plain;
  for (size_t at = text.find('='); at != std::string_view::npos; at = text.find('=', at + 1)) {
    const std::string_view left = expression_before(text, at);
    const std::string_view right = expression_after(text, at + 1);
    if (left.empty() || right.empty() || !(has_operator(left) || has_operator(right))) continue;
    const std::optional<Evaluation> left_value = evaluate(left);
    const std::optional<Evaluation> right_value = evaluate(right);
    if (!left_value || !right_value || left_value->value == right_value->value) continue;
    std::string shown(right);
    std::erase(shown, '$');
    if (shown.ends_with('%')) shown.pop_back();  // 75/100 * 100 = 75%
    if (shows_value(shown, left_value->value) || is_whole_rounding(left_value->value, shown)) {
      continue;
    }
    if (has_operator(right) && !has_operator(left) &&
        shows_value(std::string(left), right_value->value)) {
      continue;
    }
    return std::string(left) + " = " + std::string(right) + " does not hold";
  }
  return std::nullopt;
}

bool holds(std::span<const Rational> values, const Rational& wanted) {
  return std::any_of(values.begin(), values.end(), [&](const Rational& value) {
    return value == wanted ||
           (value.numerator == -wanted.numerator && value.denominator == wanted.denominator);
  });
}

// As holds; a value that is not whole also when it is shown rounded, within half a percent.
bool shows_about(std::span<const Rational> shown, const Rational& wanted) {
  if (holds(shown, wanted)) return true;
  if (wanted.denominator == 1) return false;
  const double value = to_double(wanted);
  return std::any_of(shown.begin(), shown.end(), [&](const Rational& number) {
    return std::abs(to_double(number) - value) <= 0.005 * std::abs(value);
  });
}

void add_numbers(std::string_view text, std::vector<Rational>& values) {
  for (const TextNumber& number : find_numbers(text)) {
    values.insert(values.end(), number.readings.begin(), number.readings.end());
  }
}

// What a step may compute with before the solution begins, the program's own values left out.
std::vector<Rational> given_numbers(const StepsQuestion& asked) {
  std::vector<Rational> given;
  for (const int constant : kEverydayConstants)
    given.push_back(Rational{constant, 1});
  add_numbers(asked.question, given);
  add_numbers(asked.program, given);
  for (const auto& [name, repr] : *asked.inputs) {
    for (const Leaf& leaf : leaves_of_repr(repr)) {
      const std::optional<Rational> value = parse_rational(leaf.text);
      if (leaf.kind == Leaf::Kind::Number && value) given.push_back(*value);
    }
  }
  return given;
}

// Returns where the text form of an annotation begins: "4 * 6 = " of "4 * 6 = <<4*6=24>>24".
size_t begin_of_step(std::string_view solution, const Annotation& annotation) {
  size_t begin = annotation.begin;
  while (begin > 0 && (solution[begin - 1] == '=' || continues_expression(solution, begin - 1))) {
    --begin;
  }
  return begin;
}

std::optional<std::string> wrong_annotation(const StepsQuestion& asked,
                                            const std::vector<Annotation>& annotations) {
  std::vector<Rational> known = given_numbers(asked);
  size_t read_to = 0;
  for (const Annotation& annotation : annotations) {
    const std::string step =
        "<<" + std::string(annotation.expression) + "=" + std::string(annotation.value) + ">>";
    const std::optional<Evaluation> found = evaluate(annotation.expression);
    if (!found) return step + " cannot be computed";
    if (!shows_value(annotation.value, found->value)) return step + " does not hold";
    const size_t begin = std::max(begin_of_step(asked.solution, annotation), read_to);
    add_numbers(asked.solution.substr(read_to, begin - read_to), known);
    read_to = begin;
    // A known number may be taken apart: 3 * 23 = 69.
    const bool takes_apart = holds(known, found->value);
    for (const Rational& operand : found->operands) {
      if (!takes_apart && !holds(known, operand) && !holds(asked.trace->numbers, operand)) {
        return "an operand of " + step + " comes from nowhere";
      }
    }
    known.push_back(found->value);
    if (const std::optional<Rational> shown = parse_rational(annotation.value)) {
      known.push_back(*shown);
    }
  }
  return std::nullopt;
}

}  // namespace

StepsCheck check_steps(const StepsQuestion& asked) {
  const std::vector<Annotation> annotations = find_annotations(asked.solution);
  if (const std::optional<std::string> wrong = wrong_annotation(asked, annotations)) {
    return {StepsVerdict::Disagree, *wrong};
  }
  if (const std::optional<std::string> wrong = wrong_equation(asked.solution)) {
    return {StepsVerdict::Disagree, *wrong};
  }
  if (const std::optional<std::string> wrong = find_wrong_literal(
          {asked.question, asked.solution, asked.program, asked.output, asked.trace->literals})) {
    return {StepsVerdict::Disagree, *wrong};
  }
  std::vector<Rational> shown;
  add_numbers(asked.solution, shown);
  const std::optional<Rational> output = parse_rational(asked.output);
  int64_t num_shared = 0;
  int64_t num_steps = 0;
  for (const Rational& value : asked.trace->numbers) {
    if (value == output) continue;  // the answers were compared already
    ++num_steps;
    if (shows_about(shown, value)) ++num_shared;
  }
  if (static_cast<double>(num_shared) < asked.min_shared_steps * static_cast<double>(num_steps)) {
    return {StepsVerdict::Disagree, "the solution shows " + std::to_string(num_shared) + " of " +
                                        std::to_string(num_steps) +
                                        " intermediate values of the program"};
  }
  if (annotations.empty() && num_shared == 0) return {};
  return {StepsVerdict::Agree, ""};
}

}  // namespace caco
