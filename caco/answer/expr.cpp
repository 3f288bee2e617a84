#include "caco/answer/expr.h"

#include <algorithm>
#include <utility>

namespace caco {
namespace {

int32_t num_nodes(const std::vector<ExprNode>& nodes) {
  return static_cast<int32_t>(nodes.size());
}

// Appends all nodes of `from` behind those of `to`; returns the index of its root.
int32_t append_all(Expr& to, const Expr& from) {
  const int32_t base = num_nodes(to.nodes);
  const auto number_base = static_cast<int32_t>(to.numbers.size());
  const auto name_base = static_cast<int32_t>(to.names.size());
  for (ExprNode node : from.nodes) {
    if (node.left >= 0) node.left += base;
    if (node.right >= 0) node.right += base;
    if (node.datum >= 0) node.datum += node.op == Op::Number ? number_base : name_base;
    to.nodes.push_back(node);
  }
  to.numbers.insert(to.numbers.end(), from.numbers.begin(), from.numbers.end());
  to.names.insert(to.names.end(), from.names.begin(), from.names.end());
  return num_nodes(to.nodes) - 1;
}

}  // namespace

int32_t append_node(Expr& expr, Op op, int32_t left, int32_t right) {
  expr.nodes.push_back({op, left, right, -1});
  return num_nodes(expr.nodes) - 1;
}

int32_t append_number(Expr& expr, Number number) {
  expr.numbers.push_back(std::move(number));
  expr.nodes.push_back({Op::Number, -1, -1, static_cast<int32_t>(expr.numbers.size()) - 1});
  return num_nodes(expr.nodes) - 1;
}

int32_t append_integer(Expr& expr, int64_t value) {
  Number number;
  number.value = static_cast<long>(value);
  return append_number(expr, std::move(number));
}

int32_t append_name(Expr& expr, Op op, const std::string& name, int32_t operand) {
  expr.names.push_back(name);
  expr.nodes.push_back({op, operand, -1, static_cast<int32_t>(expr.names.size()) - 1});
  return num_nodes(expr.nodes) - 1;
}

Expr join(Op op, const Expr& left, const Expr& right) {
  Expr joined = left;
  const int32_t left_root = num_nodes(joined.nodes) - 1;
  const int32_t right_root = append_all(joined, right);
  append_node(joined, op, left_root, right_root);
  return joined;
}

Expr number_expr(const Number& number) {
  Expr expr;
  append_number(expr, number);
  return expr;
}

std::vector<std::string> symbols_of(const Expr& expr) {
  std::vector<std::string> symbols;
  for (const ExprNode& node : expr.nodes) {
    if (node.op != Op::Symbol) continue;
    const std::string& name = expr.names[static_cast<size_t>(node.datum)];
    if (name[0] != kBoundNameMark) symbols.push_back(name);
  }
  std::sort(symbols.begin(), symbols.end());
  symbols.erase(std::unique(symbols.begin(), symbols.end()), symbols.end());
  return symbols;
}

bool contains(const Expr& expr, Op op) {
  return std::any_of(expr.nodes.begin(), expr.nodes.end(),
                     [op](const ExprNode& node) { return node.op == op; });
}

std::string lone_name(const Expr& expr) {
  if (expr.empty()) return "";
  const ExprNode& root = expr.root();
  if (root.op != Op::Symbol && root.op != Op::Call) return "";
  return expr.names[static_cast<size_t>(root.datum)];
}

int64_t evaluation_cost(const Expr& expr) {
  int64_t cost = 0;
  for (const ExprNode& node : expr.nodes) {
    const bool is_function = node.op > Op::Divide && node.op != Op::Negate;
    cost += is_function ? 10 : 1;
  }
  for (const Number& number : expr.numbers) {
    cost += static_cast<int64_t>(mpz_size(number.value.get_num_mpz_t()) +
                                 mpz_size(number.value.get_den_mpz_t())) /
            8;
  }
  return cost;
}

}  // namespace caco
