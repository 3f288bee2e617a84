#include "caco/answer/decimal_comma.h"

#include <algorithm>
#include <cstddef>

#include "caco/answer/clean_text.h"
#include "caco/answer/text_pieces.h"

namespace caco {
namespace {

constexpr size_t kMaxBytes = 2000;
constexpr size_t kGroupDigits = 3;

// A number with one comma: where its whole part starts, and its comma and end.
struct CommaNumber {
  size_t start = 0;
  size_t comma = 0;
  size_t end = 0;
  bool has_groups = false;  // "1.234.567,8"
};

bool is_digit_at(std::string_view text, size_t at) {
  return at < text.size() && is_digit(text[at]);
}

// Returns the number around the comma, nothing when that is no number with one comma.
std::optional<CommaNumber> number_around(std::string_view text, size_t comma) {
  CommaNumber number{comma, comma, comma + 1, false};
  while (number.start > 0 && is_digit(text[number.start - 1]))
    --number.start;
  while (is_digit_at(text, number.end))
    ++number.end;
  if (number.start == comma || number.end == comma + 1) return std::nullopt;
  const bool goes_on = number.end < text.size() &&
                       (text[number.end] == '.' || text[number.end] == ',') &&
                       is_digit_at(text, number.end + 1);
  if (goes_on) return std::nullopt;
  while (number.start > 0 && text[number.start - 1] == '.') {
    // Groups of three behind one to three digits.
    const size_t first = text.find_first_not_of("0123456789", number.start);
    if (first - number.start != kGroupDigits) return std::nullopt;
    const size_t point = number.start - 1;
    number.start = point;
    while (number.start > 0 && is_digit(text[number.start - 1]))
      --number.start;
    if (number.start == point || point - number.start > kGroupDigits) return std::nullopt;
    number.has_groups = true;
  }
  return number;
}

// "1,234" and "12,345" are numbers with grouped digits as a rule.
bool looks_grouped(std::string_view text, const CommaNumber& number) {
  return number.comma - number.start <= kGroupDigits && text[number.start] != '0' &&
         number.end - number.comma - 1 == kGroupDigits;
}

// Whether brackets stand open before the place.
bool is_inside_brackets(std::string_view text, size_t place) {
  int depth = 0;
  for (const char c : text.substr(0, place)) {
    if (is_opener(c)) ++depth;
    if (is_closer(c)) --depth;
  }
  return depth != 0;
}

}  // namespace

std::optional<DecimalPoints> with_decimal_points(std::string_view text) {
  const size_t first = text.find(',');
  if (first == std::string_view::npos || text.size() > kMaxBytes) return std::nullopt;
  const bool has_semicolon = text.find(';') != std::string_view::npos;
  const bool is_literal = text.find(kLiteralStart) != std::string_view::npos;
  const bool is_inside = !has_semicolon && is_inside_brackets(text, first);
  if (is_literal || is_inside) return std::nullopt;
  DecimalPoints points{"", CommaReading::Certain};
  size_t done = 0;
  for (size_t at = first; at != std::string_view::npos; at = text.find(',', at + 1)) {
    const std::optional<CommaNumber> number = number_around(text, at);
    if (!number.has_value() || (at != first && !has_semicolon)) return std::nullopt;
    // Dollars are written with points.
    const bool has_dollar = number->start > 0 && text[number->start - 1] == '$';
    if (has_dollar && looks_grouped(text, *number)) return std::nullopt;
    points.text += text.substr(done, number->start - done);
    for (const char c : text.substr(number->start, at - number->start)) {
      if (c != '.') points.text += c;
    }
    points.text += '.';
    done = at + 1;
    const CommaReading commas = number->has_groups             ? CommaReading::Certain
                                : looks_grouped(text, *number) ? CommaReading::Doubtful
                                                               : CommaReading::Likely;
    points.commas = std::max(points.commas, commas);
  }
  points.text += text.substr(done);
  return points;
}

bool may_have_decimals(const Value& value, std::string_view text) {
  const bool is_list = value.kind == ValueKind::BareList || value.kind == ValueKind::List ||
                       value.kind == ValueKind::Tuple || value.kind == ValueKind::Set ||
                       value.kind == ValueKind::Interval;
  if (is_list) return text.find(';') != std::string_view::npos;
  return value.kind == ValueKind::Number || value.kind == ValueKind::Expression ||
         value.kind == ValueKind::Relation ||
         (value.kind == ValueKind::Assignment && may_have_decimals(value.items[0], text));
}

}  // namespace caco
