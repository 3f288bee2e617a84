// Expressions, equations, inequalities and plus-minus.
#include <algorithm>
#include <string>

#include "caco/answer/equal_values.h"
#include "caco/answer/expr_exact.h"
#include "caco/answer/limits.h"
#include "caco/answer/parser.h"
#include "caco/answer/read_expr.h"
#include "caco/answer/relation.h"
#include "caco/answer/symbolic_text.h"
#include "caco/answer/units.h"

namespace caco {
namespace {

constexpr int64_t kMaxPlusMinus = 3;  // signs of one answer: each doubles the values
constexpr size_t kMaxPieces = 12;

struct RelationSign {
  std::string_view text;
  char code;
};
// Longer signs come first.
constexpr std::array kRelationSigns = {
    RelationSign{"<=", 'l'}, RelationSign{">=", 'g'}, RelationSign{"!=", '!'},
    RelationSign{"==", '='}, RelationSign{"=<", 'l'}, RelationSign{"=>", 'g'},
    RelationSign{"<", '<'},  RelationSign{">", '>'},  RelationSign{"=", '='}};

// The left side of an assignment: a letter with an index, a call of one letter, or words. Two small
// letters are a product.
bool is_name(std::string_view text) {
  if (text.empty() || (!is_letter(text.front()) && text.front() != '\\')) return false;
  if (text.size() == 2 && text[0] >= 'a' && text[0] <= 'z' && text[1] >= 'a' && text[1] <= 'z') {
    return text == "pi";
  }
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || is_digit(c) || is_space(c) ||
           std::string_view("_{}()\\'").find(c) != std::string_view::npos;
  });
}

// `(x, y)` on the left of an equation.
bool is_tuple_of_names(std::string_view text) {
  return text.size() > 4 && text.front() == '(' && text.back() == ')' &&
         std::all_of(text.begin() + 1, text.end() - 1,
                     [](char c) { return is_ascii_letter(c) || is_space(c) || c == ','; });
}

bool is_side(const Value& value) {
  return value.kind == ValueKind::Number || value.kind == ValueKind::Infinity ||
         value.kind == ValueKind::Expression;
}

// What may stand on the right of an assignment.
bool is_assignable(const Value& value) {
  return value.kind != ValueKind::Symbolic && value.kind != ValueKind::Assignment &&
         value.kind != ValueKind::Relation;
}

bool contains_symbol(const Value& value, const std::string& name) {
  if (value.kind != ValueKind::Expression) return false;
  const std::vector<std::string> symbols = symbols_of(value.expr);
  return std::find(symbols.begin(), symbols.end(), name) != symbols.end();
}

bool is_constant_side(const Value& value) {
  return value.kind == ValueKind::Number ||
         (value.kind == ValueKind::Expression && symbols_of(value.expr).empty());
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  size_t start = 0;
  for (size_t at = 0; (at = text.find(from, start)) != std::string_view::npos;) {
    out += text.substr(start, at - start);
    out += to;
    start = at + from.size();
  }
  out += text.substr(start);
  return out;
}

// An integer, a decimal or a percentage: what is written as a rounding.
bool is_written_in_digits(const Value& value) {
  return value.kind == ValueKind::Number &&
         (value.number.is_decimal || value.number.last_place < 0 ||
          value.number.value.get_den() == 1);
}

// Digits alone, with nothing to compute.
bool is_bare_number(std::string_view text) {
  return text.find_first_not_of("0123456789., -") == std::string_view::npos;
}

