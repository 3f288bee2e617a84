#include "caco/answer/expr_exact.h"

#include <cmath>
#include <utility>
#include <vector>

#include "caco/answer/limits.h"

namespace caco {
namespace {

using Maybe = std::optional<mpq_class>;

int64_t bits_of(const mpq_class& value) {
  return static_cast<int64_t>(mpz_sizeinbase(value.get_num_mpz_t(), 2) +
                              mpz_sizeinbase(value.get_den_mpz_t(), 2));
}

bool is_whole(const mpq_class& value) {
  return value.get_den() == 1;
}

std::optional<int64_t> small_integer(const mpq_class& value) {
  if (!is_whole(value) || !value.get_num().fits_slong_p()) return std::nullopt;
  return value.get_num().get_si();
}

// Whether an operation may have a rational value that is worth trying.
bool may_be_rational(Op op) {
  switch (op) {
    case Op::Number:
    case Op::Add:
    case Op::Subtract:
    case Op::Multiply:
    case Op::Divide:
    case Op::Power:
    case Op::Root:
    case Op::Binomial:
    case Op::Modulo:
    case Op::Maximum:
    case Op::Minimum:
    case Op::Gcd:
    case Op::Lcm:
    case Op::Negate:
    case Op::Abs:
    case Op::Factorial:
    case Op::Floor:
    case Op::Ceiling:
      return true;
    default:
      return false;
  }
}

class ExactEvaluator {
 public:
  explicit ExactEvaluator(const Expr& expr) : expr_(expr) {}

  Maybe run() {
    for (const ExprNode& node : expr_.nodes) {
      if (!may_be_rational(node.op)) return std::nullopt;
    }
    values_.reserve(expr_.nodes.size());
    for (const ExprNode& node : expr_.nodes) {
      Maybe value = evaluate(node);
      if (value.has_value()) work_ += bits_of(*value);
      if (work_ > kMaxExprWork) return std::nullopt;
      values_.push_back(std::move(value));
    }
    return std::move(values_.back());
  }

 private:
  Maybe evaluate(const ExprNode& node) const {
    if (node.op == Op::Number) return expr_.numbers[static_cast<size_t>(node.datum)].value;
    const Maybe& left = values_[static_cast<size_t>(node.left)];
    if (!left.has_value()) return std::nullopt;
    if (node.right < 0) return unary(node.op, *left);
    const Maybe& right = values_[static_cast<size_t>(node.right)];
    if (!right.has_value() || bits_of(*left) + bits_of(*right) > kMaxExprBits) return std::nullopt;
    return binary(node.op, *left, *right);
  }

  static Maybe unary(Op op, const mpq_class& value) {
    mpz_class whole;
    switch (op) {
      case Op::Negate:
        return mpq_class(-value);
      case Op::Abs:
        return mpq_class(abs(value));
      case Op::Floor:
        mpz_fdiv_q(whole.get_mpz_t(), value.get_num_mpz_t(), value.get_den_mpz_t());
        return mpq_class(whole);
      case Op::Ceiling:
        mpz_cdiv_q(whole.get_mpz_t(), value.get_num_mpz_t(), value.get_den_mpz_t());
        return mpq_class(whole);
      case Op::Factorial:
        return factorial(value);
      default:
        return std::nullopt;
    }
  }

  static Maybe factorial(const mpq_class& value) {
    const std::optional<int64_t> number = small_integer(value);
    if (!number.has_value() || *number < 0) return std::nullopt;
    const auto size = static_cast<double>(*number);
    if (size > 1 && size * std::log2(size) > static_cast<double>(kMaxExprBits)) return std::nullopt;
    mpz_class product;
    mpz_fac_ui(product.get_mpz_t(), static_cast<unsigned long>(*number));
    return mpq_class(product);
  }

  static Maybe binary(Op op, const mpq_class& left, const mpq_class& right) {
    switch (op) {
      case Op::Add:
        return mpq_class(left + right);
      case Op::Subtract:
        return mpq_class(left - right);
      case Op::Multiply:
        return mpq_class(left * right);
      case Op::Divide:
        if (right == 0) return std::nullopt;
        return mpq_class(left / right);
      case Op::Power:
        return power(left, right);
      case Op::Root:
        return is_whole(right) ? root(left, right.get_num()) : std::nullopt;
      case Op::Binomial:
        return binomial(left, right);
      case Op::Maximum:
        return left > right ? left : right;
      case Op::Minimum:
        return left < right ? left : right;
      default:
        return division_with_rest(op, left, right);
    }
  }

