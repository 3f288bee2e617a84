#include "caco/stages/arithmetic.h"

#include <algorithm>
#include <cstdlib>

#include "caco/base/ascii.h"

namespace caco {
namespace {

// Numbers of more digits are not read: products of two of them would not fit 127 bits anyway.
constexpr int64_t kMaxDigits = 30;
// Deeper nesting than this is no worked step.
constexpr int64_t kMaxDepth = 50;
constexpr int64_t kMaxExponent = 64;

Int128 absolute(Int128 value) {
  return value < 0 ? -value : value;
}

Int128 greatest_common_divisor(Int128 a, Int128 b) {
  a = absolute(a);
  b = absolute(b);
  while (b != 0) {
    const Int128 rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

std::optional<Rational> make_rational(Int128 numerator, Int128 denominator) {
  if (denominator == 0) return std::nullopt;
  if (denominator < 0) {
    numerator = -numerator;
    denominator = -denominator;
  }
  const Int128 divisor = greatest_common_divisor(numerator, denominator);
  return Rational{numerator / divisor, denominator / divisor};
}

// Half of the type's range, so that a value can always be negated and compared.
constexpr Int128 kLargest = Int128{1} << 126;

bool fits(Int128 value) {
  return -kLargest < value && value < kLargest;
}

std::optional<Int128> product(Int128 a, Int128 b) {
  Int128 result = 0;
  if (__builtin_mul_overflow(a, b, &result) || !fits(result)) return std::nullopt;
  return result;
}

std::optional<Rational> add(const Rational& left, const Rational& right, int64_t sign) {
  const std::optional<Int128> a = product(left.numerator, right.denominator);
  const std::optional<Int128> b = product(right.numerator, left.denominator);
  const std::optional<Int128> denominator = product(left.denominator, right.denominator);
  if (!a || !b || !denominator) return std::nullopt;
  const Int128 numerator = sign > 0 ? *a + *b : *a - *b;  // both are below half of the range
  if (!fits(numerator)) return std::nullopt;
  return make_rational(numerator, *denominator);
}

std::optional<Rational> multiply(const Rational& left, const Rational& right) {
  const std::optional<Int128> numerator = product(left.numerator, right.numerator);
  const std::optional<Int128> denominator = product(left.denominator, right.denominator);
  if (!numerator || !denominator) return std::nullopt;
  return make_rational(*numerator, *denominator);
}

std::optional<Rational> floor_divide(const Rational& left, const Rational& right) {
  const std::optional<Rational> quotient = divide(left, right);
  if (!quotient) return std::nullopt;
  Int128 whole = quotient->numerator / quotient->denominator;
  if (quotient->numerator % quotient->denominator < 0) --whole;
  return Rational{whole, 1};
}

std::optional<Rational> modulo(const Rational& left, const Rational& right) {
  const std::optional<Rational> quotient = floor_divide(left, right);
  if (!quotient) return std::nullopt;
  const std::optional<Rational> taken = multiply(*quotient, right);
  return taken ? add(left, *taken, -1) : std::nullopt;
}

std::optional<Rational> power(const Rational& base, const Rational& exponent) {
  if (exponent.denominator != 1 || absolute(exponent.numerator) > kMaxExponent) return std::nullopt;
  std::optional<Rational> result = Rational{1, 1};
  for (Int128 i = 0; i < absolute(exponent.numerator) && result; ++i) {
    result = multiply(*result, base);
  }
  if (!result || exponent.numerator >= 0) return result;
  return make_rational(result->denominator, result->numerator);
}

// Recursive descent, lowest precedence first; each function returns nullopt when the text at
// position_ is not what it reads.
class Parser {
 public:
  explicit Parser(std::string text) : text_(std::move(text)) {}

  std::optional<Evaluation> parse() {
    const std::optional<Rational> value = sum(0);
    if (!value || position_ != text_.size()) return std::nullopt;
    return Evaluation{*value, std::move(operands_)};
  }

 private:
  bool take(std::string_view token) {
    if (text_.compare(position_, token.size(), token) != 0) return false;
    position_ += token.size();
    return true;
  }

  bool operand_follows(size_t position) const {
    if (position >= text_.size()) return false;
    const char c = text_[position];
    return is_digit(c) || c == '(' || c == '.';
  }

  std::optional<Rational> sum(int64_t depth) {
    if (depth > kMaxDepth) return std::nullopt;
    std::optional<Rational> left = term(depth);
    while (left && position_ < text_.size()) {
      const int64_t sign = take("+") ? 1 : take("-") ? -1 : 0;
      if (sign == 0) break;
      const std::optional<Rational> right = term(depth);
      left = right ? add(*left, *right, sign) : std::nullopt;
    }
    return left;
  }

  std::optional<Rational> term(int64_t depth) {
    std::optional<Rational> left = factor(depth);
    while (left && position_ < text_.size()) {
      std::optional<Rational> (*apply)(const Rational&, const Rational&) = nullptr;
      if (take("//")) {
        apply = floor_divide;
      } else if (take("/")) {
        apply = divide;
      } else if (take("*")) {
        apply = multiply;
      } else if (text_[position_] == '%' && operand_follows(position_ + 1) && take("%")) {
        apply = modulo;
      } else {
        break;
      }
      const std::optional<Rational> right = factor(depth);
      left = right ? apply(*left, *right) : std::nullopt;
    }
    return left;
  }

  std::optional<Rational> factor(int64_t depth) {
    if (depth > kMaxDepth) return std::nullopt;
    if (take("-")) {
      const std::optional<Rational> value = factor(depth + 1);
      return value ? std::optional<Rational>(Rational{-value->numerator, value->denominator})
                   : std::nullopt;
    }
    if (take("+")) return factor(depth + 1);
    std::optional<Rational> base = atom(depth);
    if (base && take("**")) {
      const std::optional<Rational> exponent = factor(depth + 1);
      base = exponent ? power(*base, *exponent) : std::nullopt;
    }
    return base;
  }

  std::optional<Rational> atom(int64_t depth) {
    std::optional<Rational> value;
    if (take("(")) {
      value = sum(depth + 1);
      if (!value || !take(")")) return std::nullopt;
    } else {
      size_t end = position_;
      while (end < text_.size() &&
             (is_digit(text_[end]) || text_[end] == '.' || text_[end] == ',')) {
        ++end;
      }
      const std::string_view text = text_;
      value = parse_rational(text.substr(position_, end - position_));
      if (!value) return std::nullopt;
      operands_.push_back(*value);
      position_ = end;
    }
    if (position_ < text_.size() && text_[position_] == '%' && !operand_follows(position_ + 1)) {
      ++position_;
      value = divide(*value, Rational{100, 1});
    }
    return value;
  }

  std::string text_;
  size_t position_ = 0;
  std::vector<Rational> operands_;
};

// Brings the signs that people use to the ones the parser reads.
std::string plain_signs(std::string_view expression) {
  std::string plain;
  for (size_t i = 0; i < expression.size(); ++i) {
    const std::string_view rest = expression.substr(i);
    if (expression[i] == ' ' || expression[i] == '$') continue;
    if (rest.starts_with("×") || rest.starts_with("÷")) {
      plain += rest.starts_with("×") ? '*' : '/';
      ++i;
    } else if (expression[i] == 'x') {
      plain += '*';
    } else {
      plain += expression[i];
    }
  }
  return plain;
}

// The number at the beginning of a text, without sign and exponent.
struct Decimal {
  Int128 digits = 0;
  int64_t num_decimals = 0;
  size_t length = 0;  // characters read
};

std::optional<Decimal> read_decimal(std::string_view text) {
  Decimal decimal;
  int64_t num_digits = 0;
  bool has_point = false;
  for (; decimal.length < text.size(); ++decimal.length) {
    const char c = text[decimal.length];
    if (c == ',' && num_digits > 0 && !has_point) continue;
    if (c == '.' && !has_point) {
      has_point = true;
      continue;
    }
    if (!is_digit(c)) break;
    if (++num_digits > kMaxDigits) return std::nullopt;
    decimal.digits = decimal.digits * 10 + (c - '0');
    if (has_point) ++decimal.num_decimals;
  }
  if (num_digits == 0) return std::nullopt;
  return decimal;
}

// "e5", "E-3", or nothing, which is 0.
std::optional<int64_t> read_exponent(std::string_view text) {
  if (text.empty()) return 0;
  if ((text[0] != 'e' && text[0] != 'E') || text.size() == 1) return std::nullopt;
  const std::string digits(text.substr(1));
  char* end = nullptr;
  const long exponent = std::strtol(digits.c_str(), &end, 10);
  if (*end != '\0') return std::nullopt;
  return std::clamp<int64_t>(exponent, -4 * kMaxDigits, 4 * kMaxDigits);
}

int64_t count_decimals(std::string_view shown) {
  const size_t point = shown.find('.');
  return point == std::string_view::npos ? 0 : static_cast<int64_t>(shown.size() - point - 1);
}

int64_t count_significant(std::string_view shown) {
  int64_t count = 0;
  for (const char c : shown) {
    if (is_digit(c) && (count > 0 || c != '0')) ++count;
  }
  return count;
}

}  // namespace

std::optional<Rational> parse_rational(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  const std::optional<Decimal> decimal = read_decimal(text);
  if (!decimal) return std::nullopt;
  const std::optional<int64_t> power_of_ten = read_exponent(text.substr(decimal->length));
  if (!power_of_ten) return std::nullopt;
  const int64_t exponent = *power_of_ten - decimal->num_decimals;
  if (exponent > kMaxDigits || exponent < -kMaxDigits) return std::nullopt;
  const std::optional<Rational> scale = power(Rational{10, 1}, Rational{exponent, 1});
  if (!scale) return std::nullopt;
  return multiply(Rational{is_negative ? -decimal->digits : decimal->digits, 1}, *scale);
}

std::optional<Rational> divide(const Rational& left, const Rational& right) {
  if (right.numerator == 0) return std::nullopt;
  return multiply(left, *make_rational(right.denominator, right.numerator));
}

double to_double(const Rational& value) {
  return static_cast<double>(value.numerator) / static_cast<double>(value.denominator);
}

std::optional<Evaluation> evaluate(std::string_view expression) {
  return Parser(plain_signs(expression)).parse();
}

bool shows_value(std::string_view shown, const Rational& exact) {
  const std::optional<Rational> value = parse_rational(shown);
  if (!value) return false;
  if (*value == exact) return true;
  const int64_t decimals = count_decimals(shown);
  if (decimals < 1 || count_significant(shown) < 3) return false;
  const std::optional<Rational> difference = add(*value, exact, -1);
  const std::optional<Rational> unit = power(Rational{10, 1}, Rational{-decimals, 1});
  if (!difference || !unit) return false;
  const std::optional<Rational> units = divide(*difference, *unit);
  return units && absolute(units->numerator) < units->denominator;
}

}  // namespace caco
