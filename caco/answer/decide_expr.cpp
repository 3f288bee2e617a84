// Order of the tiers, cheapest first. Example: `(x+1)^2` and `x^2+2x+2` differ in their residues
// after microseconds; `\sin 2x` and `2\sin x\cos x` differ in residues, which proves nothing for
// opaque functions, and agree in balls at all points; `\sqrt{5+2\sqrt6}` and `\sqrt2+\sqrt3`
// overlap at 128 bits and are proved equal by Calcium.
#include "caco/answer/decide_expr.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "caco/answer/expr_algebra.h"
#include "caco/answer/expr_ball.h"
#include "caco/answer/expr_exact.h"
#include "caco/answer/expr_modular.h"
#include "caco/answer/limits.h"

namespace caco {
namespace {

constexpr int kPointsToAgree = 6;
constexpr int kMaxPoints = 18;
constexpr int64_t kMaxPrecision = 4096;
constexpr int64_t kCalciumPrecision = 128;
constexpr int64_t kCalciumWork = 3000;

bool is_constant(const Expr& expr) {
  return std::none_of(expr.nodes.begin(), expr.nodes.end(), [](const ExprNode& node) {
    return node.op == Op::Symbol || node.op == Op::Call;
  });
}

bool has_decimal(const Expr& expr) {
  return std::any_of(expr.numbers.begin(), expr.numbers.end(), [](const Number& number) {
    return number.is_decimal && number.value.get_den() != 1;
  });
}

bool has_complex(const Expr& expr) {
  return contains(expr, Op::Imaginary) || contains(expr, Op::Conjugate) ||
         contains(expr, Op::Real) || contains(expr, Op::ImaginaryPart);
}

// Powers of negative numbers with broken exponents have a real and a principal reading.
bool has_broken_power(const Expr& expr) {
  return std::any_of(expr.nodes.begin(), expr.nodes.end(), [&](const ExprNode& node) {
    if (node.op != Op::Power) return false;
    const ExprNode& right = expr.nodes[static_cast<size_t>(node.right)];
    return right.op != Op::Number ||
           expr.numbers[static_cast<size_t>(right.datum)].value.get_den() != 1;
  });
}

class ExprComparer {
 public:
  ExprComparer(const Expr& left, const Expr& right, ExprBudget& budget)
      : left_(left),
        right_(right),
        budget_(budget),
        cost_(evaluation_cost(left) + evaluation_cost(right)) {}

  Verdict run() {
    if (!spend(cost_)) return unknown("too much work to compare");
    const Verdict modular = compare_modular();
    if (modular.equality == Equality::Equal) return modular;
    const bool may_round = has_decimal(left_) != has_decimal(right_);
    if (modular.equality == Equality::Different) {
      if (may_round) {
        const Verdict rounded = compare_rounded();
        if (rounded.equality == Equality::Equal) return rounded;
      }
      return is_renamed() ? unknown("the names of the variables differ") : modular;
    }
    const bool both_constant = is_constant(left_) && is_constant(right_);
    const auto compare =
        both_constant ? &ExprComparer::compare_constants : &ExprComparer::compare_points;
    Verdict verdict = over_readings(compare);
    if (verdict.equality == Equality::Different && may_round) {
      verdict = either(verdict, compare_rounded());
    }
    if (verdict.equality == Equality::Different && is_renamed()) {
      return unknown("the names of the variables differ");
    }
    return verdict;
  }

 private:
  bool spend(int64_t work) {
    budget_.work -= work;
    return budget_.work >= 0;
  }

