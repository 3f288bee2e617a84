// The calculator of worked solutions; see calculator.h.
#include "caco/lm/calculator.h"

#include <cstdint>
#include <limits>
#include <numeric>

namespace caco::lm {
namespace {

constexpr size_t kMaxExpressionBytes = 200;
constexpr int kMaxDepth = 32;
constexpr int64_t kMaxDecimals = 12;

// numerator / denominator in lowest terms, denominator > 0.
struct Rational {
  int64_t numerator = 0;
  int64_t denominator = 1;
};

using Wide = __int128_t;
using Value = std::optional<Rational>;

Value reduced(Wide numerator, Wide denominator) {
  if (denominator == 0) return std::nullopt;
  if (denominator < 0) {
    numerator = -numerator;
    denominator = -denominator;
  }
  Wide a = numerator < 0 ? -numerator : numerator;
  Wide b = denominator;
  while (b != 0) {
    const Wide rest = a % b;
    a = b;
    b = rest;
  }
  if (a > 1) {
    numerator /= a;
    denominator /= a;
  }
  constexpr Wide kMost = std::numeric_limits<int64_t>::max();
  if (numerator > kMost || numerator < -kMost || denominator > kMost) return std::nullopt;
  return Rational{static_cast<int64_t>(numerator), static_cast<int64_t>(denominator)};
}

// Each product of two 64-bit numbers fits 127 bits; a sum of two such products does too, because
// magnitudes stay below 2^63.
Value add(const Rational& a, const Rational& b, int sign) {
  return reduced(Wide{a.numerator} * b.denominator + sign * (Wide{b.numerator} * a.denominator),
                 Wide{a.denominator} * b.denominator);
}

Value multiply(const Rational& a, const Rational& b) {
  return reduced(Wide{a.numerator} * b.numerator, Wide{a.denominator} * b.denominator);
}

Value divide(const Rational& a, const Rational& b) {
  return reduced(Wide{a.numerator} * b.denominator, Wide{a.denominator} * b.numerator);
}

Value floor_divide(const Rational& a, const Rational& b) {
  const Value quotient = divide(a, b);
  if (!quotient) return quotient;
  int64_t floor = quotient->numerator / quotient->denominator;
  if (quotient->numerator < 0 && quotient->numerator % quotient->denominator != 0) --floor;
  return Rational{floor, 1};
}

// Python's modulus: a - b * floor(a / b), with the sign of b.
Value modulus(const Rational& a, const Rational& b) {
  const Value floor = floor_divide(a, b);
  if (!floor) return floor;
  const Value product = multiply(b, *floor);
  return product ? add(a, *product, -1) : product;
}

Value power(const Rational& base, const Rational& exponent) {
  if (exponent.denominator != 1) return std::nullopt;
  int64_t remaining = exponent.numerator;
  if (remaining < 0) {
    if (base.numerator == 0 || remaining < -1000) return std::nullopt;
    const Value inverse = divide({1, 1}, base);
    return inverse ? power(*inverse, {-remaining, 1}) : inverse;
  }
  Value result = Rational{1, 1};
  Value square = base;
  while (remaining > 0) {
    if (!square) return square;
    if (remaining % 2 == 1) {
      result = multiply(*result, *square);
      if (!result) return result;
    }
    remaining /= 2;
    if (remaining > 0) square = multiply(*square, *square);
  }
  return result;
}

// Recursive descent, one function a level of Python's grammar: sum, product, unary, power, atom.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Value parse() {
    const Value value = parse_sum();
    skip_spaces();
    return position_ == text_.size() ? value : std::nullopt;
  }

 private:
  void skip_spaces() {
    while (position_ < text_.size() && text_[position_] == ' ')
      ++position_;
  }

  bool take(std::string_view token) {
    skip_spaces();
    if (!text_.substr(position_).starts_with(token)) return false;
    position_ += token.size();
    return true;
  }

  Value parse_sum() {
    if (++depth_ > kMaxDepth) return std::nullopt;
    Value left = parse_product();
    while (left) {
      const int sign = take("+") ? 1 : take("-") ? -1 : 0;
      if (sign == 0) break;
      const Value right = parse_product();
      left = right ? add(*left, *right, sign) : right;
    }
    --depth_;
    return left;
  }

