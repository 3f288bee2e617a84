// Whether two expressions have the same value, in tiers that stop at the first proof: residues
// modulo primes, normal forms of rational functions, balls of growing precision with Calcium for
// constants, and balls at several points for the rest.
#pragma once

#include <cstdint>
#include <optional>

#include "caco/answer/expr.h"
#include "caco/answer/verdict.h"

namespace caco {

// What one comparison of answers may still spend on expressions.
struct ExprBudget {
  int64_t work = 0;  // kMaxExprComparisonWork at the start
  ExprBudget();
};

// Returns the verdict; unknown when the budget is spent. Variables are real numbers unless a side
// has i, a conjugate or the like; where only one side is defined a point is passed over. A decimal
// with at least three digits may be a rounding when only one side has decimals. Thread-safe.
Verdict compare_exprs(const Expr& left, const Expr& right, ExprBudget& budget);

// How two expressions (the differences of the sides of two relations) are related.
enum class Ratio { PositiveConstant, NegativeConstant, NonzeroConstant, None, Unknown };

// Returns whether left = c * right for a constant c, and its sign. Thread-safe.
Ratio find_ratio(const Expr& left, const Expr& right, ExprBudget& budget);

// Returns the sign of a constant expression: -1, 0, 1, or nothing when it is not settled.
std::optional<int> sign_of(const Expr& expr, ExprBudget& budget);

}  // namespace caco
