// The names of functions, constants and variables in expressions, in LaTeX, plain text, Python and
// SymPy.
#pragma once

#include <optional>
#include <string_view>

#include "caco/answer/expr.h"

namespace caco {

struct FunctionName {
  Op op = Op::Call;
  int num_arguments = 1;  // 1 or 2; 0: two or more, taken pairwise
};

// Returns what a name of at least two letters means as a function, without a backslash; or nothing.
std::optional<FunctionName> find_function(std::string_view name);

// Returns whether a function's name is that of the inverse of sinh, cosh or tanh, for which
// find_function gives the function itself.
bool is_inverse_hyperbolic(std::string_view name);

// The same for one divided by sinh, cosh or tanh.
bool is_reciprocal_hyperbolic(std::string_view name);

// Returns Pi, Euler, Imaginary or Infinity for names like "pi" and "infinity", or nothing.
std::optional<Op> find_constant(std::string_view name);

// Returns the variable that a Greek or other symbol's name stands for ("alpha", "varphi" as "phi"),
// or "".
std::string_view find_greek(std::string_view name);

// Returns the longest known name (function, constant, Greek) at the start of a run of letters.
std::string_view known_prefix(std::string_view letters);

// Returns whether a run of letters may be a product of variables and known names; words of the
// language ("or", "apples") may not.
bool is_plausible_product(std::string_view letters);

// Returns the inverse of a trigonometric function, or Call.
Op inverse_of(Op op);

}  // namespace caco
