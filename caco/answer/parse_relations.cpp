// Expressions, equations, inequalities, unions of intervals and plus-minus.
#include <algorithm>
#include <string>

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

bool is_interval_piece(const Value& value) {
  return value.kind == ValueKind::Interval || value.kind == ValueKind::Set ||
         value.kind == ValueKind::Union || value.kind == ValueKind::Relation ||
         ((value.kind == ValueKind::Tuple || value.kind == ValueKind::List) &&
          value.items.size() == 2);
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
  if (!is_assignable(right)) return std::nullopt;
  Value value = simple_value(ValueKind::Assignment);
  value.text = normal_symbolic_text(name);
  value.items.push_back(std::move(right));
  return value;
}

std::optional<Value> Parser::interval_union(std::string_view text, int64_t depth) {
  for (const std::string_view sign : {"\\cup", " U ", " union ", "\\setminus", "\\backslash"}) {
    const Pieces pieces = split(text, sign);
    if (pieces.size() < 2 || pieces.size() > kMaxPieces) continue;
    Value value = simple_value(ValueKind::Union);
    for (const std::string_view piece : pieces) {
      const Value item = parse(piece, depth + 1);
      if (context_.is_over_limit || !is_interval_piece(item)) return std::nullopt;
      std::optional<Value> part = intervals_of(item);
      if (!part.has_value()) return std::nullopt;
      std::move(part->items.begin(), part->items.end(), std::back_inserter(value.items));
    }
    if (sign != "\\setminus" && sign != "\\backslash") return value;
    // The real line without one point.
    const bool is_line_without_point =
        value.items.size() == 2 && value.items[0].kind == ValueKind::Interval &&
        value.items[0].items[0].kind == ValueKind::Infinity &&
        value.items[0].items[1].kind == ValueKind::Infinity &&
        value.items[1].kind == ValueKind::Set && value.items[1].items.size() == 1;
    if (!is_line_without_point) return std::nullopt;
    const Value point = value.items[1].items[0];
    const Value line = value.items[0];
    value.items = {interval_value('(', line.items[0], point, ')'),
                   interval_value('(', point, line.items[1], ')')};
    return value;
  }
  return std::nullopt;
}

// "x > 2 and x < 5", "(x < 1) | (x > 3)", "x < 1 or x > 3".
std::optional<Value> Parser::condition(std::string_view text, int64_t depth) {
  if (text.find_first_of("<>!") == std::string_view::npos) return std::nullopt;
  static constexpr std::array<std::pair<std::string_view, bool>, 12> kJoiningWords = {
      {{" & ", true},
       {" | ", false},
       {" and ", true},
       {" or ", false},
       {"\aand\a", true},
       {"\aor\a", false},
       {"\a and \a", true},
       {"\a or \a", false},
       {"\\land", true},
       {"\\lor", false},
       {"\\wedge", true},
       {"\\vee", false}}};
  for (const auto& [word, is_and] : kJoiningWords) {
    const Pieces pieces = split(text, word);
    if (pieces.size() < 2 || pieces.size() > kMaxPieces) continue;
    Value value = simple_value(ValueKind::Union);
    for (size_t i = 0; i < pieces.size(); ++i) {
      const Value item = parse(pieces[i], depth + 1);
      if (item.kind != ValueKind::Relation && item.kind != ValueKind::Union) return std::nullopt;
      std::optional<Value> part = intervals_of(item);
      if (!part.has_value() || (i > 0 && part->text != value.text)) return std::nullopt;
      value.text = part->text;
      if (!is_and || i == 0) {
        std::move(part->items.begin(), part->items.end(), std::back_inserter(value.items));
        continue;
      }
      part = intersect_sets(value, *part);
      if (!part.has_value()) return std::nullopt;
      value = std::move(*part);
    }
    return value;
  }
  return std::nullopt;
}

// `x = 5`, `f(2) = 5`, "total cost = 5", `5 = x`, `S = 2 \cdot 3 = 6`
std::optional<Value> Parser::assignment(std::string_view text, int64_t depth) {
  const Pieces sides = split(text, "=");
  if (sides.size() < 2 || sides.size() > kMaxPieces) return std::nullopt;
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
    if (!is_name(name) && !is_tuple_of_names(name)) continue;
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
  // `2 + 3 = 5`: a computation ends with its value.
  const bool is_computation = value.text.find_first_not_of('=') == std::string::npos &&
                              std::all_of(value.items.begin(), value.items.end(), is_constant_side);
  if (is_computation) return std::move(value.items.back());
  return value;
}

std::optional<Value> Parser::plain_expression(std::string_view text) {
  ExprReading expr_reading;
  expr_reading.binds_tight = reading_.binds_tight;
  expr_reading.letter_chooses = reading_.letter_chooses;
  std::optional<Expr> expr = read_expr(text, expr_reading);
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
