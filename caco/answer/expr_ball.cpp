#include "caco/answer/expr_ball.h"

#include <acb_hypgeom.h>
#include <arb_fmpz_poly.h>

#include <cmath>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "caco/answer/expr_bounds.h"
#include "caco/answer/expr_modular.h"

namespace caco {
namespace {

constexpr int64_t kFloatDigits = 15;

struct Step {
  Ball value;
  bool is_defined = true;
  bool left_reals = false;
};

class BallEvaluator {
 public:
  BallEvaluator(const Expr& expr, const BallOptions& options)
      : expr_(expr), options_(options), bits_(static_cast<slong>(options.precision)) {}

  BallValue run() {
    steps_.reserve(expr_.nodes.size());
    for (const ExprNode& node : expr_.nodes) {
      steps_.emplace_back();
      Step& step = steps_.back();
      inherit(step, node.left);
      inherit(step, node.right);
      if (step.is_defined) evaluate(node, step);
    }
    Step& root = steps_.back();
    BallValue result;
    result.is_finite = root.is_defined && acb_is_finite(root.value.get()) != 0;
    result.left_reals = root.left_reals;
    result.value = std::move(root.value);
    return result;
  }

 private:
  void inherit(Step& step, int32_t child) {
    if (child < 0) return;
    const Step& operand = steps_[static_cast<size_t>(child)];
    step.is_defined = step.is_defined && operand.is_defined;
    step.left_reals = step.left_reals || operand.left_reals;
  }

  acb_srcptr at(int32_t index) const { return steps_[static_cast<size_t>(index)].value.get(); }

  void evaluate(const ExprNode& node, Step& step) {
    if (node.left < 0) return leaf(node, step);
    if (node.right < 0) return unary(node, step);
    binary(node, step);
  }

  void leaf(const ExprNode& node, Step& step) {
    acb_ptr out = step.value.get();
    switch (node.op) {
      case Op::Number:
        return number(expr_.numbers[static_cast<size_t>(node.datum)], out);
      case Op::Symbol:
        return symbol(expr_.names[static_cast<size_t>(node.datum)], out);
      case Op::Pi:
        return acb_const_pi(out, bits_);
      case Op::Euler:
        arb_const_e(acb_realref(out), bits_);
        return;
      case Op::Imaginary:
        return acb_onei(out);
      default:
        step.is_defined = false;
    }
  }

  void number(const Number& source, acb_ptr out) const {
    fmpq_t value;
    fmpq_init(value);
    fmpq_set_mpq(value, source.value.get_mpq_t());
    arb_set_fmpq(acb_realref(out), value, bits_);
    fmpq_clear(value);
    if (!options_.decimals_round || !source.is_decimal || source.num_significant < 3) return;
    const auto scale = static_cast<double>(source.last_place);
    if (std::abs(scale) > 300) return;
    mag_t radius;
    mag_init(radius);
    if (source.num_significant >= kFloatDigits) {
      // The repr of a float: within a relative 2^-30 of what was meant.
      acb_get_mag(radius, out);
      mag_mul_2exp_si(radius, radius, -30);
    } else {
      mag_set_d(radius, 0.5 * std::pow(10.0, scale));
    }
    mag_add(arb_radref(acb_realref(out)), arb_radref(acb_realref(out)), radius);
    mag_clear(radius);
  }

  // Multiples of 2^-20, so that they are exact at every precision.
  void symbol(std::string_view name, acb_ptr out) const {
    uint64_t name_hash = 17;
    for (const char c : name)
      name_hash = mix_bits(name_hash * 31 + static_cast<unsigned char>(c) + 1);
    const uint64_t hash = mix_bits(name_hash + static_cast<uint64_t>(options_.point) * 4 +
                                   static_cast<uint64_t>(options_.point_kind));
    const auto draw = static_cast<slong>(mix_bits(hash) % (3U << 20U));
    constexpr slong kLeast = 1 << 18;
    constexpr int kFirstNearPoint = 9;
    switch (options_.point_kind) {
      case PointKind::PositiveReal:
        acb_set_si(out, draw + kLeast);
        break;
      case PointKind::AnyReal:
        // Successive points have opposite signs.
        acb_set_si(out, ((name_hash >> 7U) + static_cast<uint64_t>(options_.point)) % 2 != 0
                            ? draw + kLeast
                            : -draw - kLeast);
        break;
      case PointKind::WholeNumber:
        acb_set_si(out, 2 + draw % 9);
        return;
      case PointKind::Complex: {
        const auto second = static_cast<slong>(mix_bits(hash + 2) % (3U << 20U));
        acb_set_si_si(out, draw + kLeast, (hash & 1U) != 0 ? second + kLeast : -second - kLeast);
        break;
      }
    }
    // Late points lie between -1 and 1, where functions such as arcsine have real values.
    const bool is_near = options_.point >= kFirstNearPoint;
    acb_mul_2exp_si(out, out, is_near ? -23 : -20);
  }

