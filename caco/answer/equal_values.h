// Equality of single values: numbers with their roundings and units, moments, words.
#pragma once

#include <cstdint>
#include <string_view>

#include "caco/answer/decide_expr.h"
#include "caco/answer/value.h"
#include "caco/answer/verdict.h"

namespace caco {

inline constexpr int64_t kMinSignificantDigits = 3;
inline constexpr int64_t kFloatDigits = 15;

// Whether the value is of kind Number or Expression.
constexpr bool is_amount(ValueKind kind) {
  return kind == ValueKind::Number || kind == ValueKind::Expression;
}

// Compares two amounts, with their units and bases.
Verdict compare_quantities(const Value& left, const Value& right, ExprBudget& budget);

Verdict compare_moments(const Moment& left, const Moment& right);

Verdict compare_texts(const Value& left, const Value& right);

// Whether words may stand for a number, or for true and false.
bool may_mean_number(std::string_view text);
bool may_mean_truth(std::string_view text);

// Returns half a unit of the last digit given: how far a rounding may be off.
mpq_class half_unit(const Number& number);

}  // namespace caco