  Value parse_product() {
    Value left = parse_unary();
    while (left) {
      Value (*operation)(const Rational&, const Rational&) = nullptr;
      if (take("//")) {
        operation = floor_divide;
      } else if (take("/")) {
        operation = divide;
      } else if (take("%")) {
        operation = modulus;
      } else if (!text_.substr(position_).starts_with("**") && take("*")) {
        operation = multiply;
      } else {
        break;
      }
      const Value right = parse_unary();
      left = right ? operation(*left, *right) : right;
    }
    return left;
  }

  Value parse_unary() {
    if (++depth_ > kMaxDepth) return std::nullopt;
    Value value;
    if (take("-")) {
      value = parse_unary();
      if (value) value->numerator = -value->numerator;
    } else if (take("+")) {
      value = parse_unary();
    } else {
      value = parse_power();
    }
    --depth_;
    return value;
  }

  Value parse_power() {
    const Value base = parse_atom();
    if (!base || !take("**")) return base;
    const Value exponent = parse_unary();  // right-associative, and -1 is allowed
    return exponent ? power(*base, *exponent) : exponent;
  }

  Value parse_atom() {
    if (take("(")) {
      const Value value = parse_sum();
      return value && take(")") ? value : std::nullopt;
    }
    return parse_number();
  }

  Value parse_number() {
    skip_spaces();
    Wide digits = 0;
    Wide scale = 1;
    bool has_digit = false;
    bool has_point = false;
    for (; position_ < text_.size(); ++position_) {
      const char character = text_[position_];
      if (character == '.' && !has_point) {
        has_point = true;
        continue;
      }
      if (character < '0' || character > '9') break;
      has_digit = true;
      digits = digits * 10 + (character - '0');
      if (has_point) scale *= 10;
      if (digits > std::numeric_limits<int64_t>::max()) return std::nullopt;
      if (scale > std::numeric_limits<int64_t>::max() / 10) return std::nullopt;
    }
    return has_digit ? reduced(digits, scale) : std::nullopt;
  }

  std::string_view text_;
  size_t position_ = 0;
  int depth_ = 0;
};

// Decimals end exactly when the denominator has no prime factors but 2 and 5.
std::optional<std::string> format(const Rational& value) {
  if (value.denominator == 1) return std::to_string(value.numerator);
  Wide numerator = value.numerator < 0 ? -Wide{value.numerator} : Wide{value.numerator};
  int64_t decimals = 0;
  Wide scaled = numerator;
  while (scaled % value.denominator != 0) {
    if (++decimals > kMaxDecimals) return std::nullopt;
    scaled *= 10;
    if (scaled > (Wide{1} << 120)) return std::nullopt;
  }
  scaled /= value.denominator;
  if (scaled > std::numeric_limits<int64_t>::max()) return std::nullopt;
  const std::string digits = std::to_string(static_cast<int64_t>(scaled));
  const int64_t num_zeros = decimals + 1 - static_cast<int64_t>(digits.size());
  std::string text = value.numerator < 0 ? "-" : "";
  if (num_zeros > 0) text.append(static_cast<size_t>(num_zeros), '0');
  text += digits;
  text.insert(text.end() - decimals, '.');
  return text;
}

}  // namespace

std::optional<std::string> calculate(std::string_view expression) {
  if (expression.size() > kMaxExpressionBytes) return std::nullopt;
  const Value value = Parser(expression).parse();
  return value ? format(*value) : std::nullopt;
}

std::optional<std::string> annotation_completion(std::string_view text, size_t num_new_bytes) {
  const size_t first_new = text.size() - num_new_bytes;
  const size_t open = text.rfind("<<");
  if (open == std::string_view::npos) return std::nullopt;
  const std::string_view annotation = text.substr(open + 2);
  const size_t equals = annotation.find('=');
  const bool is_new = equals != std::string_view::npos && open + 2 + equals >= first_new;
  if (!is_new || annotation.find('\n') != std::string_view::npos) return std::nullopt;
  const std::optional<std::string> value = calculate(annotation.substr(0, equals));
  if (!value) return std::nullopt;
  const std::string completion = *value + ">>";
  const std::string_view present = annotation.substr(equals + 1);
  if (!completion.starts_with(present)) return std::nullopt;
  return completion.substr(present.size());
}

}  // namespace caco::lm
