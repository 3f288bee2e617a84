// The size of the normal form is bounded before it is built: terms and degrees of a sum add up,
// those of a product multiply, and what may grow beyond kMaxTerms is left to the modular test.
#include <flint/fmpq.h>
#include <flint/fmpz_mpoly.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "caco/answer/calcium_headers.h"
#include "caco/answer/expr_algebra.h"
#include "caco/answer/expr_ball.h"

namespace caco {
namespace {

constexpr double kMaxTerms = 150;
constexpr double kMaxNormalDegree = 60;
constexpr double kMaxCoefficientBits = 2000;
constexpr size_t kMaxVariables = 8;

struct Size {
  double terms_above = 1;
  double terms_below = 1;
  double degree = 0;  // of numerator and denominator together
  double bits = 1;    // of the coefficients
};

bool is_acceptable(const Size& size) {
  return size.terms_above * size.terms_below <= kMaxTerms && size.degree <= kMaxNormalDegree &&
         size.bits <= kMaxCoefficientBits;
}

std::optional<long> whole_exponent(const Expr& expr, int32_t index) {
  const ExprNode* node = &expr.nodes[static_cast<size_t>(index)];
  const bool is_negative = node->op == Op::Negate;
  if (is_negative) node = &expr.nodes[static_cast<size_t>(node->left)];
  if (node->op != Op::Number) return std::nullopt;
  const mpq_class& value = expr.numbers[static_cast<size_t>(node->datum)].value;
  if (value.get_den() != 1 || abs(value) > kMaxNormalDegree) return std::nullopt;
  return is_negative ? -value.get_num().get_si() : value.get_num().get_si();
}

// The number of terms that n factors of t terms each may have.
double terms_of_power(double terms, double exponent) {
  double count = 1;
  for (double i = 1; i <= exponent && count <= 1e6; ++i)
    count *= (terms + i - 1) / i;
  return count;
}

std::optional<Size> expected_size(const Expr& expr) {
  std::vector<Size> sizes;
  sizes.reserve(expr.nodes.size());
  for (const ExprNode& node : expr.nodes) {
    Size size;
    const Size left = node.left >= 0 ? sizes[static_cast<size_t>(node.left)] : Size();
    const Size right = node.right >= 0 ? sizes[static_cast<size_t>(node.right)] : Size();
    size.degree = left.degree + right.degree;
    size.bits = left.bits + right.bits + 1;
    switch (node.op) {
      case Op::Number: {
        const mpq_class& value = expr.numbers[static_cast<size_t>(node.datum)].value;
        size.bits = static_cast<double>(mpz_sizeinbase(value.get_num_mpz_t(), 2) +
                                        mpz_sizeinbase(value.get_den_mpz_t(), 2));
        break;
      }
      case Op::Symbol:
        size.degree = 1;
        break;
      case Op::Negate:
        size = left;
        break;
      case Op::Add:
      case Op::Subtract:
        size.terms_above =
            left.terms_above * right.terms_below + right.terms_above * left.terms_below;
        size.terms_below = left.terms_below * right.terms_below;
        break;
      case Op::Multiply:
        size.terms_above = left.terms_above * right.terms_above;
        size.terms_below = left.terms_below * right.terms_below;
        break;
      case Op::Divide:
        size.terms_above = left.terms_above * right.terms_below;
        size.terms_below = left.terms_below * right.terms_above;
        break;
      case Op::Power: {
        const std::optional<long> exponent = whole_exponent(expr, node.right);
        if (!exponent.has_value()) return std::nullopt;
        const double times = std::abs(static_cast<double>(*exponent));
        size.terms_above = terms_of_power(left.terms_above, times);
        size.terms_below = terms_of_power(left.terms_below, times);
        if (*exponent < 0) std::swap(size.terms_above, size.terms_below);
        size.degree = left.degree * times;
        size.bits = (left.bits + left.terms_above + left.terms_below) * times + 1;
        break;
      }
      default:
        return std::nullopt;
    }
    if (!is_acceptable(size)) return std::nullopt;
    sizes.push_back(size);
  }
  return sizes.back();
}

// Owns the context and one quotient a node.
class NormalForm {
 public:
  NormalForm(const std::vector<std::string>& variables, size_t num_nodes)
      : variables_(variables), values_(num_nodes) {
    fmpz_mpoly_ctx_init(context_, static_cast<slong>(std::max<size_t>(variables.size(), 1)),
                        ORD_LEX);
    for (fmpz_mpoly_q_struct& value : values_)
      fmpz_mpoly_q_init(&value, context_);
  }
  ~NormalForm() {
    for (fmpz_mpoly_q_struct& value : values_)
      fmpz_mpoly_q_clear(&value, context_);
    fmpz_mpoly_ctx_clear(context_);
  }
  NormalForm(const NormalForm&) = delete;
  NormalForm& operator=(const NormalForm&) = delete;

  // Returns false when a division by zero comes up.
  bool run(const Expr& expr) {
    for (size_t i = 0; i < expr.nodes.size(); ++i) {
      if (!evaluate(expr, expr.nodes[i], &values_[i])) return false;
    }
    return true;
  }

