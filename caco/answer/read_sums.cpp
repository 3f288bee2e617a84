// Sums and products over an index: `\sum_{k=1}^{5} k^2`, SymPy's Sum(k**2, (k, 1, n)). With limits
// that are numbers the terms are written out. With others the sum is a call of an unknown function,
// whose argument says what the terms and the limits are, whatever the index is called and wherever
// it starts; two sums are then equal when those are.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "caco/answer/expr_exact.h"
#include "caco/answer/expr_reader.h"
#include "caco/answer/limits.h"

namespace caco {
namespace {

constexpr int kMaxSums = 8;  // of one expression

// Whether the letter stands alone before the bracket closes that is open here.
bool stands_alone_in(std::string_view text, char letter) {
  int64_t depth = 0;
  for (size_t i = 0; i < text.size() && depth >= 0; ++i) {
    if (text[i] == '(' || text[i] == '{' || text[i] == '[') ++depth;
    if (text[i] == ')' || text[i] == '}' || text[i] == ']') --depth;
    const bool is_alone = (i == 0 || !is_ascii_letter(text[i - 1])) &&
                          (i + 1 == text.size() || !is_ascii_letter(text[i + 1]));
    if (text[i] == letter && is_alone) return true;
  }
  return false;
}

// What stands for a bound index; no name that is read looks like it.
std::string bound_name(std::string_view role, int64_t level) {
  return std::string(1, kBoundNameMark) + std::string(role) + std::to_string(level);
}

bool is_index(const Expr& expr, const ExprNode& node, char index) {
  if (node.op == Op::Imaginary) return index == 'i';
  if (node.op == Op::Euler) return index == 'e';
  return node.op == Op::Symbol &&
         expr.names[static_cast<size_t>(node.datum)] == std::string(1, index);
}

// Whether the index of a name is or holds the index of the series: `a_k`, `a_{2k}`.
bool has_index(const std::string& name, char index) {
  const size_t mark = name.find('_');
  return mark != std::string::npos && name.find(index, mark) != std::string::npos;
}

// Whether a term is quickly computed: a polynomial or a quotient of such in the index alone.
bool is_cheap(const Expr& term, char index) {
  constexpr int kMaxPower = 6;
  return std::all_of(term.nodes.begin(), term.nodes.end(), [&](const ExprNode& node) {
    if (node.op != Op::Power) {
      return node.op == Op::Number || node.op == Op::Add || node.op == Op::Subtract ||
             node.op == Op::Multiply || node.op == Op::Divide || node.op == Op::Negate ||
             is_index(term, node, index);
    }
    const ExprNode& exponent = term.nodes[static_cast<size_t>(node.right)];
    return exponent.op == Op::Number &&
           abs(term.numbers[static_cast<size_t>(exponent.datum)].value) <= kMaxPower;
  });
}

Expr with_index(const Expr& term, char index, const mpq_class& at) {
  Expr value = term;
  for (ExprNode& node : value.nodes) {
    if (!is_index(term, node, index)) continue;
    node.op = Op::Number;
    node.datum = static_cast<int32_t>(value.numbers.size());
  }
  Number number;
  number.value = at;
  value.numbers.push_back(std::move(number));
  return value;
}

// The value of a long sum, when its terms are quickly computed and small.
std::optional<mpq_class> value_of_sum(const Expr& term, char index, const mpq_class& low,
                                      const mpq_class& high) {
  constexpr int64_t kMaxWork = 20000;
  constexpr size_t kMaxBits = 2000;
  const mpq_class work =
      (high - low) * static_cast<int64_t>(term.nodes.size() + term.numbers.size());
  if (work > kMaxWork || !is_cheap(term, index)) return std::nullopt;
  mpq_class total = 0;
  for (mpq_class at = low; at <= high; ++at) {
    const std::optional<mpq_class> value = exact_value(with_index(term, index, at));
    if (!value.has_value()) return std::nullopt;
    total += *value;
    const size_t num_bits =
        mpz_sizeinbase(total.get_num_mpz_t(), 2) + mpz_sizeinbase(total.get_den_mpz_t(), 2);
    if (num_bits > kMaxBits) return std::nullopt;
  }
  return total;
}

}  // namespace

// `_{k=1}^{n}` in either order, then the term.
int32_t ExprReader::big_operator(bool is_product) {
  Series series = start_series(is_product);
  if (++num_sums_ > kMaxSums) return kNone;
  for (int i = 0; i < 2; ++i) {
    if (series.index == '\0' && accept("_")) {
      if (!accept("{") || !read_index(series) || !accept("=") || sum() == kNone) return kNone;
      series.lower = cut(series);
      if (!accept("}")) return kNone;
    } else if (series.upper.empty() && accept("^")) {
      if (argument() == kNone) return kNone;
      series.upper = cut(series);
    }
  }
  if (series.index == '\0' || series.upper.empty()) return kNone;
  ended_with_number_ = false;
  if (product(/*num_minus=*/0) == kNone) return kNone;
  series.term = cut(series);
  ended_with_number_ = false;
  // In `\sum_{k=1}^n 2k + k^2` the second term belongs to the sum, against the rule.
  skip_spaces();
  const bool goes_on = peek() == '+' || peek() == '-';
  if (goes_on && stands_alone_in(rest(), series.index)) return kNone;
  return finish_series(series);
}

// Sum(k**2, (k, 1, n)) and Product
int32_t ExprReader::program_sum(bool is_product) {
  Series series = start_series(is_product);
  if (++num_sums_ > kMaxSums || !accept("(") || sum() == kNone) return kNone;
  series.term = cut(series);
  if (!accept(",") || !accept("(") || !read_index(series) || !accept(",") || sum() == kNone) {
    return kNone;
  }
  series.lower = cut(series);
  if (!accept(",") || sum() == kNone) return kNone;
  series.upper = cut(series);
  if (!accept(")") || !accept(")")) return kNone;
  ended_with_number_ = false;
  return finish_series(series);
}

ExprReader::Series ExprReader::start_series(bool is_product) const {
  Series series;
  series.is_product = is_product;
  series.num_nodes = expr_.nodes.size();
  series.num_numbers = expr_.numbers.size();
  series.num_names = expr_.names.size();
  return series;
}

bool ExprReader::read_index(Series& series) {
  skip_spaces();
  if (!is_ascii_letter(peek()) || is_ascii_letter(peek(1))) return false;
  series.index = text_[at_++];
  return true;
}

// Takes what was read since the start of the series out of the tree.
Expr ExprReader::cut(const Series& series) {
  Expr part = {{}, expr_.numbers, expr_.names};
  const auto start = static_cast<int32_t>(series.num_nodes);
  for (size_t i = series.num_nodes; i < expr_.nodes.size(); ++i) {
    ExprNode node = expr_.nodes[i];
    if (node.left >= 0) node.left -= start;
    if (node.right >= 0) node.right -= start;
    part.nodes.push_back(node);
  }
  expr_.nodes.resize(series.num_nodes);
  expr_.numbers.resize(series.num_numbers);
  expr_.names.resize(series.num_names);
  return part;
}

// Puts a part back, with another expression for the index. Returns its root.
int32_t ExprReader::graft(const Expr& part, char index, const Expr& value) {
  std::vector<int32_t> places;
  for (const ExprNode& node : part.nodes) {
    if (!has_room()) return kNone;
    const auto place = [&](int32_t child) {
      return child < 0 ? kNone : places[static_cast<size_t>(child)];
    };
    int32_t added = kNone;
    if (index != '\0' && is_index(part, node, index)) {
      added = graft(value, '\0', {});
    } else if (node.op == Op::Number) {
      added = append_number(expr_, part.numbers[static_cast<size_t>(node.datum)]);
    } else if (node.op == Op::Symbol || node.op == Op::Call) {
      const std::string& name = part.names[static_cast<size_t>(node.datum)];
      const bool is_bound = index != '\0' && has_index(name, index);
      added = is_bound ? graft_sequence(name, index, value)
                       : append_name(expr_, node.op, name, place(node.left));
    } else {
      added = append_node(expr_, node.op, place(node.left), place(node.right));
    }
    if (added == kNone) return kNone;
    places.push_back(added);
  }
  return places.empty() ? kNone : places.back();
}

// `a_k` at a place: a name where that is a number, as in `a_3`, and else a function of the place.
int32_t ExprReader::graft_sequence(const std::string& name, char index, const Expr& place) {
  if (!name.ends_with(std::string("_") + index)) return kNone;
  const std::string stem = name.substr(0, name.size() - 1);
  if (place.nodes.size() == 1 && place.root().op == Op::Number) {
    return append_name(expr_, Op::Symbol, stem + place.numbers[0].value.get_str());
  }
  const int32_t argument = graft(place, '\0', {});
  if (argument == kNone || !has_room()) return kNone;
  return append_name(expr_, Op::Call, stem, argument);
}

int32_t ExprReader::finish_series(const Series& series) {
  const std::optional<mpq_class> low = exact_value(series.lower);
  const std::optional<mpq_class> high = exact_value(series.upper);
  if (!low.has_value() || !high.has_value()) return unknown_series(series);
  if (low->get_den() != 1 || high->get_den() != 1 || *high < *low) return kNone;
  const mpq_class num_terms = *high - *low + 1;
  if (num_terms > reading_.series_terms_left) return kNone;
  reading_.series_terms_left -= num_terms.get_num().get_si();
  const mpq_class num_nodes = num_terms * static_cast<int64_t>(series.term.nodes.size() + 1);
  if (num_nodes + static_cast<int64_t>(expr_.nodes.size()) > kMaxExprNodes) {
    if (series.is_product || !has_room()) return kNone;
    Number total;
    std::optional<mpq_class> value = value_of_sum(series.term, series.index, *low, *high);
    if (!value.has_value()) return kNone;
    total.value = std::move(*value);
    return append_number(expr_, std::move(total));
  }
  int32_t result = kNone;
  for (mpq_class at = *low; at <= *high; ++at) {
    Number number;
    number.value = at;
    const int32_t term = graft(series.term, series.index, number_expr(number));
    if (term == kNone) return kNone;
    result =
        result == kNone ? term : binary(series.is_product ? Op::Multiply : Op::Add, result, term);
  }
  return result;
}

// A call whose argument is term + low * lower + high * upper, where low and high are names that
// stand for nothing else, and where the index counts from zero.
int32_t ExprReader::unknown_series(const Series& series) {
  int64_t level = 1;
  for (const ExprNode& node : series.term.nodes) {
    const bool is_call = node.op == Op::Call;
    level +=
        is_call && series.term.names[static_cast<size_t>(node.datum)][0] == kBoundNameMark ? 1 : 0;
  }
  Expr index;
  append_name(index, Op::Symbol, bound_name("index", level));
  const int32_t term = graft(series.term, series.index, join(Op::Add, index, series.lower));
  if (term == kNone || !has_room()) return kNone;
  const int32_t name = append_name(expr_, Op::Symbol, bound_name("number", level));
  const Expr length = join(Op::Subtract, series.upper, series.lower);
  const int32_t scaled = binary(Op::Multiply, name, graft(length, '\0', {}));
  const int32_t argument = binary(Op::Add, term, scaled);
  if (argument == kNone || !has_room()) return kNone;
  return append_name(expr_, Op::Call, bound_name(series.is_product ? "product" : "sum", 0),
                     argument);
}

}  // namespace caco