  void unary(const ExprNode& node, Step& step) {
    acb_ptr out = step.value.get();
    const acb_srcptr x = at(node.left);
    switch (node.op) {
      case Op::Negate:
        return acb_neg(out, x);
      case Op::Abs:
        acb_abs(acb_realref(out), x, bits_);
        return;
      case Op::Floor:
      case Op::Ceiling:
        step.is_defined = acb_is_real(x) != 0 && log2_upper(x) < static_cast<double>(bits_);
        if (!step.is_defined) return;
        if (node.op == Op::Floor) {
          arb_floor(acb_realref(out), acb_realref(x), bits_);
        } else {
          arb_ceil(acb_realref(out), acb_realref(x), bits_);
        }
        return;
      case Op::Degree: {
        acb_const_pi(out, bits_);
        acb_mul(out, out, x, bits_);
        return acb_div_ui(out, out, 180, bits_);
      }
      case Op::Real:
        arb_set(acb_realref(out), acb_realref(x));
        return;
      case Op::ImaginaryPart:
        arb_set(acb_realref(out), acb_imagref(x));
        return;
      case Op::Conjugate:
        return acb_conj(out, x);
      case Op::Factorial:
      case Op::Gamma:
        step.is_defined = log2_upper(x) < std::log2(kMaxGammaArgument);
        if (!step.is_defined) return;
        acb_add_ui(out, x, node.op == Op::Factorial ? 1 : 0, bits_);
        return acb_gamma(out, out, bits_);
      default:
        return transcendental(node.op, x, step);
    }
  }

  void transcendental(Op op, acb_srcptr x, Step& step) {
    acb_ptr out = step.value.get();
    if (log2_upper(x) > kMaxTrigBits) {
      step.is_defined = false;
      return;
    }
    const bool is_real = acb_is_real(x) != 0;
    switch (op) {
      case Op::Ln:
      case Op::Log:
        if (is_real && arb_is_negative(acb_realref(x)) != 0) step.left_reals = true;
        acb_log(out, x, bits_);
        if (op == Op::Log && options_.log_is_decimal) divide_by_log_ten(out);
        return;
      case Op::Exp:
      case Op::Sinh:
      case Op::Cosh:
      case Op::Tanh:
        step.is_defined = log2_upper(x) < std::log2(kMaxExpArgument);
        if (!step.is_defined) return;
        if (op == Op::Exp) return acb_exp(out, x, bits_);
        if (op == Op::Sinh) return acb_sinh(out, x, bits_);
        if (op == Op::Cosh) return acb_cosh(out, x, bits_);
        return acb_tanh(out, x, bits_);
      case Op::Asin:
      case Op::Acos:
        if (is_real && log2_lower(x) > 0) step.left_reals = true;
        return op == Op::Asin ? acb_asin(out, x, bits_) : acb_acos(out, x, bits_);
      case Op::Atan:
        return acb_atan(out, x, bits_);
      case Op::Acot:
        acb_inv(out, x, bits_);
        return acb_atan(out, out, bits_);
      default:
        return trigonometric(op, x, step);
    }
  }

  void trigonometric(Op op, acb_srcptr x, Step& step) {
    acb_ptr out = step.value.get();
    // The sine of a large imaginary part grows like its exponential.
    mag_t height;
    mag_init(height);
    arb_get_mag(height, acb_imagref(x));
    step.is_defined = mag_get_d_log2_approx(height) < std::log2(kMaxExpArgument);
    mag_clear(height);
    if (!step.is_defined) return;
    switch (op) {
      case Op::Sin:
        return acb_sin(out, x, bits_);
      case Op::Cos:
        return acb_cos(out, x, bits_);
      case Op::Tan:
        return acb_tan(out, x, bits_);
      case Op::Cot:
        return acb_cot(out, x, bits_);
      case Op::Sec:
        return acb_sec(out, x, bits_);
      case Op::Csc:
        return acb_csc(out, x, bits_);
      default:
        step.is_defined = false;
    }
  }

  void divide_by_log_ten(acb_ptr out) const {
    Ball ten;
    arb_const_log10(acb_realref(ten.get()), bits_);
    acb_div(out, out, ten.get(), bits_);
  }

  void binary(const ExprNode& node, Step& step) {
    acb_ptr out = step.value.get();
    const acb_srcptr a = at(node.left);
    const acb_srcptr b = at(node.right);
    switch (node.op) {
      case Op::Add:
        return acb_add(out, a, b, bits_);
      case Op::Subtract:
        return acb_sub(out, a, b, bits_);
      case Op::Multiply:
        return acb_mul(out, a, b, bits_);
      case Op::Divide:
        return acb_div(out, a, b, bits_);
      case Op::Power:
        return power(node, step);
      case Op::Root:
        return root(node, step);
      case Op::LogBase: {
        const bool is_negative = (acb_is_real(a) != 0 && arb_is_negative(acb_realref(a)) != 0) ||
                                 (acb_is_real(b) != 0 && arb_is_negative(acb_realref(b)) != 0);
        step.left_reals = step.left_reals || is_negative;
        Ball base;
        acb_log(base.get(), b, bits_);
        acb_log(out, a, bits_);
        return acb_div(out, out, base.get(), bits_);
      }
      case Op::Binomial:
        return binomial(a, b, step);
      case Op::Maximum:
      case Op::Minimum:
        step.is_defined = acb_is_real(a) != 0 && acb_is_real(b) != 0;
        if (!step.is_defined) return;
        if (node.op == Op::Maximum) {
          arb_max(acb_realref(out), acb_realref(a), acb_realref(b), bits_);
        } else {
          arb_min(acb_realref(out), acb_realref(a), acb_realref(b), bits_);
        }
        return;
      default:
        step.is_defined = false;
    }
  }

