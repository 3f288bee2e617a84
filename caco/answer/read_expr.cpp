// The grammar, loosest first:
//   sum:      signed product, then + or - and another
//   product:  power, then * / or nothing ("2x", "(a)(b)") and another
//   power:    primary, then ! and degree signs, then ^ and an exponent; ^ groups to the right
//   primary:  number, name, function with its argument, group, |x|, \frac{a}{b}, \sqrt[n]{x}
// A function without brackets takes the product after it: `\sin 2x` is sin(2x), and stops at the
// next function or bracket.
#include "caco/answer/read_expr.h"

#include <algorithm>
#include <utility>

#include "caco/answer/clean_text.h"
#include "caco/answer/expr_reader.h"
#include "caco/answer/limits.h"

namespace caco {
namespace {

constexpr std::string_view kDegreeSign = "\u00b0";

}  // namespace

std::optional<Expr> ExprReader::run() {
  int32_t root = sum();
  if (root != kNone && accept("\\over")) root = binary(Op::Divide, root, sum());
  skip_spaces();
  if (root == kNone || at_ != text_.size() || expr_.empty()) return std::nullopt;
  return std::move(expr_);
}

void ExprReader::skip_spaces() {
  while (at_ < text_.size() && is_space(text_[at_]))
    ++at_;
}

bool ExprReader::accept(std::string_view expected) {
  skip_spaces();
  if (!rest().starts_with(expected)) return false;
  at_ += expected.size();
  return true;
}

std::string_view ExprReader::letters_at(size_t from) const {
  size_t end = from;
  while (end < text_.size() && is_ascii_letter(text_[end]))
    ++end;
  return text_.substr(from, end - from);
}

int32_t ExprReader::node(Op op, int32_t left, int32_t right) {
  if (left == kNone || !has_room()) return kNone;
  return append_node(expr_, op, left, right);
}

int32_t ExprReader::binary(Op op, int32_t left, int32_t right) {
  return right == kNone ? kNone : node(op, left, right);
}

bool ExprReader::has_room() {
  if (static_cast<int64_t>(expr_.nodes.size()) < kMaxExprNodes) return true;
  reading_.is_over_limit = true;
  return false;
}

int32_t ExprReader::sum() {
  if (++depth_ > kMaxExprDepth) reading_.is_over_limit = true;
  int32_t left = reading_.is_over_limit ? kNone : signed_product();
  while (left != kNone) {
    skip_spaces();
    const char c = peek();
    if (c != '+' && c != '-') break;
    ++at_;
    left = binary(c == '+' ? Op::Add : Op::Subtract, left, signed_product());
  }
  --depth_;
  return left;
}

int32_t ExprReader::signed_product() {
  int32_t num_minus = 0;
  for (skip_spaces(); peek() == '-' || peek() == '+'; skip_spaces()) {
    num_minus += peek() == '-' ? 1 : 0;
    ++at_;
    if (num_minus > 2) return kNone;
  }
  int32_t operand = product();
  for (; num_minus > 0; --num_minus)
    operand = node(Op::Negate, operand);
  return operand;
}

int32_t ExprReader::product() {
  int32_t left = power();
  while (left != kNone) {
    skip_spaces();
    const bool is_star = peek() == '*' && peek(1) != '*';
    if (is_star || (peek() == '/' && peek(1) != '/')) {
      ++at_;
      left =
          binary(is_star ? Op::Multiply : Op::Divide, left, is_star ? signed_power() : divisor());
    } else if (starts_operand()) {
      const bool is_number_again = (is_digit(peek()) || peek() == '.') && ended_with_number_;
      if (is_number_again) return kNone;
      left = binary(Op::Multiply, left, power());
    } else {
      break;
    }
  }
  return left;
}

int32_t ExprReader::signed_power() {
  skip_spaces();
  if (peek() == '-') {
    ++at_;
    return node(Op::Negate, power());
  }
  if (peek() == '+') ++at_;
  return power();
}

// What stands after a slash: `1/2x` may end at the 2 or take the x along.
int32_t ExprReader::divisor() {
  int32_t right = signed_power();
  skip_spaces();
  if (right == kNone || !starts_operand() || is_digit(peek())) return right;
  reading_.saw_tight = true;
  while (reading_.binds_tight && right != kNone && starts_operand() && !is_digit(peek())) {
    right = binary(Op::Multiply, right, power());
    skip_spaces();
  }
  return right;
}

bool ExprReader::starts_operand() const {
  const char c = peek();
  if (c == '|') return num_open_bars_ == 0;
  if (is_digit(c) || is_ascii_letter(c) || c == '(' || c == '{' || c == '[') return true;
  if (c == '.') return is_digit(peek(1));
  if (c != '\\') return false;
  const std::string_view name = letters_at(at_ + 1);
  return name != "over" && name != "rvert" && name != "rfloor" && name != "rceil" &&
         name != "vert" && !name.empty();
}

int32_t ExprReader::power() {
  if (++depth_ > kMaxExprDepth) reading_.is_over_limit = true;
  int32_t base = reading_.is_over_limit ? kNone : primary();
  while (base != kNone) {
    const size_t before = at_;
    skip_spaces();
    if (peek() == '!' && peek(1) != '=' && peek(1) != '!') {
      ++at_;
      base = node(Op::Factorial, base);
    } else if (rest().starts_with(kDegreeSign)) {
      at_ += kDegreeSign.size();
      base = node(Op::Degree, base);
    } else if (peek() == '%') {
      ++at_;
      base = binary(Op::Divide, base, append_integer(expr_, 100));
    } else if (peek() == '^' || (peek() == '*' && peek(1) == '*')) {
      at_ += peek() == '^' ? 1U : 2U;
      base = binary(Op::Power, base, exponent());
      ended_with_number_ = false;
    } else {
      at_ = before;
      break;
    }
  }
  --depth_;
  return base;
}

// One group, number or name after `^`; `2^3^2` groups to the right.
int32_t ExprReader::exponent() {
  if (++depth_ > kMaxExprDepth) reading_.is_over_limit = true;
  skip_spaces();
  const bool is_negative = peek() == '-';
  if (is_negative || peek() == '+') ++at_;
  int32_t operand = reading_.is_over_limit ? kNone : primary();
  skip_spaces();
  if (operand != kNone && (peek() == '^' || (peek() == '*' && peek(1) == '*'))) {
    at_ += peek() == '^' ? 1U : 2U;
    operand = binary(Op::Power, operand, exponent());
  }
  --depth_;
  return is_negative ? node(Op::Negate, operand) : operand;
}

int32_t ExprReader::primary() {
  if (!has_room()) return kNone;
  skip_spaces();
  ended_with_number_ = false;
  const char c = peek();
  if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
  if (c == '(') return group("(", ")");
  if (c == '[') return group("[", "]");
  if (c == '{') return group("{", "}");
  if (c == '|') return bars("|", "|");
  if (c == '\\') return command();
  if (is_ascii_letter(c)) return name();
  return kNone;
}

int32_t ExprReader::group(std::string_view open, std::string_view close) {
  if (!accept(open)) return kNone;
  const int32_t bars_outside = std::exchange(num_open_bars_, 0);
  int32_t inside = sum();
  if (inside != kNone && accept("\\over")) inside = binary(Op::Divide, inside, sum());
  num_open_bars_ = bars_outside;
  if (!accept(close)) return kNone;
  ended_with_number_ = false;
  return inside;
}

int32_t ExprReader::bars(std::string_view open, std::string_view close) {
  if (!accept(open)) return kNone;
  ++num_open_bars_;
  const int32_t inside = sum();
  --num_open_bars_;
  return accept(close) ? node(Op::Abs, inside) : kNone;
}

int32_t ExprReader::number() {
  std::string digits;
  read_digits(digits);
  while (digits.size() <= 3 && peek() == ',' && is_digit(peek(1)) && is_digit(peek(2)) &&
         is_digit(peek(3)) && !is_digit(peek(4)) && digits[0] != '0') {
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
      (is_digit(peek(1)) || rest().starts_with(".\\overline") || rest().starts_with(".\\bar"))) {
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
  if (number.is_decimal && (accept("\\overline") || accept("\\bar")) &&
      !repeat(number, num_decimals))
    return kNone;
  if (!exponent_letter(number)) return kNone;
  if (peek() == '_') return based(digits, number.is_decimal);
  return finish_number(std::move(number));
}

int32_t ExprReader::finish_number(Number number) {
  const bool is_integer = !number.is_decimal;
  const int32_t value = append_number(expr_, std::move(number));
  if ((peek() == 'j' || peek() == 'J') && !is_ascii_letter(peek(1))) {
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

// `0.1\overline{6}`: the period makes it an exact fraction.
bool ExprReader::repeat(Number& number, size_t num_decimals) {
  std::string period;
  const bool has_brace = accept("{");
  read_digits(period);
  if (period.empty() || (has_brace && !accept("}"))) return false;
  if (static_cast<int64_t>(period.size()) > kMaxExprDigits) return false;
  mpq_class part(mpz_class(period, 10),
                 power_of_ten(num_decimals) * (power_of_ten(period.size()) - 1));
  part.canonicalize();
  number.value += part;
  number.is_decimal = false;
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

std::optional<Expr> read_expr(std::string_view text, ExprReading& reading) {
  if (static_cast<int64_t>(text.size()) > kMaxExprBytes) {
    reading.is_over_limit = true;
    return std::nullopt;
  }
  return ExprReader(text, reading).run();
}

}  // namespace caco