  const fmpz_mpoly_q_struct* at(int32_t index) const {
    return &values_[static_cast<size_t>(index)];
  }
  bool is_equal(int32_t left, int32_t right) const {
    return fmpz_mpoly_q_equal(at(left), at(right), context_) != 0;
  }
  bool is_constant(int32_t index) const {
    return fmpz_mpoly_is_fmpz(&at(index)->num, context_) != 0;
  }
  // Whether the numerators are equal up to a constant factor: their cross products with the leading
  // coefficients are.
  bool has_same_numerator(int32_t left, int32_t right) const {
    fmpz_mpoly_t a;
    fmpz_mpoly_t b;
    fmpz_mpoly_init(a, context_);
    fmpz_mpoly_init(b, context_);
    const fmpz_mpoly_struct* const x = &at(left)->num;
    const fmpz_mpoly_struct* const y = &at(right)->num;
    fmpz_mpoly_scalar_mul_fmpz(a, x, y->coeffs, context_);
    fmpz_mpoly_scalar_mul_fmpz(b, y, x->coeffs, context_);
    const bool is_same = fmpz_mpoly_equal(a, b, context_) != 0;
    fmpz_mpoly_clear(a, context_);
    fmpz_mpoly_clear(b, context_);
    return is_same;
  }

 private:
  bool evaluate(const Expr& expr, const ExprNode& node, fmpz_mpoly_q_struct* out) {
    switch (node.op) {
      case Op::Number: {
        fmpq_t value;
        fmpq_init(value);
        fmpq_set_mpq(value, expr.numbers[static_cast<size_t>(node.datum)].value.get_mpq_t());
        fmpz_mpoly_q_set_fmpq(out, value, context_);
        fmpq_clear(value);
        return true;
      }
      case Op::Symbol: {
        const std::string& name = expr.names[static_cast<size_t>(node.datum)];
        const auto found = std::lower_bound(variables_.begin(), variables_.end(), name);
        fmpz_mpoly_q_gen(out, found - variables_.begin(), context_);
        return true;
      }
      case Op::Negate:
        fmpz_mpoly_q_neg(out, at(node.left), context_);
        return true;
      case Op::Add:
        fmpz_mpoly_q_add(out, at(node.left), at(node.right), context_);
        return true;
      case Op::Subtract:
        fmpz_mpoly_q_sub(out, at(node.left), at(node.right), context_);
        return true;
      case Op::Multiply:
        fmpz_mpoly_q_mul(out, at(node.left), at(node.right), context_);
        return true;
      case Op::Divide:
        if (fmpz_mpoly_q_is_zero(at(node.right), context_) != 0) return false;
        fmpz_mpoly_q_div(out, at(node.left), at(node.right), context_);
        return true;
      default:
        return power(expr, node, out);
    }
  }

  bool power(const Expr& expr, const ExprNode& node, fmpz_mpoly_q_struct* out) {
    const long exponent = whole_exponent(expr, node.right).value_or(0);
    const fmpz_mpoly_q_struct* base = at(node.left);
    if (fmpz_mpoly_q_is_zero(base, context_) != 0 && exponent <= 0) return false;
    const auto times = static_cast<ulong>(std::abs(exponent));
    // Numerator and denominator have no common factor, and so their powers have none.
    if (fmpz_mpoly_pow_ui(&out->num, &base->num, times, context_) == 0) return false;
    if (fmpz_mpoly_pow_ui(&out->den, &base->den, times, context_) == 0) return false;
    if (exponent < 0) fmpz_mpoly_q_inv(out, out, context_);
    return true;
  }

  const std::vector<std::string>& variables_;
  fmpz_mpoly_ctx_t context_;
  std::vector<fmpz_mpoly_q_struct> values_;
};

// Brings both sides into normal form and asks about them; nullopt when they have none.
template <class Ask>
std::optional<bool> ask_normal_forms(const Expr& left, const Expr& right, const Ask& ask) {
  const Expr both = join(Op::Subtract, left, right);
  const std::vector<std::string> variables = symbols_of(both);
  if (variables.size() > kMaxVariables || !expected_size(both).has_value()) return std::nullopt;
  register_flint_thread();
  NormalForm form(variables, both.nodes.size());
  if (!form.run(both)) return std::nullopt;
  return ask(form, both.root().left, both.root().right);
}

}  // namespace

std::optional<bool> equal_rational_functions(const Expr& left, const Expr& right) {
  return ask_normal_forms(left, right,
                          [](const NormalForm& form, int32_t a, int32_t b) -> std::optional<bool> {
                            return form.is_equal(a, b);
                          });
}

std::optional<bool> same_numerators(const Expr& left, const Expr& right) {
  return ask_normal_forms(left, right,
                          [](const NormalForm& form, int32_t a, int32_t b) -> std::optional<bool> {
                            if (form.is_constant(a) || form.is_constant(b)) return std::nullopt;
                            return form.has_same_numerator(a, b);
                          });
}

}  // namespace caco
