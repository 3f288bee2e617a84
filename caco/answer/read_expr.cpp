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
  if (root != kNone && accept("\\choose")) root = binary(Op::Binomial, root, sum());
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
  const bool saw_modulo_outside = std::exchange(saw_modulo_, false);
  int32_t left = reading_.is_over_limit ? kNone : signed_product();
  bool is_single = true;
  while (left != kNone) {
    skip_spaces();
    const char c = peek();
    if (c != '+' && c != '-') break;
    ++at_;
    left = binary(c == '+' ? Op::Add : Op::Subtract, left, signed_product());
    is_single = false;
  }
  // `3 + 7 \bmod 5` may be the remainder of the sum.
  if (saw_modulo_ && !is_single) left = kNone;
  saw_modulo_ = saw_modulo_outside;
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
  return product(num_minus);
}

// With the minus signs in front of it.
int32_t ExprReader::product(int32_t num_minus) {
  int32_t left = power();
  const auto negate = [&] {
    for (; num_minus > 0; --num_minus)
      left = node(Op::Negate, left);
  };
  while (left != kNone) {
    skip_spaces();
    const bool is_star = peek() == '*' && peek(1) != '*';
    if (is_star || (peek() == '/' && peek(1) != '/')) {
      ++at_;
      left =
          binary(is_star ? Op::Multiply : Op::Divide, left, is_star ? signed_power() : divisor());
    } else if (accept_modulo()) {
      // `-7 \bmod 5` is the remainder of -7; in `7 \bmod 5 \cdot 2` the order would be open.
      negate();
      left = binary(Op::Modulo, left, signed_power());
      saw_modulo_ = true;
      break;
    } else if (starts_operand()) {
      const bool is_number_again = (is_digit(peek()) || peek() == '.') && ended_with_number_;
      if (is_number_again) return kNone;
      left = binary(Op::Multiply, left, power());
    } else {
      break;
    }
  }
  negate();
  return left;
}

// `17 \bmod 5`, "17 mod 5"
bool ExprReader::accept_modulo() {
  for (const std::string_view word : {"\\bmod", "\\mod", "mod "}) {
    const bool is_command = word[0] == '\\';
    if (rest().starts_with(word) && (!is_command || !is_ascii_letter(peek(word.size())))) {
      return accept(word);
    }
  }
  return false;
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
  return name != "over" && name != "choose" && name != "rvert" && name != "rfloor" &&
         name != "rceil" && name != "vert" && !name.empty();
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
  if (c == '_' || c == '^' || rest().starts_with("{}_") || rest().starts_with("{}^")) {
    return choose_with_indices();
  }
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
  if (inside != kNone && accept("\\choose")) inside = binary(Op::Binomial, inside, sum());
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

std::optional<Expr> read_expr(std::string_view text, ExprReading& reading) {
  if (static_cast<int64_t>(text.size()) > kMaxExprBytes) {
    reading.is_over_limit = true;
    return std::nullopt;
  }
  return ExprReader(text, reading).run();
}

}  // namespace caco
