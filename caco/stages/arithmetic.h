// Exact arithmetic of the short expressions that worked solutions contain: integers, decimals and
// + - * / // % ** ( ). Verification recomputes every step of a solution with it, so that no
// rounding of ours ever decides about a sample. Values are rationals of bounded size; what does not
// fit is "cannot tell" (nullopt), never a wrong value. Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caco {

__extension__ typedef __int128 Int128;

// numerator / denominator in lowest terms, denominator > 0.
struct Rational {
  Int128 numerator = 0;
  Int128 denominator = 1;

  friend bool operator==(const Rational&, const Rational&) = default;
};

// Returns the value of one number as people write it: "24", "-3.5", ".5", "1,000", "1e3"; nullopt
// for anything else and for more than 30 digits.
std::optional<Rational> parse_rational(std::string_view text);

// Returns left / right; nullopt when `right` is zero or the value does not fit.
std::optional<Rational> divide(const Rational& left, const Rational& right);

// Returns the nearest double.
double to_double(const Rational& value);

// An evaluated expression with the numbers written in it, in order, signs left out.
struct Evaluation {
  Rational value;
  std::vector<Rational> operands;
};

// Returns the value of an expression; nullopt when it is not one, divides by zero or does not fit.
// Spaces and dollar signs are skipped; "x", "×" and "÷" are read as * and /. `%` is Python's modulo
// when an operand follows and a percent sign otherwise ("20%*50" is 10). `//` and `%` round down,
// as in Python.
std::optional<Evaluation> evaluate(std::string_view expression);

// Returns whether `shown`, a number as written, is `exact`: the same value, or that value rounded
// or cut to the decimals shown (at least one decimal and three significant digits).
bool shows_value(std::string_view shown, const Rational& exact);

}  // namespace caco