  // Equal: the residues agree at all points. Different: they differ and no function is opaque.
  Verdict compare_modular() {
    int num_agreeing = 0;
    bool is_rational = true;
    for (int point = 0; point < kNumModularPoints; ++point) {
      const std::optional<Residue> a = evaluate_modular(left_, point);
      const std::optional<Residue> b = evaluate_modular(right_, point);
      if (!a.has_value() || !b.has_value()) continue;
      is_rational = is_rational && a->is_rational && b->is_rational;
      if (a->value != b->value) {
        return is_rational ? different("", Proof::Symbolic) : unknown("");
      }
      ++num_agreeing;
    }
    if (num_agreeing < kNumModularPoints) return unknown("undefined");
    if (!is_rational || !spend(cost_ * 20)) return equal(Proof::Symbolic);
    const std::optional<bool> proof = equal_rational_functions(left_, right_);
    if (proof.has_value()) {
      return *proof ? equal(Proof::Symbolic) : different("", Proof::Symbolic);
    }
    Verdict verdict = equal(Proof::Numeric, "residues modulo two primes agree");
    verdict.num_bits = 61 * kNumModularPoints;
    return verdict;
  }

  // The variables of one side renamed in order give the other side.
  bool is_renamed() {
    const std::vector<std::string> names_left = symbols_of(left_);
    const std::vector<std::string> names_right = symbols_of(right_);
    if (names_left == names_right || names_left.size() != names_right.size()) return false;
    Expr renamed = right_;
    for (const ExprNode& node : renamed.nodes) {
      if (node.op != Op::Symbol) continue;
      std::string& name = renamed.names[static_cast<size_t>(node.datum)];
      if (name[0] == kBoundNameMark) continue;
      const auto found = std::lower_bound(names_right.begin(), names_right.end(), name);
      name = names_left[static_cast<size_t>(found - names_right.begin())];
    }
    for (int point = 0; point < kNumModularPoints; ++point) {
      const std::optional<Residue> a = evaluate_modular(left_, point);
      const std::optional<Residue> b = evaluate_modular(renamed, point);
      if (!a.has_value() || !b.has_value() || a->value != b->value) return false;
    }
    return true;
  }

  // Tries the ways in which logarithms without a base and roots of negative numbers can be read.
  Verdict over_readings(Verdict (ExprComparer::*compare)(const BallOptions&)) {
    const bool has_log = contains(left_, Op::Log) || contains(right_, Op::Log);
    const bool has_power = has_broken_power(left_) || has_broken_power(right_);
    Verdict verdict;
    bool is_first = true;
    for (const bool is_decimal : {false, true}) {
      if (is_decimal && !has_log) continue;
      for (const bool is_real : {true, false}) {
        if (!is_real && !has_power) continue;
        BallOptions options;
        options.log_is_decimal = is_decimal;
        options.powers_are_real = is_real;
        Verdict next = (this->*compare)(options);
        if (is_decimal) next.reading = "log to base 10";
        if (!is_real) next.reading = "principal values of powers";
        if (next.equality == Equality::Equal) return next;
        verdict = is_first ? next : either(verdict, next);
        is_first = false;
      }
    }
    return verdict;
  }

  Verdict compare_constants(const BallOptions& reading) {
    BallOptions options = reading;
    bool was_finite = false;
    int64_t reached = 0;
    for (options.precision = 64; options.precision <= kMaxPrecision; options.precision *= 2) {
      if (!spend(cost_ * options.precision / 64)) break;
      const BallValue a = evaluate_ball(left_, options);
      const BallValue b = evaluate_ball(right_, options);
      if (!a.is_finite || !b.is_finite) {
        if (options.precision >= 512) break;
        continue;
      }
      was_finite = true;
      if (acb_overlaps(a.value.get(), b.value.get()) == 0) return different();
      reached = options.precision;
      if (options.precision != kCalciumPrecision || !options.powers_are_real) continue;
      if (!spend(kCalciumWork)) continue;
      const std::optional<bool> proof = equal_constants(left_, right_, {options.log_is_decimal});
      if (proof.has_value()) return *proof ? equal(Proof::Symbolic) : different();
    }
    if (!was_finite || reached < 256) return unknown("a side has no value that can be computed");
    Verdict verdict = equal(Proof::Numeric);
    verdict.num_bits = static_cast<int32_t>(reached);
    return verdict;
  }

  enum class AtPoint { Apart, Agree, Undecided };

