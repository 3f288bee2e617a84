// Numbers inside expressions: decimals with periods and exponents, digits to a base, mixed numbers.
#include <algorithm>
#include <string>
#include <utility>

#include "caco/answer/clean_text.h"
#include "caco/answer/expr_reader.h"
#include "caco/answer/limits.h"

namespace caco {
namespace {

// Returns the length of the period that the digits end in before dots, or 0: three threes are
// enough for 0.333..., and 2.718281828... is no period.
size_t period_length(std::string_view decimals) {
  for (size_t length = 1; length <= 12; ++length) {
    const size_t num_repeats = length >= 5 ? 2 : 3;
    if (length * num_repeats > decimals.size()) continue;
    const std::string_view tail = decimals.substr(decimals.size() - length * num_repeats);
    if (tail.substr(length) == tail.substr(0, tail.size() - length)) return length;
  }
  return 0;
}

}  // namespace

int32_t ExprReader::number() {
  std::string digits;
  read_digits(digits);
  while (!commas_part_ && digits.size() <= 3 && peek() == ',' && is_digit(peek(1)) &&
         is_digit(peek(2)) && is_digit(peek(3)) && !is_digit(peek(4)) && digits[0] != '0') {
    ++at_;
    read_digits(digits);
    while (peek() == ',' && is_digit(peek(1)) && is_digit(peek(2)) && is_digit(peek(3)) &&
           !is_digit(peek(4))) {
      ++at_;
      read_digits(digits);
    }
  }
  Number number;
  size_t num_decimals = 0;
  if (peek() == '.' &&
      (is_digit(peek(1)) || rest().starts_with(".\\overline") || rest().starts_with(".\\bar") ||
       rest().starts_with(".\\dot") || rest().starts_with(".("))) {
    ++at_;
    const size_t before = digits.size();
    read_digits(digits);
    num_decimals = digits.size() - before;
    number.is_decimal = true;
  }
  if (static_cast<int64_t>(digits.size()) > kMaxExprDigits) {
    reading_.is_over_limit = true;
    return kNone;
  }
  if (digits.empty()) digits = "0";
  number.value = mpq_class(mpz_class(digits, 10), power_of_ten(num_decimals));
  number.value.canonicalize();
  const size_t first = digits.find_first_not_of('0');
  number.last_place = -static_cast<int64_t>(num_decimals);
  number.num_significant =
      first == std::string::npos ? 0 : static_cast<int64_t>(digits.size() - first);
  const bool is_period =
      number.is_decimal && (accept("\\overline") || accept("\\bar") ||
                            (peek() == '(' && is_digit(peek(1)) && num_decimals == 0));
  if (is_period && !repeat(number, num_decimals)) return kNone;
  if (number.is_decimal && !is_period &&
      !dotted(number, num_decimals,
              std::string_view(digits).substr(digits.size() - num_decimals))) {
    return kNone;
  }
  if (!exponent_letter(number)) return kNone;
  if (peek() == '_') return based(digits, number.is_decimal);
  return finish_number(std::move(number));
}

int32_t ExprReader::finish_number(Number number) {
  const bool is_integer = !number.is_decimal;
  const int32_t value = append_number(expr_, std::move(number));
  if ((peek() == 'j' || peek() == 'J') && !is_ascii_letter(peek(1)) &&
      !reading_.letters_are_basis) {
    ++at_;
    return binary(Op::Multiply, value, append_node(expr_, Op::Imaginary));
  }
  ended_with_number_ = true;
  return is_integer ? mixed(value) : value;
}

mpz_class ExprReader::power_of_ten(size_t exponent) {
  mpz_class power;
  mpz_ui_pow_ui(power.get_mpz_t(), 10, exponent);
  return power;
}

void ExprReader::read_digits(std::string& digits) {
  while (is_digit(peek()))
    digits += text_[at_++];
}

// Adds what the period behind `num_decimals` decimals stands for: an exact fraction.
void ExprReader::add_period(Number& number, size_t num_decimals, const std::string& period) {
  mpq_class part(mpz_class(period, 10),
                 power_of_ten(num_decimals) * (power_of_ten(period.size()) - 1));
  part.canonicalize();
  number.value += part;
  number.is_decimal = false;
}

// `0.1\overline{6}`: the period makes it an exact fraction.
bool ExprReader::repeat(Number& number, size_t num_decimals) {
  std::string period;
  const bool has_bracket = accept("(");
  const bool has_brace = !has_bracket && accept("{");
  read_digits(period);
  if (period.empty() || (has_brace && !accept("}")) || (has_bracket && !accept(")"))) return false;
  if (static_cast<int64_t>(period.size()) > kMaxExprDigits) return false;
  add_period(number, num_decimals, period);
  return true;
}

// `0.1\dot{6}`, `0.\dot{1}4285\dot{7}` and `0.333\ldots`: exact fractions. False when dots follow
// whose meaning is open.
bool ExprReader::dotted(Number& number, size_t num_decimals, std::string_view decimals) {
  std::string period;
  if (accept("\\dot")) {
    const bool has_brace = accept("{");
    if (is_digit(peek())) period += text_[at_++];
    if (period.empty() || (has_brace && !accept("}"))) return false;
    const size_t before = at_;
    std::string inner;
    read_digits(inner);
    if (accept("\\dot")) {
      const bool has_second_brace = accept("{");
      if (is_digit(peek())) inner += text_[at_++];
      if (has_second_brace && !accept("}")) return false;
      period += inner;
    } else {
      at_ = before;
    }
  } else if (accept("...") || accept("\\ldots") || accept("\\dots") || accept("\\cdots")) {
    const size_t length = period_length(decimals);
    if (length == 0) return false;
    period = decimals.substr(decimals.size() - length);
  } else {
    return true;
  }
  add_period(number, num_decimals, period);
  return true;
}

// "1.5e-3" of programs.
bool ExprReader::exponent_letter(Number& number) {
  if (peek() != 'e' && peek() != 'E') return true;
  const size_t sign = peek(1) == '-' || peek(1) == '+' ? 2 : 1;
  if (!is_digit(peek(sign))) return true;
  const bool is_negative = peek(1) == '-';
  at_ += sign;
  int64_t exponent = 0;
  while (is_digit(peek()))
    exponent = std::min<int64_t>(exponent * 10 + (text_[at_++] - '0'), kMaxExponent + 1);
  if (exponent > kMaxExponent / 10) return false;
  const mpz_class power = power_of_ten(static_cast<size_t>(exponent));
  if (is_negative) {
    number.value /= power;
  } else {
    number.value *= power;
  }
  number.last_place += is_negative ? -exponent : exponent;
  number.is_decimal = true;
  return true;
}

// `101_2`: digits to a base.
int32_t ExprReader::based(const std::string& digits, bool is_decimal) {
  ++at_;
  std::string base;
  const bool has_brace = accept("{");
  read_digits(base);
  if (base.empty() || base.size() > 2 || is_decimal || (has_brace && !accept("}"))) return kNone;
  const int number_base = std::stoi(base);
  Number number;
  if (number_base < 2 || number_base > 36 ||
      mpz_set_str(number.value.get_num_mpz_t(), digits.c_str(), number_base) != 0) {
    return kNone;
  }
  return append_number(expr_, std::move(number));
}

// `2\frac{1}{3}` is the mixed number when the fraction is a proper one of integers.
int32_t ExprReader::mixed(int32_t whole) {
  if (!is_proper_fraction_next()) return whole;
  return binary(Op::Add, whole, power());
}

bool ExprReader::is_proper_fraction_next() const {
  size_t at = at_;
  while (at < text_.size() && is_space(text_[at]))
    ++at;
  if (!text_.substr(at).starts_with("\\frac")) return false;
  at += 5;
  const int64_t above = small_argument(at);
  const int64_t below = small_argument(at);
  return above >= 0 && above < below;
}

// Reads `3` or `{12}` at the place; -1 when something else stands there.
int64_t ExprReader::small_argument(size_t& at) const {
  while (at < text_.size() && is_space(text_[at]))
    ++at;
  const bool has_brace = at < text_.size() && text_[at] == '{';
  if (has_brace) ++at;
  int64_t value = 0;
  size_t num_digits = 0;
  while (at < text_.size() && is_digit(text_[at]) && num_digits < (has_brace ? 15U : 1U)) {
    value = value * 10 + (text_[at++] - '0');
    ++num_digits;
  }
  if (num_digits == 0 || (has_brace && (at >= text_.size() || text_[at++] != '}'))) return -1;
  return value;
}

}  // namespace caco
