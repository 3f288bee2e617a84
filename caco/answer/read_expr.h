// The parser of expressions: clean text (LaTeX, plain, Python, SymPy) to a tree, the whole of it or
// nothing. Recursive descent, with implicit products. Bounded by limits.h.
#pragma once

#include <optional>
#include <string_view>

#include "caco/answer/expr.h"
#include "caco/answer/limits.h"

namespace caco {

// How ambiguous writing is read, and whether there was any.
struct ExprReading {
  bool binds_tight = false;                     // `1/2x` as 1/(2x), `\cos\pi/5` as cos(pi/5)
  bool saw_tight = false;                       // out: the choice mattered
  bool letter_chooses = false;                  // `C_5^2` as a number of choices
  bool saw_choosing = false;                    // out: the choice mattered
  bool letters_are_basis = false;               // i and j are names, not the imaginary unit
  int64_t series_terms_left = kMaxSeriesTerms;  // in and out: that may still be computed
  bool is_over_limit = false;                   // out: too deep or too large; nothing is returned
};

// Returns the expression that is the whole of the text, or nothing. Thread-safe. Linear.
std::optional<Expr> read_expr(std::string_view text, ExprReading& reading);

}  // namespace caco
