// Expr: a mathematical expression as a tree. Nodes stand in one array, children before parents, so
// that every evaluation is one loop without recursion and its cost is known from the length. Plain
// data; nothing is evaluated on the way in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "caco/answer/number.h"

namespace caco {

enum class Op : uint8_t {
  Number,  // numbers[datum]
  Symbol,  // names[datum]: a variable, subscript included
  Pi,
  Euler,      // e
  Imaginary,  // i
  Infinity,
  // two operands
  Add,
  Subtract,
  Multiply,
  Divide,
  Power,
  Root,     // the right-th root of left; odd roots of negative numbers are real
  LogBase,  // of left to base right
  Binomial,
  Modulo,
  Maximum,
  Minimum,
  Gcd,
  Lcm,
  // one operand
  Negate,
  Abs,
  Factorial,
  Floor,
  Ceiling,
  Exp,
  Ln,
  Log,  // base not given: natural, or 10
  Sin,
  Cos,
  Tan,
  Cot,
  Sec,
  Csc,
  Asin,
  Acos,
  Atan,
  Acot,
  Sinh,
  Cosh,
  Tanh,
  Degree,  // times pi / 180
  Real,
  ImaginaryPart,
  Conjugate,
  Gamma,
  Call,  // names[datum]: a function known by name only, as f in f(x)
};

struct ExprNode {
  Op op = Op::Number;
  int32_t left = -1;
  int32_t right = -1;
  int32_t datum = -1;
};

struct Expr {
  std::vector<ExprNode> nodes;  // the last one is the root; empty means no expression
  std::vector<Number> numbers;
  std::vector<std::string> names;

  bool empty() const { return nodes.empty(); }
  const ExprNode& root() const { return nodes.back(); }
};

// The first letter of names that are bound in an expression, as the index of a sum is.
inline constexpr char kBoundNameMark = '\\';

// Builders append nodes and return the index of the new root.
int32_t append_number(Expr& expr, Number number);
int32_t append_integer(Expr& expr, int64_t value);
int32_t append_name(Expr& expr, Op op, const std::string& name, int32_t operand = -1);
int32_t append_node(Expr& expr, Op op, int32_t left = -1, int32_t right = -1);

// Returns a copy of `left op right` as one expression.
Expr join(Op op, const Expr& left, const Expr& right);

// Returns an expression that is the number alone.
Expr number_expr(const Number& number);

// Returns the variables in order of their names, each once; bound names are none.
std::vector<std::string> symbols_of(const Expr& expr);

bool contains(const Expr& expr, Op op);

// Returns the name when the whole expression is one symbol or one call of a function; else "".
std::string lone_name(const Expr& expr);

// How costly an evaluation is: nodes, functions counted tenfold, long numbers by their length.
int64_t evaluation_cost(const Expr& expr);

}  // namespace caco