  AtPoint compare_at(BallOptions options) {
    for (options.precision = 128; options.precision <= 512; options.precision *= 4) {
      if (!spend(cost_ * options.precision / 32)) return AtPoint::Undecided;
      const BallValue a = evaluate_ball(left_, options);
      const BallValue b = evaluate_ball(right_, options);
      if (!a.is_finite || !b.is_finite) return AtPoint::Undecided;
      const bool is_complex = options.point_kind == PointKind::Complex || has_complex_;
      if (!is_complex && (a.left_reals || b.left_reals)) return AtPoint::Undecided;
      if (acb_overlaps(a.value.get(), b.value.get()) == 0) return AtPoint::Apart;
      const slong accuracy =
          std::min(acb_rel_accuracy_bits(a.value.get()), acb_rel_accuracy_bits(b.value.get()));
      if (accuracy >= 60) return AtPoint::Agree;
    }
    return AtPoint::Undecided;
  }

  Verdict compare_points(const BallOptions& reading) {
    has_complex_ = has_complex(left_) || has_complex(right_);
    if (contains(left_, Op::Call) || contains(right_, Op::Call)) {
      return unknown("a function is not known");
    }
    static constexpr std::array kReal = {PointKind::PositiveReal, PointKind::AnyReal,
                                         PointKind::WholeNumber};
    BallOptions options = reading;
    int num_agreeing = 0;
    for (int i = 0; i < kMaxPoints && num_agreeing < kPointsToAgree; ++i) {
      options.point_kind =
          has_complex_ && i % 2 == 0 ? PointKind::Complex : kReal[static_cast<size_t>(i) % 3];
      options.point = i;
      const AtPoint result = compare_at(options);
      if (result == AtPoint::Apart) return different("", Proof::Exact);
      if (result == AtPoint::Agree) ++num_agreeing;
    }
    if (num_agreeing >= kPointsToAgree) return agreed(num_agreeing);
    if (num_agreeing > 0 || has_complex_) return unknown("too few points could be evaluated");
    // No real point has values on both sides: complex ones can still show that they are equal.
    options.point_kind = PointKind::Complex;
    for (options.point = 0; options.point < kPointsToAgree; ++options.point) {
      if (compare_at(options) != AtPoint::Agree) {
        return unknown("too few points could be evaluated");
      }
    }
    return agreed(kPointsToAgree);
  }

  static Verdict agreed(int num_points) {
    Verdict verdict = equal(Proof::Numeric, "equal at all points tried");
    verdict.num_bits = 60 * num_points;
    return verdict;
  }

  // The side with decimals as a set of numbers that round to what is written.
  Verdict compare_rounded() {
    BallOptions options;
    options.decimals_round = true;
    options.precision = 128;
    const Expr& rounded = has_decimal(left_) ? left_ : right_;
    const Expr& exact = has_decimal(left_) ? right_ : left_;
    static constexpr std::array kKinds = {PointKind::PositiveReal, PointKind::AnyReal,
                                          PointKind::WholeNumber, PointKind::PositiveReal};
    int num_agreeing = 0;
    for (size_t i = 0; i < kKinds.size(); ++i) {
      if (!spend(cost_ * 4)) return unknown("too much work to compare");
      options.point_kind = kKinds[i];
      options.point = static_cast<int>(i);
      const BallValue a = evaluate_ball(rounded, options);
      const BallValue b = evaluate_ball(exact, options);
      if (!a.is_finite || !b.is_finite || a.left_reals || b.left_reals) continue;
      if (acb_overlaps(a.value.get(), b.value.get()) == 0) return different();
      // A rounding that leaves fewer than three digits says too little.
      if (acb_rel_accuracy_bits(a.value.get()) < 7)
        return different("too few digits for a rounding");
      ++num_agreeing;
    }
    if (num_agreeing == 0) return unknown("too few points could be evaluated");
    return equal(Proof::Numeric, "rounded to the digits given");
  }