  // n! / (k! (n - k)!) by the gamma function.
  void binomial(acb_srcptr n, acb_srcptr k, Step& step) const {
    acb_ptr out = step.value.get();
    const double limit = std::log2(kMaxGammaArgument);
    step.is_defined = log2_upper(n) < limit && log2_upper(k) < limit;
    if (!step.is_defined) return;
    Ball below;
    acb_sub(out, n, k, bits_);
    acb_add_ui(out, out, 1, bits_);
    acb_rgamma(out, out, bits_);
    acb_add_ui(below.get(), k, 1, bits_);
    acb_rgamma(below.get(), below.get(), bits_);
    acb_mul(out, out, below.get(), bits_);
    acb_add_ui(below.get(), n, 1, bits_);
    acb_gamma(below.get(), below.get(), bits_);
    acb_mul(out, out, below.get(), bits_);
  }

  // Numerator and denominator of a constant exponent as written: 2/3, -1/3, 0.5.
  std::optional<mpq_class> constant_at(int32_t index, int levels = 3) const {
    const ExprNode& node = expr_.nodes[static_cast<size_t>(index)];
    if (node.op == Op::Number) return expr_.numbers[static_cast<size_t>(node.datum)].value;
    if (levels == 0) return std::nullopt;
    if (node.op == Op::Negate) {
      std::optional<mpq_class> value = constant_at(node.left, levels - 1);
      if (value.has_value()) *value = -*value;
      return value;
    }
    if (node.op != Op::Divide) return std::nullopt;
    const std::optional<mpq_class> above = constant_at(node.left, levels - 1);
    const std::optional<mpq_class> below = constant_at(node.right, levels - 1);
    if (!above.has_value() || !below.has_value() || *below == 0) return std::nullopt;
    return mpq_class(*above / *below);
  }

  void power(const ExprNode& node, Step& step) {
    acb_ptr out = step.value.get();
    const acb_srcptr base = at(node.left);
    const acb_srcptr exponent = at(node.right);
    const double upper = log2_upper(base);
    const double lower = log2_lower(base);
    double size = std::isfinite(upper) ? std::abs(upper) : 0;
    if (std::isfinite(lower)) size = std::max(size, std::abs(lower));
    const double exponent_bits = log2_upper(exponent);
    if (!(exponent_bits < 64) || !((size + 1) * std::exp2(exponent_bits) < kMaxPowerBits)) {
      step.is_defined = false;
      return;
    }
    const bool is_negative = acb_is_real(base) != 0 && arb_is_negative(acb_realref(base)) != 0;
    if (!is_negative || acb_is_int(exponent) != 0) return acb_pow(out, base, exponent, bits_);
    const std::optional<mpq_class> constant = constant_at(node.right);
    const bool has_real_root = options_.powers_are_real && constant.has_value() &&
                               mpz_odd_p(constant->get_den_mpz_t()) != 0;
    if (!has_real_root) {
      step.left_reals = true;
      return acb_pow(out, base, exponent, bits_);
    }
    Ball positive;
    acb_neg(positive.get(), base);
    acb_pow(out, positive.get(), exponent, bits_);
    if (mpz_odd_p(constant->get_num_mpz_t()) != 0) acb_neg(out, out);
  }

  void root(const ExprNode& node, Step& step) {
    acb_ptr out = step.value.get();
    const acb_srcptr x = at(node.left);
    const std::optional<mpq_class> constant = constant_at(node.right);
    const bool is_plain =
        constant.has_value() && constant->get_den() == 1 && *constant >= 1 && *constant <= 10000;
    const bool is_negative = acb_is_real(x) != 0 && arb_is_negative(acb_realref(x)) != 0;
    if (!is_plain) {
      step.left_reals = step.left_reals || is_negative;
      acb_inv(out, at(node.right), bits_);
      step.is_defined = log2_upper(out) < 20;
      return acb_pow(out, x, out, bits_);
    }
    const ulong index = constant->get_num().get_ui();
    if (!is_negative) return acb_root_ui(out, x, index, bits_);
    if (index % 2 == 0) {
      step.left_reals = true;
      return acb_root_ui(out, x, index, bits_);
    }
    acb_neg(out, x);
    acb_root_ui(out, out, index, bits_);
    acb_neg(out, out);
  }

  const Expr& expr_;
  BallOptions options_;
  slong bits_;
  std::vector<Step> steps_;
};

}  // namespace

BallValue evaluate_ball(const Expr& expr, const BallOptions& options) {
  register_flint_thread();
  return BallEvaluator(expr, options).run();
}

}  // namespace caco