  // Of fractions too: a common divisor has both as whole multiples, and a remainder has the sign of
  // the divisor.
  static Maybe division_with_rest(Op op, const mpq_class& left, const mpq_class& right) {
    if (op == Op::Modulo) {
      if (right == 0) return std::nullopt;
      const mpq_class quotient = left / right;
      mpz_class whole;
      mpz_fdiv_q(whole.get_mpz_t(), quotient.get_num_mpz_t(), quotient.get_den_mpz_t());
      return mpq_class(left - right * whole);
    }
    if (op != Op::Gcd && op != Op::Lcm) return std::nullopt;
    mpz_class above = gcd(left.get_num(), right.get_num());
    mpz_class below = lcm(left.get_den(), right.get_den());
    if (op == Op::Lcm) {
      above = lcm(left.get_num(), right.get_num());
      below = gcd(left.get_den(), right.get_den());
    }
    mpq_class result(above, below);
    result.canonicalize();
    return result;
  }

  static Maybe power(const mpq_class& base, const mpq_class& exponent) {
    if (base == 1 || (exponent == 0 && base != 0)) return mpq_class(1);
    if (base == 0) return exponent > 0 ? Maybe(mpq_class(0)) : std::nullopt;
    if (base == -1 && is_whole(exponent)) {
      return mpq_class(mpz_odd_p(exponent.get_num_mpz_t()) != 0 ? -1 : 1);
    }
    if (!exponent.get_num().fits_slong_p()) return std::nullopt;
    const int64_t numerator = exponent.get_num().get_si();
    const double size =
        std::abs(static_cast<double>(numerator)) * static_cast<double>(bits_of(base));
    if (size > static_cast<double>(kMaxExprBits)) return std::nullopt;
    mpq_class from = base;
    if (!is_whole(exponent)) {
      if (base < 0) return std::nullopt;
      const Maybe rooted = root(base, exponent.get_den());
      if (!rooted.has_value()) return std::nullopt;
      from = *rooted;
    }
    const auto times = static_cast<unsigned long>(std::abs(numerator));
    mpq_class result;
    mpz_pow_ui(result.get_num_mpz_t(), from.get_num_mpz_t(), times);
    mpz_pow_ui(result.get_den_mpz_t(), from.get_den_mpz_t(), times);
    if (numerator < 0) result = 1 / result;
    return result;
  }

  // The exact root, when it is rational.
  static Maybe root(const mpq_class& value, const mpz_class& index) {
    if (index < 1 || index > 10000) return std::nullopt;
    const unsigned long n = index.get_ui();
    if (value < 0 && n % 2 == 0) return std::nullopt;
    mpq_class result;
    if (mpz_root(result.get_num_mpz_t(), value.get_num_mpz_t(), n) == 0) return std::nullopt;
    if (mpz_root(result.get_den_mpz_t(), value.get_den_mpz_t(), n) == 0) return std::nullopt;
    return result;
  }

  static Maybe binomial(const mpq_class& above, const mpq_class& below) {
    const std::optional<int64_t> n = small_integer(above);
    const std::optional<int64_t> k = small_integer(below);
    if (!n.has_value() || !k.has_value() || *n < 0 || *k < 0) return std::nullopt;
    const int64_t fewer = std::min(*k, *n - *k);
    if (fewer < 0) return mpq_class(0);
    if (static_cast<double>(fewer) * std::log2(static_cast<double>(*n) + 1) > kMaxExprBits / 8) {
      return std::nullopt;
    }
    mpz_class result;
    mpz_bin_uiui(result.get_mpz_t(), static_cast<unsigned long>(*n),
                 static_cast<unsigned long>(fewer));
    return mpq_class(result);
  }

  const Expr& expr_;
  std::vector<Maybe> values_;
  int64_t work_ = 0;
};

}  // namespace

std::optional<mpq_class> exact_value(const Expr& expr) {
  if (expr.empty()) return std::nullopt;
  return ExactEvaluator(expr).run();
}

}  // namespace caco
