// Whether two equations have the same solutions when their sides are not proportional.
//
// Fractions: `y = 1/x` and `xy = 1` have the same numerator once all stands on one side. Other
// functions: when one equation is linear in a variable, the variable is replaced in the other one
// by what it equals, and the rest must vanish: `y = \ln x` in `x = e^y` leaves x - e^{\ln x}.
#include <algorithm>
#include <utility>

#include "caco/answer/expr_algebra.h"
#include "caco/answer/relation.h"

namespace caco {
namespace {

constexpr size_t kMaxEquationNodes = 60;

std::optional<mpq_class> constant_at(const Expr& expr, int32_t index) {
  const ExprNode& node = expr.nodes[static_cast<size_t>(index)];
  if (node.op == Op::Number) return expr.numbers[static_cast<size_t>(node.datum)].value;
  if (node.op != Op::Negate) return std::nullopt;
  std::optional<mpq_class> value = constant_at(expr, node.left);
  if (value.has_value()) *value = -*value;
  return value;
}

// The factor of the variable at every node, as far as it is a constant there; a node that depends
// on the variable in another way has none.
std::optional<mpq_class> linear_factor(const Expr& expr, const std::string& name) {
  std::vector<std::optional<mpq_class>> factors;
  for (const ExprNode& node : expr.nodes) {
    std::optional<mpq_class> factor;
    const std::optional<mpq_class> left =
        node.left >= 0 ? factors[static_cast<size_t>(node.left)] : std::optional<mpq_class>(0);
    const std::optional<mpq_class> right =
        node.right >= 0 ? factors[static_cast<size_t>(node.right)] : std::optional<mpq_class>(0);
    const bool is_free = left.has_value() && right.has_value() && *left == 0 && *right == 0;
    if (node.op == Op::Symbol) {
      factor = expr.names[static_cast<size_t>(node.datum)] == name ? 1 : 0;
    } else if (is_free) {
      factor = 0;
    } else if (left.has_value() && right.has_value()) {
      const std::optional<mpq_class> a = constant_at(expr, node.left);
      const std::optional<mpq_class> b =
          node.right >= 0 ? constant_at(expr, node.right) : std::nullopt;
      if (node.op == Op::Add) factor = *left + *right;
      if (node.op == Op::Subtract) factor = *left - *right;
      if (node.op == Op::Negate) factor = -*left;
      if (node.op == Op::Multiply && a.has_value()) factor = *a * *right;
      if (node.op == Op::Multiply && b.has_value()) factor = *b * *left;
      if (node.op == Op::Divide && b.has_value() && *b != 0) factor = *left / *b;
    }
    factors.push_back(std::move(factor));
  }
  return factors.back();
}

// Both sides of a difference, with the variable replaced.
std::pair<Expr, Expr> replaced(const Expr& expr, const std::string& name, const Expr& by) {
  std::vector<Expr> values;
  for (const ExprNode& node : expr.nodes) {
    Expr value;
    if (node.op == Op::Symbol && expr.names[static_cast<size_t>(node.datum)] == name) {
      value = by;
    } else if (node.op == Op::Symbol) {
      append_name(value, Op::Symbol, expr.names[static_cast<size_t>(node.datum)]);
    } else if (node.op == Op::Number) {
      append_number(value, expr.numbers[static_cast<size_t>(node.datum)]);
    } else if (node.left < 0) {
      append_node(value, node.op);
    } else if (node.right < 0) {
      value = values[static_cast<size_t>(node.left)];
      append_node(value, node.op, static_cast<int32_t>(value.nodes.size()) - 1);
    } else {
      value = join(node.op, values[static_cast<size_t>(node.left)],
                   values[static_cast<size_t>(node.right)]);
    }
    values.push_back(std::move(value));
  }
  return {std::move(values[static_cast<size_t>(expr.root().left)]),
          std::move(values[static_cast<size_t>(expr.root().right)])};
}

// Whether `other` vanishes wherever `solved` does; both are differences of sides.
Equality vanishes_with(const Expr& solved, const Expr& other, ExprBudget& budget) {
  for (const std::string& name : symbols_of(solved)) {
    const std::optional<mpq_class> factor = linear_factor(solved, name);
    if (!factor.has_value() || *factor == 0) continue;
    Number inverse;
    inverse.value = 1 / *factor;
    Expr variable;
    append_name(variable, Op::Symbol, name);
    const Expr root =
        join(Op::Subtract, variable, join(Op::Multiply, solved, number_expr(inverse)));
    const auto [left, right] = replaced(other, name, root);
    return compare_exprs(left, right, budget).equality;
  }
  return Equality::Unknown;
}

}  // namespace

Verdict compare_solutions(const Expr& left, const Expr& right, ExprBudget& budget) {
  if (left.nodes.size() > kMaxEquationNodes || right.nodes.size() > kMaxEquationNodes ||
      contains(left, Op::Call) || contains(right, Op::Call)) {
    return unknown("the equations could not be solved");
  }
  if (const std::optional<bool> same = same_numerators(left, right)) {
    return *same ? equal(Proof::Symbolic, "the same once fractions are cleared")
                 : different("the relations differ", Proof::Symbolic);
  }
  const Equality forth = vanishes_with(left, right, budget);
  const Equality back = forth == Equality::Different ? forth : vanishes_with(right, left, budget);
  if (forth == Equality::Different || back == Equality::Different) {
    return different("a solution of one equation is none of the other");
  }
  if (forth == Equality::Equal && back == Equality::Equal) {
    return equal(Proof::Numeric, "each solution of one is one of the other");
  }
  return unknown("the equations could not be solved");
}

}  // namespace caco