// `AB` in `|AB| = 1`, a length.
bool is_length_name(std::string_view text) {
  if (text.size() < 4 || text.front() != '|' || text.back() != '|') return false;
  const std::string_view points = trim(text.substr(1, text.size() - 2));
  return points.size() == 2 &&
         std::all_of(points.begin(), points.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

// Returns where the words at the end begin, before which everything may be an expression: npos for
// none.
size_t start_of_last_words(std::string_view text) {
  const size_t at =
      text.find_last_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/^0123456789 ");
  return at == std::string_view::npos ? at : text.find(' ', at);
}

}  // namespace

Value expression_value(Expr expr) {
  if (expr.nodes.size() == 1 && expr.root().op == Op::Infinity) {
    return simple_value(ValueKind::Infinity);
  }
  if (expr.nodes.size() == 2 && expr.root().op == Op::Negate && expr.nodes[0].op == Op::Infinity) {
    Value value = simple_value(ValueKind::Infinity);
    value.is_negative = true;
    return value;
  }
  Value value = simple_value(ValueKind::Expression);
  if (expr.nodes.size() == 1 && expr.root().op == Op::Number) {
    value.kind = ValueKind::Number;
    value.number = std::move(expr.numbers[0]);
    return value;
  }
  if (std::optional<mpq_class> exact = exact_value(expr)) {
    value.kind = ValueKind::Number;
    value.number.value = std::move(*exact);
    return value;
  }
  value.expr = std::move(expr);
  return value;
}

// `2 \pm \sqrt3` stands for two values; `\mp` takes the other sign in each.
std::optional<Value> Parser::plus_minus(std::string_view text, int64_t depth) {
  const bool has_sign =
      text.find("\\pm") != std::string_view::npos || text.find("\\mp") != std::string_view::npos ||
      text.find("+/-") != std::string_view::npos || text.find("+-") != std::string_view::npos;
  if (!has_sign || ++num_signs_ > kMaxPlusMinus) return std::nullopt;
  Value value = simple_value(ValueKind::BareList);
  for (const bool is_plus : {true, false}) {
    const std::string_view sign = is_plus ? "+" : "-";
    const std::string_view other = is_plus ? "-" : "+";
    std::string one = replaced(text, "\\pm", sign);
    one = replaced(replaced(one, "\\mp", other), "+/-", sign);
    one = replaced(one, "+-", sign);
    Value item = parse(one, depth + 1);
    if (item.kind == ValueKind::Symbolic || item.kind == ValueKind::Text) return std::nullopt;
    value.items.push_back(std::move(item));
  }
  return value;
}

// `x \in [1, 2]` says the same as x = a member of the set.
std::optional<Value> Parser::membership(std::string_view text, int64_t depth) {
  const size_t at = text.find("\\in");
  if (at == std::string_view::npos || at == 0 || at + 3 >= text.size() ||
      is_ascii_letter(text[at + 3])) {
    return std::nullopt;
  }
  const std::string_view name = trim(text.substr(0, at));
  if (!is_name(name)) return std::nullopt;
  Value right = parse(text.substr(at + 3), depth + 1);
  if (!is_assignable(right) || right.kind == ValueKind::Text) return std::nullopt;
  Value value = simple_value(ValueKind::Assignment);
  value.text = normal_symbolic_text(name);
  value.items.push_back(std::move(right));
  return value;
}

// `1/3 \approx 0.33` says both; `x \approx 0.33` is an equation.
std::optional<Value> Parser::approximation(std::string_view text, int64_t depth) {
  const size_t at = text.find(kAbout);
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size()) return std::nullopt;
  for (const std::string_view word : {" and ", " or "}) {
    if (text.find(word) != std::string_view::npos) return std::nullopt;
  }
  Value exact = parse(text.substr(0, at), depth + 1);
  const Value& amount = exact.kind == ValueKind::Assignment ? exact.items[0] : exact;
  if (!is_constant_side(amount)) {
    std::string equation(text);
    std::replace(equation.begin(), equation.end(), kAbout, '=');
    return parse(equation, depth + 1);
  }
  Value rounded = parse(text.substr(at + 1), depth + 1);
  if (!is_written_in_digits(rounded)) return std::nullopt;
  const mpq_class& about = rounded.number.value;
  if (is_within(amount, about, half_unit(rounded.number))) {
    reading_.saw_rounding = true;
    return reading_.takes_rounding ? rounded : exact;
  }
  // Digits cut off, or "about 100" for 96.
  if (is_within(amount, about, abs(about) / 20)) return exact;
  return std::nullopt;
}