  const Expr& left_;
  const Expr& right_;
  ExprBudget& budget_;
  int64_t cost_;
  bool has_complex_ = false;
};

// Returns the constant sign of a ball: -1, 1, or 0 when it is not settled.
int sign_of_ball(const Ball& ball) {
  if (acb_is_real(ball.get()) == 0) return 0;
  if (arb_is_positive(acb_realref(ball.get())) != 0) return 1;
  if (arb_is_negative(acb_realref(ball.get())) != 0) return -1;
  return 0;
}

// By residues: the quotient is the same small rational number for both primes.
std::optional<Ratio> ratio_by_residues(const Expr& left, const Expr& right) {
  bool is_rational = true;
  int sign = 0;
  for (int point = 0; point < kNumModularPoints; ++point) {
    const std::optional<Residue> a = evaluate_modular(left, point);
    const std::optional<Residue> b = evaluate_modular(right, point);
    if (!a.has_value() || !b.has_value() || a->value == 0 || b->value == 0) return std::nullopt;
    is_rational = is_rational && a->is_rational && b->is_rational;
    const std::optional<uint64_t> quotient = divide_residues(a->value, b->value, point);
    const int sign_here = quotient.has_value() ? sign_of_small_rational(*quotient, point) : 0;
    if (sign_here == 0 || (point > 0 && sign_here != sign)) {
      return is_rational ? std::optional<Ratio>(Ratio::None) : std::nullopt;
    }
    sign = sign_here;
  }
  return sign > 0 ? Ratio::PositiveConstant : Ratio::NegativeConstant;
}

}  // namespace

ExprBudget::ExprBudget() : work(kMaxExprComparisonWork) {}

Verdict compare_exprs(const Expr& left, const Expr& right, ExprBudget& budget) {
  return ExprComparer(left, right, budget).run();
}

Ratio find_ratio(const Expr& left, const Expr& right, ExprBudget& budget) {
  const int64_t cost = evaluation_cost(left) + evaluation_cost(right);
  budget.work -= cost;
  if (budget.work < 0) return Ratio::Unknown;
  const std::optional<Ratio> by_residues = ratio_by_residues(left, right);
  if (by_residues.has_value() && *by_residues != Ratio::None) return *by_residues;
  BallOptions options;
  options.precision = 192;
  std::optional<Ball> first;
  int num_agreeing = 0;
  for (int i = 0; i < kMaxPoints && num_agreeing < kPointsToAgree; ++i) {
    budget.work -= cost * 6;
    if (budget.work < 0) return Ratio::Unknown;
    options.point = i;
    options.point_kind = i % 2 == 0 ? PointKind::PositiveReal : PointKind::AnyReal;
    const BallValue a = evaluate_ball(left, options);
    const BallValue b = evaluate_ball(right, options);
    if (!a.is_finite || !b.is_finite || a.left_reals || b.left_reals) continue;
    Ball quotient;
    acb_div(quotient.get(), a.value.get(), b.value.get(), 192);
    if (acb_is_finite(quotient.get()) == 0) continue;
    if (first.has_value() && acb_overlaps(first->get(), quotient.get()) == 0) return Ratio::None;
    if (acb_rel_accuracy_bits(quotient.get()) < 60) continue;
    first = quotient;
    ++num_agreeing;
  }
  if (num_agreeing < kPointsToAgree) return Ratio::Unknown;
  const int sign = sign_of_ball(*first);
  if (sign == 0) return Ratio::NonzeroConstant;
  return sign > 0 ? Ratio::PositiveConstant : Ratio::NegativeConstant;
}

std::optional<int> sign_of(const Expr& expr, ExprBudget& budget) {
  if (const std::optional<mpq_class> value = exact_value(expr)) return sgn(*value);
  if (!is_constant(expr)) return std::nullopt;
  BallOptions options;
  for (options.precision = 64; options.precision <= 512; options.precision *= 2) {
    budget.work -= evaluation_cost(expr) * options.precision / 64;
    if (budget.work < 0) return std::nullopt;
    const BallValue value = evaluate_ball(expr, options);
    if (!value.is_finite) return std::nullopt;
    if (const int sign = sign_of_ball(value.value); sign != 0) return sign;
  }
  return std::nullopt;
}

}  // namespace caco
