#include "caco/answer/equal.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "caco/answer/clean_text.h"
#include "caco/answer/comparer.h"
#include "caco/answer/equal_values.h"
#include "caco/answer/limits.h"
#include "caco/answer/parse.h"
#include "caco/answer/parser.h"
#include "caco/answer/read_expr.h"
#include "caco/answer/relation.h"

namespace caco {
namespace {

constexpr int64_t kMaxReparses = 2;  // strings inside strings

bool is_sequence(ValueKind kind) {
  return kind == ValueKind::List || kind == ValueKind::Tuple || kind == ValueKind::BareList ||
         kind == ValueKind::Matrix || kind == ValueKind::Interval || kind == ValueKind::Union;
}

// In words, for the reading that decided.
const char* name_of(ValueKind kind) {
  switch (kind) {
    case ValueKind::Number:
      return "number";
    case ValueKind::Infinity:
      return "infinity";
    case ValueKind::NotANumber:
      return "not a number";
    case ValueKind::Boolean:
      return "truth value";
    case ValueKind::None:
      return "none";
    case ValueKind::Option:
      return "option";
    case ValueKind::Moment:
      return "date or time";
    case ValueKind::Ratio:
      return "ratio";
    case ValueKind::Expression:
      return "expression";
    case ValueKind::Text:
      return "words";
    case ValueKind::Assignment:
      return "named value";
    case ValueKind::BareList:
    case ValueKind::List:
      return "list";
    case ValueKind::Tuple:
      return "tuple";
    case ValueKind::Set:
      return "set";
    case ValueKind::Dict:
      return "dictionary";
    case ValueKind::Interval:
    case ValueKind::Union:
      return "interval";
    case ValueKind::Matrix:
      return "matrix";
    case ValueKind::Relation:
      return "relation";
    case ValueKind::Symbolic:
      return "text";
  }
  return "";
}

// The words that a number was given in.
Value text_of_words(const Value& number) {
  Value value;
  value.kind = ValueKind::Text;
  value.text = number.text;
  return value;
}

// What looking at a value costs, in comparisons of two short numbers.
int64_t base_cost(const Value& value) {
  switch (value.kind) {
    case ValueKind::Number:
      return value.unit.name.empty() ? 0 : 4;
    case ValueKind::Expression:
      return 8 + static_cast<int64_t>(value.expr.nodes.size()) / 8;
    case ValueKind::Text:
      return 6 + static_cast<int64_t>(value.text.size()) / 8;
    case ValueKind::Relation:
      return 150;
    case ValueKind::Ratio:
    case ValueKind::Interval:
    case ValueKind::Union:
    case ValueKind::Assignment:
      return 20;
    case ValueKind::Set:
    case ValueKind::Tuple:
    case ValueKind::List:
    case ValueKind::Dict:
      return 4;
    default:
      return 1;
  }
}

Verdict compare_any(Comparer& comparer, const Readings& readings, const Value& other) {
  Verdict best = different();
  for (const Value& value : readings.values) {
    const Verdict verdict = comparer.compare(value, other);
    if (verdict.equality == Equality::Equal) return verdict;
    if (verdict.equality == Equality::Unknown) best = verdict;
  }
  return best;
}

}  // namespace

bool is_collection(ValueKind kind) {
  return is_sequence(kind) || kind == ValueKind::Set || kind == ValueKind::Dict;
}

bool Comparer::spend(const Value& left, const Value& right) {
  work_ += 1 + static_cast<int64_t>(mpz_size(left.number.value.get_num_mpz_t()) +
                                    mpz_size(left.number.value.get_den_mpz_t()) +
                                    mpz_size(right.number.value.get_num_mpz_t()) +
                                    mpz_size(right.number.value.get_den_mpz_t())) /
                   8;
  work_ += base_cost(left) + base_cost(right);
  return work_ <= kMaxComparisonWork;
}

Verdict Comparer::compare(const Value& left, const Value& right) {
  if (!spend(left, right)) return unknown("too much work to compare");
  // The earlier kind of the enumeration is on the left.
  if (left.kind > right.kind) return compare(right, left);
  if (left.kind == right.kind) return compare_same_kind(left, right);
  return compare_kinds(left, right);
}

Verdict Comparer::compare_kinds(const Value& left, const Value& right) {
  if (is_amount(left.kind) && is_amount(right.kind)) {
    return compare_quantities(left, right, budget_);
  }
  if (left.kind == ValueKind::Text && left.is_quoted) return compare_unquoted(left, right);
  if (right.kind == ValueKind::Text && right.is_quoted) return compare_unquoted(right, left);
  if (left.kind == ValueKind::Ratio) return compare_with_ratio(left, right);
  if (right.kind == ValueKind::Ratio) return compare_with_ratio(right, left);
  if (right.kind == ValueKind::Symbolic) return unknown("only the text could be compared");
  if (right.kind == ValueKind::Relation) return compare_with_relation(left, right);
  if (right.kind == ValueKind::Assignment) return compare(left, right.items[0]);
  if (left.kind == ValueKind::Assignment) return compare(left.items[0], right);
  if (left.kind == ValueKind::Expression && right.kind == ValueKind::Text) {
    return compare_words_with_expression(right, left);
  }
  if (is_collection(left.kind) && is_collection(right.kind)) {
    return compare_collections(left, right);
  }
  if (is_collection(right.kind)) return compare_with_collection(left, right);
  return compare_scalars(left, right);
}

Verdict Comparer::compare_same_kind(const Value& left, const Value& right) {
  switch (left.kind) {
    case ValueKind::Number:
    case ValueKind::Expression:
      return compare_quantities(left, right, budget_);
    case ValueKind::Infinity:
      return left.is_negative == right.is_negative ? equal() : different();
    case ValueKind::Boolean:
      return left.is_true == right.is_true ? equal() : different();
    case ValueKind::NotANumber:
    case ValueKind::None:
      return equal();
    case ValueKind::Option:
      return left.text == right.text ? equal() : different();
    case ValueKind::Moment:
      return compare_moments(left.moment, right.moment);
    case ValueKind::Ratio:
      return compare_with_ratio(left, right);
    case ValueKind::Text:
      return compare_texts(left, right);
    case ValueKind::Assignment:
      return compare_assignments(left, right);
    case ValueKind::Relation:
      return compare_with_relation(left, right);
    case ValueKind::Symbolic:
      return left.text == right.text ? equal(Proof::Text)
                                     : unknown("only the text could be compared");
    default:
      return compare_collections(left, right);
  }
}

// `x = 5` and `y = 5` may mean the same; `y = 2x` and `2x - y = 0` need no name.
Verdict Comparer::compare_assignments(const Value& left, const Value& right) {
  const Verdict values = compare(left.items[0], right.items[0]);
  if (left.text == right.text) return values;
  // `y = 3x` and `f(x) = 3x`
  const auto is_call = [](const std::string& name) {
    return name.size() == 4 && is_ascii_letter(name[0]) && name[1] == '(' && name[3] == ')';
  };
  if ((left.text == "y" && is_call(right.text)) || (right.text == "y" && is_call(left.text))) {
    return values;
  }
  const std::array relations = {relation_of_assignment(left), relation_of_assignment(right)};
  const std::optional<Value>& a = relations[0];
  const std::optional<Value>& b = relations[1];
  const bool has_expression =
      left.items[0].kind == ValueKind::Expression || right.items[0].kind == ValueKind::Expression;
  if (a.has_value() && b.has_value() && has_expression) {
    const Verdict verdict = compare_with_relation(*a, *b);
    if (verdict.equality == Equality::Equal || values.equality == Equality::Different) {
      return verdict;
    }
  }
  return values.equality == Equality::Different ? values : unknown("the names differ");
}

Verdict Comparer::compare_with_relation(const Value& other, const Value& relation) {
  if (other.kind == ValueKind::Assignment) {
    if (is_amount(other.items[0].kind)) {
      const std::optional<Value> equation = relation_of_assignment(other);
      if (!equation.has_value()) return unknown("the name is no variable");
      return compare_relations(*equation, relation, budget_);
    }
    return compare_with_relation(other.items[0], relation);
  }
  if (other.kind == ValueKind::Relation) {
    const Verdict verdict = compare_relations(other, relation, budget_);
    if (verdict.equality == Equality::Equal) return verdict;
    const bool are_inequalities =
        other.text.find('=') == std::string::npos && relation.text.find('=') == std::string::npos;
    if (!are_inequalities && verdict.equality != Equality::Unknown) return verdict;
    const std::optional<Value> a = are_inequalities ? intervals_of(other) : std::nullopt;
    const std::optional<Value> b = are_inequalities ? intervals_of(relation) : std::nullopt;
    if (!a.has_value() || !b.has_value()) return verdict;
    return compare_collections(*a, *b);
  }
  const bool is_equation = relation.text.find_first_not_of('=') == std::string::npos;
  if (!is_equation && is_amount(other.kind)) return different("an inequality against a value");
  if (is_amount(other.kind)) {
    // `\frac{x^2-9}{x-3} = x+3` ends with its value when it holds for all x.
    const std::optional<Expr> first = expr_of(relation.items.front());
    const std::optional<Expr> last = expr_of(relation.items.back());
    const bool is_identity = first.has_value() && last.has_value() && relation.items.size() == 2 &&
                             compare_exprs(*first, *last, budget_).equality == Equality::Equal;
    if (is_identity) return compare(other, relation.items.back());
  }
  const bool may_be_set = other.kind == ValueKind::Relation || is_collection(other.kind);
  if (!may_be_set) return unknown("a relation against another form");
  const std::optional<Value> a = intervals_of(other);
  const std::optional<Value> b = intervals_of(relation);
  if (!a.has_value() || !b.has_value()) return unknown("a relation against another form");
  return compare_collections(*a, *b);
}

// "abc" may be a product.
Verdict Comparer::compare_words_with_expression(const Value& words, const Value& expression) {
  ExprReading reading;
  Value product;
  product.kind = ValueKind::Expression;
  if (std::optional<Expr> expr = read_expr(words.text, reading)) {
    product.expr = std::move(*expr);
    const Verdict verdict = compare_quantities(product, expression, budget_);
    if (verdict.equality != Equality::Different) return verdict;
    return unknown("the words may be a product");
  }
  return may_mean_number(words.text) ? unknown("words against a value") : different();
}

// Different kinds of single values, the earlier kind on the left.
Verdict Comparer::compare_scalars(const Value& left, const Value& right) {
  if (left.kind == ValueKind::Option && right.kind == ValueKind::Expression) {
    const std::string name = right.expr.root().op == Op::Euler ? "e" : lone_name(right.expr);
    const bool is_letter_alone = right.expr.nodes.size() == 1 && name.size() == 1;
    if (is_letter_alone) {
      return fold_case_and_space(left.text) == fold_case_and_space(name) ? equal(Proof::Text)
                                                                         : different();
    }
  }
  if (right.kind == ValueKind::Option) return compare_scalars(right, left);
  if (left.kind == ValueKind::Option) {
    // "(B) 25" says its value.
    if (!left.items.empty()) return compare(left.items[0], right);
    return unknown("an option's letter does not say its value");
  }
  if (left.kind == ValueKind::Moment || right.kind == ValueKind::Moment) {
    return unknown("a date or time against another form");
  }
  if (left.kind == ValueKind::Infinity && right.kind == ValueKind::Expression) {
    return contains(right.expr, Op::Infinity) ? unknown("infinity in an expression") : different();
  }
  if (right.kind != ValueKind::Text) return different();
  if (left.kind == ValueKind::Number && !left.text.empty() && left.base == 0) {
    return compare_texts(text_of_words(left), right);
  }
  const bool is_open =
      left.kind == ValueKind::None ||
      (left.kind == ValueKind::Boolean ? may_mean_truth(right.text) : may_mean_number(right.text));
  return is_open ? unknown("words against a value") : different();
}

// A Python string against a value of another kind: what its content reads as.
Verdict Comparer::compare_unquoted(const Value& quoted, const Value& other) {
  if (num_reparses_ >= kMaxReparses) return unknown("strings inside strings");
  work_ += 20 + 4 * static_cast<int64_t>(quoted.text.size());
  if (work_ > kMaxComparisonWork) return unknown("too much work to compare");
  ++num_reparses_;
  Readings readings = parse_answer(quoted.text);
  Verdict verdict = unknown("a string against a value");
  if (!readings.values.empty() && !readings.is_over_limit) {
    for (Value& value : readings.values)
      value.is_quoted = false;
    verdict = compare_any(*this, readings, other);
  }
  --num_reparses_;
  return verdict;
}

namespace {

// How sure the decimal commas of the reading are; None when it has none.
CommaReading commas_of(const Readings& readings, const Value& value) {
  return &value == &readings.values.back() ? readings.last_commas : CommaReading::None;
}

// An equal pair where a comma was read as a decimal one. `1,5` and `1,50` are equal only if both
// are, and `1,234` groups its digits as a rule.
Verdict judge_commas(const Verdict& verdict, CommaReading left, CommaReading right) {
  const CommaReading least_sure = std::max(left, right);
  if (verdict.equality != Equality::Equal || least_sure == CommaReading::None) return verdict;
  if (least_sure == CommaReading::Doubtful) return unknown("the comma may group the digits");
  const bool are_both_open = left == CommaReading::Likely && right == CommaReading::Likely;
  if (are_both_open) return unknown("the commas may part two numbers");
  Verdict judged = verdict;
  judged.reading = "number with a decimal comma";
  return judged;
}

}  // namespace

Verdict compare_readings(const Readings& left, const Readings& right) {
  if (left.is_over_limit || right.is_over_limit) return unknown("too large to compare");
  Verdict best = different();
  bool is_first = true;
  Comparer comparer;
  for (const Value& a : left.values) {
    for (const Value& b : right.values) {
      Verdict verdict =
          judge_commas(comparer.compare(a, b), commas_of(left, a), commas_of(right, b));
      if (verdict.reading[0] == '\0') verdict.reading = name_of(a.kind);
      if (verdict.equality == Equality::Equal) return verdict;
      if (verdict.equality == Equality::Unknown || is_first) {
        if (best.equality != Equality::Unknown) best = verdict;
      }
      is_first = false;
    }
  }
  return best;
}

}  // namespace caco