// Whether a constant is no further from the number. False when its value is not known well enough.
bool Parser::is_within(const Value& exact, const mpq_class& number, const mpq_class& distance) {
  if (exact.kind == ValueKind::Number) return abs(exact.number.value - number) <= distance;
  Number low;
  low.value = number - distance;
  Number high;
  high.value = number + distance;
  const Expr above = join(Op::Subtract, exact.expr, number_expr(low));
  const Expr below = join(Op::Subtract, number_expr(high), exact.expr);
  return sign_of(join(Op::Multiply, above, below), near_budget_).value_or(-1) >= 0;
}

// `x = 5`, `f(2) = 5`, "total cost = 5", `5 = x`, `S = 2 \cdot 3 = 6`
std::optional<Value> Parser::assignment(std::string_view text, int64_t depth) {
  Pieces sides = split(text, "=");
  if (sides.size() < 2 || sides.size() > kMaxPieces) return std::nullopt;
  // `f(x) := x^2` defines.
  if (sides.front().size() > 1 && sides.front().ends_with(':')) sides.front().remove_suffix(1);
  for (const std::string_view side : sides) {
    const std::string_view trimmed = trim(side);
    if (trimmed.empty() ||
        std::string_view("<>!:~").find(trimmed.back()) != std::string_view::npos ||
        trimmed.find_first_of("<>") != std::string_view::npos) {
      return std::nullopt;
    }
  }
  // In `S = 2 \cdot 3 = 6` the last side counts, when those between are amounts.
  for (size_t i = 1; i + 1 < sides.size(); ++i) {
    if (!is_side(parse(sides[i], depth + 1))) return std::nullopt;
  }
  for (const bool is_swapped : {false, true}) {
    if (is_swapped && sides.size() > 2) break;
    const std::string_view name = trim(is_swapped ? sides.back() : sides.front());
    if (!is_name(name) && !is_tuple_of_names(name) && !is_length_name(name)) continue;
    Value right = parse(is_swapped ? sides.front() : sides.back(), depth + 1);
    if (!is_assignable(right)) continue;
    Value value = simple_value(ValueKind::Assignment);
    value.text = normal_symbolic_text(name);
    if (contains_symbol(right, value.text)) continue;
    value.items.push_back(std::move(right));
    return value;
  }
  return std::nullopt;
}

std::optional<Value> Parser::relation(std::string_view text, int64_t depth) {
  Value value = simple_value(ValueKind::Relation);
  size_t start = 0;
  int64_t nested = 0;
  Pieces sides;
  for (size_t i = 0; i < text.size(); ++i) {
    if (is_opener(text[i])) ++nested;
    if (is_closer(text[i])) --nested;
    if (nested != 0) continue;
    for (const RelationSign& sign : kRelationSigns) {
      if (!text.substr(i).starts_with(sign.text)) continue;
      sides.push_back(text.substr(start, i - start));
      value.text += sign.code;
      start = i + sign.text.size();
      i = start - 1;
      break;
    }
  }
  sides.push_back(text.substr(start));
  if (value.text.empty() || sides.size() > kMaxPieces) return std::nullopt;
  for (const std::string_view side : sides) {
    if (trim(side).empty()) return std::nullopt;
    value.items.push_back(parse(side, depth + 1));
    if (!is_side(value.items.back())) return std::nullopt;
  }
  // In `5! = 120` and `5!=120` the sign is that of the factorial.
  if (value.text == "!" && std::all_of(value.items.begin(), value.items.end(), is_constant_side)) {
    const std::string factorial = std::string(trim(sides[0])) + "!";
    if (MaybeValue left = plain_expression(factorial)) {
      value.items[0] = std::move(*left);
      value.text = "=";
    }
  }
  // `2 + 3 = 5`: a computation ends with its value. `1 = 1` computes nothing.
  const bool is_computation = value.text.find_first_not_of('=') == std::string::npos &&
                              !std::all_of(sides.begin(), sides.end(), is_bare_number) &&
                              std::all_of(value.items.begin(), value.items.end(), is_constant_side);
  if (is_computation) return std::move(value.items.back());
  return value;
}

