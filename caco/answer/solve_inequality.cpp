// Inequalities in one variable whose sides are rational functions, or absolute values of such:
// `x^2 - 5x + 6 < 0`, `\frac{x-1}{x+2} \ge 0`, `|2x - 1| < 5`.
//
// The difference of the sides is one fraction of polynomials. Its zeros and poles are found by
// factoring over the integers: linear factors have rational zeros, quadratic ones zeros with a
// square root, and a factor of higher degree may have no real zero. Between two neighbours the sign
// is that at one rational point. Degrees and coefficients are bounded before anything is built.
#include <flint/fmpq.h>
#include <flint/fmpq_poly.h>
#include <flint/fmpz_poly.h>
#include <flint/fmpz_poly_factor.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "caco/answer/calcium_headers.h"
#include "caco/answer/expr_ball.h"
#include "caco/answer/relation.h"

namespace caco {
namespace {

constexpr slong kMaxSolvedDegree = 8;
constexpr flint_bitcnt_t kMaxBits = 200;
constexpr size_t kMaxInequalityNodes = 120;

class Polynomial {
 public:
  Polynomial() { fmpq_poly_init(value_); }
  ~Polynomial() { fmpq_poly_clear(value_); }
  Polynomial(const Polynomial& other) {
    fmpq_poly_init(value_);
    fmpq_poly_set(value_, other.value_);
  }
  Polynomial& operator=(const Polynomial& other) {
    fmpq_poly_set(value_, other.value_);
    return *this;
  }
  fmpq_poly_struct* get() { return value_; }
  const fmpq_poly_struct* get() const { return value_; }

