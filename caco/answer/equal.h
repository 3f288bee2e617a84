// Equality of parsed answers, with the strength of the proof.
//
// Policies, all symmetric:
// - Integers and fractions are compared exactly. A decimal may be a rounding: it equals a fraction
//   that rounds to the digits given (at least kMinSignificantDigits of them, see equal_values.h);
//   with kFloatDigits digits or more it is a float's repr and equals what is within a relative
//   1e-9. An integer never equals a decimal that is farther than float noise. Two short decimals
//   that agree only after rounding are unknown.
// - A list and a tuple with the same items are equal, because data forms of programs do not keep
// the
//   difference; two numbers in brackets may be a point or an interval, so that [1, 2] and (1, 2)
//   are unknown. Sets, and lists without brackets, are matched in any order; lists of assignments
//   without brackets keep theirs.
// - A comma between two digits may be a decimal one: `0,5` equals 0.5, and two numbers as well.
// Where
//   both sides would have to be read so, or where the comma groups digits as a rule (`1,234`), the
//   verdict is unknown.
// - Units are converted where both are known; a unit on one side only is no difference.
// - Text is compared without case and extra blanks; a Python string also equals the value that its
//   content reads as. Expressions are decided in decide_expr.h, relations in relation.h.
#pragma once

#include "caco/answer/value.h"
#include "caco/answer/verdict.h"

namespace caco {

// Returns the verdict on two sets of readings: equal when some pair of readings is, unknown when
// none is equal but some is unknown. Bounded by limits.h; thread-safe.
Verdict compare_readings(const Readings& left, const Readings& right);

}  // namespace caco