std::optional<Value> Parser::plain_expression(std::string_view text) {
  ExprReading expr_reading;
  expr_reading.binds_tight = reading_.binds_tight;
  expr_reading.letter_chooses = reading_.letter_chooses;
  expr_reading.series_terms_left = series_terms_left_;
  std::optional<Expr> expr = read_expr(text, expr_reading);
  series_terms_left_ = expr_reading.series_terms_left;
  reading_.saw_tight = reading_.saw_tight || expr_reading.saw_tight;
  reading_.saw_choosing = reading_.saw_choosing || expr_reading.saw_choosing;
  if (!expr.has_value()) return std::nullopt;
  return expression_value(std::move(*expr));
}

std::optional<Value> Parser::expression(std::string_view text, int64_t) {
  if (static_cast<int64_t>(text.size()) > kMaxExprBytes) return std::nullopt;
  if (MaybeValue value = constant_with_unit(text)) return value;
  if (MaybeValue value = plain_expression(text)) return value;
  return expression_with_unit(text);
}

// `2\sqrt{3} cm`: letters that would be a product elsewhere are a unit behind a constant, when it
// is in the table. Single letters, as in `2\pi m`, keep both readings.
std::optional<Value> Parser::constant_with_unit(std::string_view text) {
  if (!is_ascii_letter(text.back()) && !is_digit(text.back())) return std::nullopt;
  const size_t at = start_of_last_words(text);
  if (at == std::string_view::npos || at == 0 || trim(text.substr(at)).empty()) return std::nullopt;
  const std::string_view words = trim(text.substr(at));
  ReadUnit read = read_unit(words, /*is_attached=*/false);
  if (read.kind == UnitKind::None || !read.unit.is_known) return std::nullopt;
  const bool is_letter_alone = words.size() == 1 || !is_ascii_letter(words[1]);
  if (is_letter_alone) {
    context_.saw_possible = true;
    if (!context_.units_possible) return std::nullopt;
    read.unit.is_possible = true;
  }
  MaybeValue value = plain_expression(text.substr(0, at));
  if (!value.has_value() || !is_constant_side(*value)) return std::nullopt;
  value->unit = std::move(read.unit);
  return value;
}

// `2\sqrt{3}\text{ cm}`, "5*pi square units", `\$2\sqrt3`
std::optional<Value> Parser::expression_with_unit(std::string_view text) {
  std::optional<CurrencySign> currency = find_currency_sign(text);
  if (currency.has_value()) {
    if (text.substr(static_cast<size_t>(currency->num_bytes)).starts_with("{")) return std::nullopt;
    MaybeValue value = plain_expression(text.substr(static_cast<size_t>(currency->num_bytes)));
    if (value.has_value()) value->unit = Unit{std::string(currency->unit), true};
    return value;
  }
  // The last place before which everything may be an expression: a text's edge, or a blank.
  size_t at = text.find(kTextEdge);
  if (at == std::string_view::npos || at == 0) {
    at = start_of_last_words(text);
  }
  if (at == std::string_view::npos || at == 0 || trim(text.substr(at)).empty()) return std::nullopt;
  std::optional<Unit> unit =
      parse_unit(text[at] == kTextEdge ? text.substr(at) : trim(text.substr(at)),
                 /*is_attached=*/false);
  if (!unit.has_value()) return std::nullopt;
  MaybeValue value = plain_expression(text.substr(0, at));
  if (value.has_value()) value->unit = std::move(*unit);
  return value;
}

}  // namespace caco