 private:
  fmpq_poly_t value_;
};

struct Fraction {
  Polynomial above;
  Polynomial below;
};

bool is_small(const Polynomial& polynomial) {
  return fmpq_poly_degree(polynomial.get()) <= kMaxSolvedDegree &&
         _fmpz_vec_max_bits(polynomial.get()->coeffs, polynomial.get()->length) <=
             static_cast<slong>(kMaxBits) &&
         _fmpz_vec_max_bits(polynomial.get()->coeffs, polynomial.get()->length) >=
             -static_cast<slong>(kMaxBits) &&
         fmpz_bits(polynomial.get()->den) <= kMaxBits;
}

Polynomial product(const Polynomial& a, const Polynomial& b) {
  Polynomial out;
  fmpq_poly_mul(out.get(), a.get(), b.get());
  return out;
}

std::optional<long> small_power(const Expr& expr, int32_t index) {
  const ExprNode& node = expr.nodes[static_cast<size_t>(index)];
  if (node.op != Op::Number) return std::nullopt;
  const mpq_class& value = expr.numbers[static_cast<size_t>(node.datum)].value;
  if (value.get_den() != 1 || value < 0 || value > kMaxSolvedDegree) return std::nullopt;
  return value.get_num().get_si();
}

std::optional<Fraction> leaf_fraction(const Expr& expr, const ExprNode& node) {
  Fraction out;
  fmpq_poly_one(out.below.get());
  if (node.op == Op::Symbol) {
    fmpq_poly_set_coeff_si(out.above.get(), 1, 1);
    return out;
  }
  if (node.op != Op::Number) return std::nullopt;
  const Number& number = expr.numbers[static_cast<size_t>(node.datum)];
  if (mpz_sizeinbase(number.value.get_num_mpz_t(), 2) > kMaxBits ||
      mpz_sizeinbase(number.value.get_den_mpz_t(), 2) > kMaxBits) {
    return std::nullopt;
  }
  fmpq_t value;
  fmpq_init(value);
  fmpq_set_mpq(value, number.value.get_mpq_t());
  fmpq_poly_set_fmpq(out.above.get(), value);
  fmpq_clear(value);
  return out;
}

std::optional<Fraction> joined_fraction(Op op, const Fraction& a, const Fraction& b) {
  Fraction out;
  switch (op) {
    case Op::Add:
    case Op::Subtract: {
      const Polynomial left = product(a.above, b.below);
      const Polynomial right = product(b.above, a.below);
      if (op == Op::Add) {
        fmpq_poly_add(out.above.get(), left.get(), right.get());
      } else {
        fmpq_poly_sub(out.above.get(), left.get(), right.get());
      }
      out.below = product(a.below, b.below);
      break;
    }
    case Op::Multiply:
      out.above = product(a.above, b.above);
      out.below = product(a.below, b.below);
      break;
    case Op::Divide:
      if (fmpq_poly_is_zero(b.above.get()) != 0) return std::nullopt;
      out.above = product(a.above, b.below);
      out.below = product(a.below, b.above);
      break;
    default:
      return std::nullopt;
  }
  if (!is_small(out.above) || !is_small(out.below)) return std::nullopt;
  return out;
}

// The expression as a fraction of polynomials in its only variable.
std::optional<Fraction> fraction_of(const Expr& expr) {
  if (expr.nodes.size() > kMaxInequalityNodes) return std::nullopt;
  std::vector<Fraction> values;
  for (const ExprNode& node : expr.nodes) {
    std::optional<Fraction> value;
    if (node.left < 0) {
      value = leaf_fraction(expr, node);
    } else if (node.op == Op::Negate) {
      value = values[static_cast<size_t>(node.left)];
      fmpq_poly_neg(value->above.get(), value->above.get());
    } else if (node.op == Op::Power) {
      const std::optional<long> exponent = small_power(expr, node.right);
      if (!exponent.has_value()) return std::nullopt;
      const Fraction base = values[static_cast<size_t>(node.left)];
      Fraction power;
      fmpq_poly_one(power.above.get());
      fmpq_poly_one(power.below.get());
      value = power;
      for (long i = 0; i < *exponent && value.has_value(); ++i)
        value = joined_fraction(Op::Multiply, *value, base);
    } else if (node.right >= 0) {
      value = joined_fraction(node.op, values[static_cast<size_t>(node.left)],
                              values[static_cast<size_t>(node.right)]);
    }
    if (!value.has_value()) return std::nullopt;
    values.push_back(std::move(*value));
  }
  return values.back();
}

// A place where the sign may change.
struct Place {
  Value value;
  double approximate = 0;
  bool is_pole = false;
};

mpq_class coefficient(const fmpz_poly_struct* polynomial, slong index) {
  fmpz_t value;
  fmpz_init(value);
  fmpz_poly_get_coeff_fmpz(value, polynomial, index);
  mpz_class out;
  fmpz_get_mpz(out.get_mpz_t(), value);
  fmpz_clear(value);
  return mpq_class(out);
}

Expr exact_number(const mpq_class& value) {
  Number number;
  number.value = value;
  return number_expr(number);
}

Place rational_place(const mpq_class& value, bool is_pole) {
  Place place;
  place.value.kind = ValueKind::Number;
  place.value.number.value = value;
  place.approximate = value.get_d();
  place.is_pole = is_pole;
  return place;
}

// Adds the real zeros of an irreducible factor; false when they have no short form.
bool add_zeros(const fmpz_poly_struct* factor, bool is_pole, std::vector<Place>& places) {
  const slong degree = fmpz_poly_degree(factor);
  if (degree == 1) {
    places.push_back(rational_place(-coefficient(factor, 0) / coefficient(factor, 1), is_pole));
    return true;
  }
  if (degree != 2) return fmpz_poly_num_real_roots(factor) == 0;
  const mpq_class a = coefficient(factor, 2);
  const mpq_class b = coefficient(factor, 1);
  const mpq_class inner = b * b - 4 * a * coefficient(factor, 0);
  if (inner < 0) return true;
  for (const int sign : {-1, 1}) {
    Expr root = exact_number(inner);
    append_integer(root, 2);
    const auto last = static_cast<int32_t>(root.nodes.size()) - 1;
    append_node(root, Op::Root, last - 1, last);
    root = join(Op::Multiply, exact_number(sign), root);
    root = join(Op::Divide, join(Op::Subtract, root, exact_number(b)), exact_number(2 * a));
    Place place;
    place.value.kind = ValueKind::Expression;
    place.value.expr = std::move(root);
    place.approximate = (sign * std::sqrt(inner.get_d()) - b.get_d()) / (2 * a.get_d());
    place.is_pole = is_pole;
    places.push_back(std::move(place));
  }
  return true;
}

bool add_places(const Polynomial& polynomial, bool is_pole, std::vector<Place>& places) {
  fmpz_poly_t whole;
  fmpz_poly_init(whole);
  fmpq_poly_get_numerator(whole, polynomial.get());
  fmpz_poly_factor_t factors;
  fmpz_poly_factor_init(factors);
  bool is_known = true;
  if (fmpz_poly_degree(whole) > 0) {
    fmpz_poly_factor(factors, whole);
    for (slong i = 0; i < factors->num && is_known; ++i)
      is_known = add_zeros(factors->p + i, is_pole, places);
  }
  fmpz_poly_factor_clear(factors);
  fmpz_poly_clear(whole);
  return is_known;
}

int sign_at(const Polynomial& polynomial, const mpq_class& point) {
  fmpq_t at;
  fmpq_t value;
  fmpq_init(at);
  fmpq_init(value);
  fmpq_set_mpq(at, point.get_mpq_t());
  fmpq_poly_evaluate_fmpq(value, polynomial.get(), at);
  const int sign = fmpq_sgn(value);
  fmpq_clear(at);
  fmpq_clear(value);
  return sign;
}

// Rational points: one before all places, one between each two, one behind all. Nothing when two
// places are too close to tell apart.
std::optional<std::vector<mpq_class>> points_between(const std::vector<Place>& places) {
  std::vector<mpq_class> points;
  for (size_t i = 0; i <= places.size(); ++i) {
    if (places.empty()) return std::vector<mpq_class>{mpq_class(0)};
    const double low = i == 0 ? places[0].approximate - 1 - std::abs(places[0].approximate)
                              : places[i - 1].approximate;
    const double high = i == places.size() ? low + 1 + std::abs(low) : places[i].approximate;
    if (i > 0 && i < places.size() && high - low < 1e-6 * (1 + std::abs(low) + std::abs(high))) {
      return std::nullopt;
    }
    const double middle = i == 0 ? low : i == places.size() ? high : (low + high) / 2;
    if (!std::isfinite(middle)) return std::nullopt;
    points.emplace_back(middle);
  }
  return points;
}

Value infinite(bool is_negative) {
  Value value;
  value.kind = ValueKind::Infinity;
  value.is_negative = is_negative;
  return value;
}

// Joins the stretches and places that belong to the set. Stretch i lies before place i.
Value set_of_stretches(const std::vector<Place>& places, const std::vector<bool>& has_stretch,
                       bool has_zeros) {
  Value set;
  set.kind = ValueKind::Union;
  const auto holds = [&](size_t i) {
    return has_zeros && !places[i].is_pole;
  };
  for (size_t i = 0; i < has_stretch.size(); ++i) {
    if (!has_stretch[i]) {
      const bool is_alone = i < places.size() && holds(i) && !has_stretch[i + 1];
      if (is_alone) {
        Value point;
        point.kind = ValueKind::Set;
        point.items = {places[i].value};
        set.items.push_back(std::move(point));
      }
      continue;
    }
    const size_t start = i;
    while (i < places.size() && holds(i) && has_stretch[i + 1])
      ++i;
    const Value low = start == 0 ? infinite(true) : places[start - 1].value;
    const Value high = i == places.size() ? infinite(false) : places[i].value;
    const char open = start > 0 && holds(start - 1) ? '[' : '(';
    const char close = i < places.size() && holds(i) ? ']' : ')';
    set.items.push_back(interval_value(open, low, high, close));
  }
  return set;
}

const Expr* inside_of_abs(const Value& value, Expr& inside) {
  if (value.kind != ValueKind::Expression || value.expr.root().op != Op::Abs) return nullptr;
  inside = value.expr;
  inside.nodes.pop_back();
  return &inside;
}

// left - right, or the difference of the squares where absolute values are compared.
std::optional<Expr> difference_of(const Value& left, const Value& right) {
  Expr inside_left;
  Expr inside_right;
  const Expr* const a = inside_of_abs(left, inside_left);
  const Expr* const b = inside_of_abs(right, inside_right);
  const std::optional<Expr> expr_left = expr_of(left);
  const std::optional<Expr> expr_right = expr_of(right);
  if (!expr_left.has_value() || !expr_right.has_value()) return std::nullopt;
  if (a == nullptr && b == nullptr) return join(Op::Subtract, *expr_left, *expr_right);
  for (const auto& [has_bars, side] : {std::pair{a != nullptr, &left}, {b != nullptr, &right}}) {
    if (!has_bars && (side->kind != ValueKind::Number || side->number.value < 0)) {
      return std::nullopt;
    }
  }
  const Expr& x = a != nullptr ? *a : *expr_left;
  const Expr& y = b != nullptr ? *b : *expr_right;
  return join(Op::Subtract, join(Op::Multiply, x, x), join(Op::Multiply, y, y));
}

}  // namespace

std::optional<Line> line_of(const Expr& expr) {
  register_flint_thread();
  const std::optional<Fraction> fraction = fraction_of(expr);
  if (!fraction.has_value() || fmpq_poly_degree(fraction->above.get()) > 1 ||
      fmpq_poly_degree(fraction->below.get()) != 0) {
    return std::nullopt;
  }
  fmpq_t value;
  fmpq_init(value);
  std::array<mpq_class, 3> numbers;
  fmpq_poly_get_coeff_fmpq(value, fraction->above.get(), 0);
  fmpq_get_mpq(numbers[0].get_mpq_t(), value);
  fmpq_poly_get_coeff_fmpq(value, fraction->above.get(), 1);
  fmpq_get_mpq(numbers[1].get_mpq_t(), value);
  fmpq_poly_get_coeff_fmpq(value, fraction->below.get(), 0);
  fmpq_get_mpq(numbers[2].get_mpq_t(), value);
  fmpq_clear(value);
  return Line{numbers[1] / numbers[2], numbers[0] / numbers[2]};
}

std::optional<Value> solved_inequality(const Value& relation) {
  const bool is_upward = relation.text == ">" || relation.text == "g";
  if (relation.items.size() != 2 || (!is_upward && relation.text != "<" && relation.text != "l")) {
    return std::nullopt;
  }
  const std::optional<Expr> difference = difference_of(relation.items[0], relation.items[1]);
  if (!difference.has_value()) return std::nullopt;
  const std::vector<std::string> names = symbols_of(*difference);
  if (names.size() != 1) return std::nullopt;
  register_flint_thread();
  const std::optional<Fraction> fraction = fraction_of(*difference);
  if (!fraction.has_value() || fmpq_poly_is_zero(fraction->above.get()) != 0) return std::nullopt;
  std::vector<Place> places;
  if (!add_places(fraction->above, /*is_pole=*/false, places) ||
      !add_places(fraction->below, /*is_pole=*/true, places)) {
    return std::nullopt;
  }
  std::sort(places.begin(), places.end(),
            [](const Place& a, const Place& b) { return a.approximate < b.approximate; });
  const std::optional<std::vector<mpq_class>> points = points_between(places);
  if (!points.has_value()) return std::nullopt;
  std::vector<bool> has_stretch;
  for (const mpq_class& point : *points) {
    const int sign = sign_at(fraction->above, point) * sign_at(fraction->below, point);
    if (sign == 0) return std::nullopt;
    has_stretch.push_back((sign > 0) == is_upward);
  }
  const bool has_zeros = relation.text == "l" || relation.text == "g";
  Value set = set_of_stretches(places, has_stretch, has_zeros);
  set.text = names[0];
  return set;
}

}  // namespace caco
