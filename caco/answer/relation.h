// Equations, inequalities and the sets of numbers that they describe.
#pragma once

#include <optional>
#include <string>

#include "caco/answer/decide_expr.h"
#include "caco/answer/value.h"

namespace caco {

Value interval_value(char open, Value low, Value high, char close);

// Returns the value as an expression: a Number, an Expression, or a signed Infinity; else nothing.
std::optional<Expr> expr_of(const Value& value);

// Returns the set of real numbers as a Union of Intervals and Sets: of an interval, a union, a pair
// in brackets, a set, or a relation that has a variable alone on one side. Nothing for other forms.
std::optional<Value> intervals_of(const Value& value);

// Returns whether two Unions hold the same real numbers, when all their ends are exact numbers.
std::optional<bool> same_real_sets(const Value& left, const Value& right);

// Returns what two Unions have in common when all their ends are exact numbers, or when they are
// one lower and one upper bound: x > 2 and x < 5. Nothing for others.
std::optional<Value> intersect_sets(const Value& left, const Value& right);

// Returns the parts of both.
std::optional<Value> unite_sets(const Value& left, const Value& right);

// Returns what only the left Union holds: when all ends are exact numbers, or when it is the real
// line without one point. Nothing for others.
std::optional<Value> subtract_sets(const Value& left, const Value& right);

// The same for Unions whose ends are exact numbers.
std::optional<Value> intersect_exact(const Value& left, const Value& right);

// Returns whether a Union with exact ends holds no number; nothing when its ends are not exact.
std::optional<bool> is_empty_set(const Value& set);

// Returns the numbers that an inequality in one variable holds for, as a Union with exact ends; or
// nothing when it is of another form or too large. Thread-safe.
std::optional<Value> solved_inequality(const Value& relation);

// An expression in one variable as slope * x + offset.
struct Line {
  mpq_class slope;
  mpq_class offset;
};
std::optional<Line> line_of(const Expr& expr);

// Compares the solutions of left = 0 and right = 0, two differences that are not proportional.
Verdict compare_solutions(const Expr& left, const Expr& right, ExprBudget& budget);

// Compares two relations: equal when the differences of their sides are equal up to a constant
// factor whose sign suits the direction, or when all sides of two chains are equal in order.
Verdict compare_relations(const Value& left, const Value& right, ExprBudget& budget);

// Returns `name = value` as a Relation, or nothing when the name is no variable.
std::optional<Value> relation_of_assignment(const Value& assignment);

}  // namespace caco
