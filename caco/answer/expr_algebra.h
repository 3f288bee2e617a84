// Proofs of equality: rational functions by their normal form (FLINT), constants by computable
// number fields (Calcium).
#pragma once

#include <optional>

#include "caco/answer/expr.h"

namespace caco {

// Returns whether two rational functions are equal, by their normal forms over the integers; or
// nothing when a side has another function or the forms may be too large. Thread-safe.
std::optional<bool> equal_rational_functions(const Expr& left, const Expr& right);

// Returns whether the numerators of two rational functions in lowest terms are equal up to a
// constant factor; or nothing when they are no rational functions, may be too large, or are
// constant. Thread-safe.
std::optional<bool> same_numerators(const Expr& left, const Expr& right);

struct ConstantOptions {
  bool log_is_decimal = false;
};

// Returns whether two constants are equal, when Calcium can prove it either way within bounds of
// size; or nothing. Real roots are taken of negative numbers for odd indices of Op::Root.
// Thread-safe; the context lives for the call.
std::optional<bool> equal_constants(const Expr& left, const Expr& right,
                                    const ConstantOptions& options);

}  // namespace caco
