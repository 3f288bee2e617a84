#include "caco/answer/relation.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "caco/answer/expr_algebra.h"
#include "caco/answer/parser.h"
#include "caco/answer/read_expr.h"

namespace caco {
namespace {

Value infinity(bool is_negative) {
  Value value;
  value.kind = ValueKind::Infinity;
  value.is_negative = is_negative;
  return value;
}

Value set_of(ValueKind kind, std::vector<Value> items) {
  Value value;
  value.kind = kind;
  value.items = std::move(items);
  return value;
}

// The set of the values of a variable.
Value union_over(const std::string& name, std::vector<Value> items) {
  Value value = set_of(ValueKind::Union, std::move(items));
  value.text = name;
  return value;
}

// The sign seen from the other side: a < b as b > a.
char mirrored(char sign) {
  switch (sign) {
    case '<':
      return '>';
    case '>':
      return '<';
    case 'l':
      return 'g';
    case 'g':
      return 'l';
    default:
      return sign;
  }
}

bool is_upward(char sign) {
  return sign == '>' || sign == 'g';
}

bool is_variable(const Value& value) {
  return value.kind == ValueKind::Expression && value.expr.nodes.size() == 1 &&
         value.expr.root().op == Op::Symbol;
}

// The name of a variable, or of a function of a variable such as f(x); empty for anything else.
std::string quantity_name(const Value& value) {
  if (value.kind != ValueKind::Expression) return "";
  const Expr& expr = value.expr;
  const std::string name = lone_name(expr);
  if (name.empty() || expr.nodes.size() == 1) return name;
  if (expr.nodes.size() != 2 || expr.nodes[0].op != Op::Symbol) return "";
  return name + "(" + expr.names[static_cast<size_t>(expr.nodes[0].datum)] + ")";
}

// Whether the value is a bound: a constant or infinite.
bool is_bound(const Value& value) {
  return value.kind == ValueKind::Number || value.kind == ValueKind::Infinity ||
         (value.kind == ValueKind::Expression && !is_variable(value));
}

// x (sign) bound, with x on the left.
std::optional<Value> half_line(char sign, const Value& bound) {
  switch (sign) {
    case '<':
      return interval_value('(', infinity(true), bound, ')');
    case 'l':
      return interval_value('(', infinity(true), bound, ']');
    case '>':
      return interval_value('(', bound, infinity(false), ')');
    case 'g':
      return interval_value('[', bound, infinity(false), ')');
    default:
      return std::nullopt;
  }
}

std::optional<Value> intervals_of_single(const Value& relation) {
  const bool is_left = is_variable(relation.items[0]);
  const Value& bound = relation.items[is_left ? 1 : 0];
  if (!is_variable(relation.items[is_left ? 0 : 1]) || !is_bound(bound)) return std::nullopt;
  const char sign = is_left ? relation.text[0] : mirrored(relation.text[0]);
  const std::string name = lone_name(relation.items[is_left ? 0 : 1].expr);
  if (sign == '!') {
    return union_over(name, {interval_value('(', infinity(true), bound, ')'),
                             interval_value('(', bound, infinity(false), ')')});
  }
  if (sign == '=') return union_over(name, {set_of(ValueKind::Set, {bound})});
  std::optional<Value> line = half_line(sign, bound);
  if (!line.has_value()) return std::nullopt;
  return union_over(name, {std::move(*line)});
}

// `1 < 2x - 3 <= 5` as a chain about x, when the middle is the variable, scaled and moved by
// rational numbers.
std::optional<Value> chain_about_variable(const Value& relation) {
  if (relation.items[1].kind != ValueKind::Expression) return std::nullopt;
  const Expr& middle = relation.items[1].expr;
  const std::vector<std::string> names = symbols_of(middle);
  if (names.size() != 1) return std::nullopt;
  const std::optional<Line> line = line_of(middle);
  if (!line.has_value() || line->slope == 0) return std::nullopt;
  Value chain = relation;
  for (const size_t end : {size_t{0}, size_t{2}}) {
    Value& bound = chain.items[end];
    if (bound.kind == ValueKind::Infinity) {
      bound.is_negative = bound.is_negative != (line->slope < 0);
      continue;
    }
    const std::optional<Expr> expr = expr_of(bound);
    if (!expr.has_value() || !symbols_of(*expr).empty()) return std::nullopt;
    Number offset;
    offset.value = line->offset;
    Number slope;
    slope.value = line->slope;
    bound = expression_value(
        join(Op::Divide, join(Op::Subtract, *expr, number_expr(offset)), number_expr(slope)));
  }
  Expr variable;
  append_name(variable, Op::Symbol, names[0]);
  chain.items[1] = Value();
  chain.items[1].kind = ValueKind::Expression;
  chain.items[1].expr = std::move(variable);
  if (line->slope < 0) {
    for (char& sign : chain.text)
      sign = mirrored(sign);
  }
  return chain;
}

// `1 < x <= 5` and `5 >= x > 1`.
std::optional<Value> intervals_of_chain(const Value& relation) {
  const std::string name = quantity_name(relation.items[1]);
  if (name.empty()) {
    const std::optional<Value> chain = chain_about_variable(relation);
    if (!chain.has_value()) return std::nullopt;
    return intervals_of_chain(*chain);
  }
  const Value& first = relation.items[0];
  const Value& last = relation.items[2];
  if (!is_bound(first) || !is_bound(last)) return std::nullopt;
  const char a = relation.text[0];
  const char b = relation.text[1];
  const bool has_equation = a == '=' || b == '=' || a == '!' || b == '!';
  if (has_equation || is_upward(a) != is_upward(b)) return std::nullopt;
  const bool is_closed_first = a == 'l' || a == 'g';
  const bool is_closed_last = b == 'l' || b == 'g';
  if (is_upward(a)) {
    return union_over(name, {interval_value(is_closed_last ? '[' : '(', last, first,
                                            is_closed_first ? ']' : ')')});
  }
  return union_over(
      name, {interval_value(is_closed_first ? '[' : '(', first, last, is_closed_last ? ']' : ')')});
}

// `1 \le |x| \le 2` by its two inequalities.
std::optional<Value> intervals_of_halves(const Value& relation) {
  std::array<std::optional<Value>, 2> sets;
  for (size_t i = 0; i < 2; ++i) {
    Value half = relation;
    half.text = relation.text.substr(i, 1);
    half.items = {relation.items[i], relation.items[i + 1]};
    sets[i] = solved_inequality(half);
    if (!sets[i].has_value()) return std::nullopt;
  }
  if (sets[0]->text != sets[1]->text) return std::nullopt;
  std::optional<Value> both = intersect_exact(*sets[0], *sets[1]);
  if (both.has_value()) both->text = sets[0]->text;
  return both;
}

// left - right of the sides around the sign at `index`.
std::optional<Expr> difference_at(const Value& relation, size_t index) {
  const std::optional<Expr> left = expr_of(relation.items[index]);
  const std::optional<Expr> right = expr_of(relation.items[index + 1]);
  if (!left.has_value() || !right.has_value()) return std::nullopt;
  return join(Op::Subtract, *left, *right);
}

Verdict compare_single(const Value& left, const Value& right, ExprBudget& budget) {
  const char a = left.text[0];
  const char b = right.text[0];
  const bool is_symmetric = a == '=' || a == '!';
  if (is_symmetric != (b == '=' || b == '!')) {
    return a == '!' || b == '!' ? unknown("an inequality against an exception")
                                : different("an equation against an inequality");
  }
  if (is_symmetric && a != b) return different("the relations differ");
  const std::optional<Expr> difference_left = difference_at(left, 0);
  const std::optional<Expr> difference_right = difference_at(right, 0);
  if (!difference_left.has_value() || !difference_right.has_value()) {
    return unknown("a side of a relation could not be read");
  }
  const Ratio ratio = find_ratio(*difference_left, *difference_right, budget);
  if (ratio == Ratio::Unknown) return unknown("the relations could not be compared");
  if (ratio == Ratio::None && symbols_of(*difference_left) != symbols_of(*difference_right)) {
    return unknown("the names of the variables differ");
  }
  if (ratio == Ratio::None && a == '=') {
    return compare_solutions(*difference_left, *difference_right, budget);
  }
  if (ratio == Ratio::None) {
    const bool is_rational = same_numerators(*difference_left, *difference_right).has_value();
    return is_rational ? different("the relations differ")
                       : unknown("the inequalities could not be solved");
  }
  if (is_symmetric) return equal(Proof::Symbolic, "up to a factor");
  if (ratio == Ratio::NonzeroConstant) return unknown("the sign of a factor is not settled");
  const char expected = ratio == Ratio::PositiveConstant ? a : mirrored(a);
  return expected == b ? equal(Proof::Symbolic, "up to a factor")
                       : different("the directions or the ends differ");
}

Verdict compare_sides(const Value& left, const Value& right, ExprBudget& budget) {
  Verdict verdict = equal(Proof::Symbolic);
  for (size_t i = 0; i < left.items.size(); ++i) {
    const std::optional<Expr> a = expr_of(left.items[i]);
    const std::optional<Expr> b = expr_of(right.items[i]);
    if (!a.has_value() || !b.has_value()) {
      const bool is_same = left.items[i].kind == right.items[i].kind &&
                           left.items[i].is_negative == right.items[i].is_negative;
      if (!is_same) return unknown("a side of a relation could not be read");
      continue;
    }
    verdict = both(verdict, compare_exprs(*a, *b, budget));
  }
  return verdict;
}

Value reversed(const Value& relation) {
  Value value = relation;
  std::reverse(value.items.begin(), value.items.end());
  std::reverse(value.text.begin(), value.text.end());
  for (char& sign : value.text)
    sign = mirrored(sign);
  return value;
}

}  // namespace

Value interval_value(char open, Value low, Value high, char close) {
  Value value;
  value.kind = ValueKind::Interval;
  value.text = std::string{open, close};
  // An infinite end is never reached.
  if (low.kind == ValueKind::Infinity) value.text[0] = '(';
  if (high.kind == ValueKind::Infinity) value.text[1] = ')';
  value.items.push_back(std::move(low));
  value.items.push_back(std::move(high));
  return value;
}

std::optional<Expr> expr_of(const Value& value) {
  if (value.kind == ValueKind::Expression) return value.expr;
  if (value.kind == ValueKind::Number) return number_expr(value.number);
  return std::nullopt;
}

namespace {

// "x > 2, x < 5" holds for both, "x < 1, x > 3" can only mean either. Nothing where one condition
// holds the other, unless that is all numbers: then either word may be meant.
std::optional<Value> intervals_of_list(const Value& list) {
  if (list.items.size() != 2) return std::nullopt;
  std::array<Value, 2> sets;
  for (size_t i = 0; i < 2; ++i) {
    const Value& item = list.items[i];
    if (item.kind != ValueKind::Relation && item.kind != ValueKind::Union) return std::nullopt;
    std::optional<Value> set = intervals_of(item);
    if (!set.has_value()) return std::nullopt;
    sets[i] = std::move(*set);
  }
  if (sets[0].text != sets[1].text) return std::nullopt;
  const std::optional<Value> common = intersect_exact(sets[0], sets[1]);
  if (!common.has_value()) return std::nullopt;
  if (is_empty_set(*common).value_or(false)) {
    std::move(sets[1].items.begin(), sets[1].items.end(), std::back_inserter(sets[0].items));
    return std::move(sets[0]);
  }
  const Value line =
      set_of(ValueKind::Union, {interval_value('(', infinity(true), infinity(false), ')')});
  for (size_t i = 0; i < 2; ++i) {
    const bool is_all = same_real_sets(sets[1 - i], line).value_or(false);
    if (!is_all && same_real_sets(sets[i], *common).value_or(true)) return std::nullopt;
  }
  return common;
}

}  // namespace

std::optional<Value> intervals_of(const Value& value) {
  switch (value.kind) {
    case ValueKind::Union:
      return value;
    case ValueKind::Interval:
    case ValueKind::Set:
      return set_of(ValueKind::Union, {value});
    case ValueKind::Tuple:
    case ValueKind::List:
      // A list of a program is none.
      if (value.is_quoted || value.items.size() != 2 || !is_bound(value.items[0]) ||
          !is_bound(value.items[1])) {
        return std::nullopt;
      }
      return set_of(ValueKind::Union,
                    {interval_value(value.kind == ValueKind::Tuple ? '(' : '[', value.items[0],
                                    value.items[1], value.kind == ValueKind::Tuple ? ')' : ']')});
    case ValueKind::Relation:
      if (value.text.size() == 1) {
        std::optional<Value> single = intervals_of_single(value);
        return single.has_value() ? single : solved_inequality(value);
      }
      if (value.text.size() == 2) {
        std::optional<Value> chain = intervals_of_chain(value);
        return chain.has_value() ? chain : intervals_of_halves(value);
      }
      return std::nullopt;
    case ValueKind::BareList:
      return intervals_of_list(value);
    default:
      return std::nullopt;
  }
}

std::optional<Value> intersect_sets(const Value& left, const Value& right) {
  if (std::optional<Value> common = intersect_exact(left, right)) return common;
  if (left.items.size() != 1 || right.items.size() != 1) return std::nullopt;
  const Value* low = &left.items[0];
  const Value* high = &right.items[0];
  if (low->kind != ValueKind::Interval || high->kind != ValueKind::Interval) return std::nullopt;
  if (low->items[0].kind == ValueKind::Infinity) std::swap(low, high);
  const bool are_half_lines = low->items[0].kind != ValueKind::Infinity &&
                              low->items[1].kind == ValueKind::Infinity &&
                              high->items[0].kind == ValueKind::Infinity;
  if (!are_half_lines) return std::nullopt;
  return union_over(left.text,
                    {interval_value(low->text[0], low->items[0], high->items[1], high->text[1])});
}

Verdict compare_relations(const Value& left, const Value& right, ExprBudget& budget) {
  if (left.items.size() != right.items.size()) return unknown("the numbers of relations differ");
  if (left.items.size() == 2) return compare_single(left, right, budget);
  if (left.text == right.text) {
    const Verdict verdict = compare_sides(left, right, budget);
    if (verdict.equality == Equality::Equal) return verdict;
  }
  const Value turned = reversed(right);
  if (left.text == turned.text) return compare_sides(left, turned, budget);
  return left.text == right.text ? compare_sides(left, right, budget)
                                 : unknown("the relations differ");
}

std::optional<Value> relation_of_assignment(const Value& assignment) {
  ExprReading reading;
  std::optional<Expr> name = read_expr(assignment.text, reading);
  if (!name.has_value()) return std::nullopt;
  Value left;
  left.kind = ValueKind::Expression;
  left.expr = std::move(*name);
  Value right = assignment.items[0];
  if (right.kind == ValueKind::Text && !right.is_quoted && right.text.size() <= 3) {
    // `F = ma`: a short word is a product here.
    if (std::optional<Expr> product = read_expr(right.text, reading)) {
      right.kind = ValueKind::Expression;
      right.expr = std::move(*product);
    }
  }
  Value relation;
  relation.kind = ValueKind::Relation;
  relation.text = "=";
  relation.items.push_back(std::move(left));
  relation.items.push_back(std::move(right));
  return relation;
}

}  // namespace caco
