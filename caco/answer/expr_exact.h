// Exact values of expressions that are made of rational numbers alone: "2^{10}", "5!/3!",
// "\sqrt{16}", "\binom{10}{3}". Sizes are estimated before anything is computed.
#pragma once

#include <optional>

#include "caco/answer/expr.h"

namespace caco {

// Returns the rational value, or nothing when the expression has a variable, is irrational,
// undefined, or larger than kMaxExprBits. Thread-safe.
std::optional<mpq_class> exact_value(const Expr& expr);

}  // namespace caco
