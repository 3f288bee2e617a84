// Ratios against what may mean the same, and single values against collections.
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "caco/answer/comparer.h"
#include "caco/answer/equal_values.h"
#include "caco/answer/parser.h"
#include "caco/answer/relation.h"

namespace caco {
namespace {

// "3:15" as three to fifteen.
Value ratio_of_moment(const Moment& moment) {
  Value ratio;
  ratio.kind = ValueKind::Ratio;
  ratio.items.resize(2);
  for (Value& term : ratio.items)
    term.kind = ValueKind::Number;
  ratio.items[0].number.value = static_cast<long>(moment.second_of_day / 3600);
  ratio.items[1].number.value = static_cast<long>(moment.second_of_day / 60 % 60);
  return ratio;
}

// The letters of a product of names, such as ABD, else nothing.
std::string letters_of_product(const Expr& expr) {
  std::string letters;
  for (const ExprNode& node : expr.nodes) {
    if (node.op == Op::Multiply) continue;
    const std::string* name =
        node.op == Op::Symbol ? &expr.names[static_cast<size_t>(node.datum)] : nullptr;
    if (name == nullptr || name->size() != 1) return "";
    letters += *name;
  }
  return letters;
}

// "ABD" against the options A, B and D.
bool are_letters_of(const Value& single, const Value& collection) {
  const bool is_word = single.kind == ValueKind::Text || single.kind == ValueKind::Expression;
  const std::string letters =
      single.kind == ValueKind::Text ? single.text : letters_of_product(single.expr);
  if (!is_word || letters.size() != collection.items.size() || letters.size() < 2) return false;
  std::string wanted;
  for (const Value& item : collection.items) {
    if (item.kind != ValueKind::Option || !item.items.empty()) return false;
    wanted += item.text;
  }
  std::string found = letters;
  std::sort(found.begin(), found.end());
  std::sort(wanted.begin(), wanted.end());
  return found == wanted;
}

// "2 and 1/2" against 2.5.
bool may_be_mixed_number(const Value& single, const Value& collection) {
  if (single.kind != ValueKind::Number || collection.kind != ValueKind::BareList ||
      collection.items.size() != 2) {
    return false;
  }
  const Value& whole = collection.items[0];
  const Value& part = collection.items[1];
  if (whole.kind != ValueKind::Number || part.kind != ValueKind::Number ||
      whole.number.value.get_den() != 1) {
    return false;
  }
  const mpq_class rest = abs(single.number.value - whole.number.value);
  return part.number.value > 0 && part.number.value < 1 && rest == part.number.value;
}

}  // namespace

// The terms of two ratios are proportional; a ratio of two is also its quotient.
Verdict Comparer::compare_with_ratio(const Value& ratio, const Value& other) {
  if (other.kind == ValueKind::Assignment) return compare(ratio, other.items[0]);
  const std::vector<Value>& terms = ratio.items;
  const auto is_zero = [](const Value& term) {
    return term.kind == ValueKind::Number && term.number.value == 0;
  };
  if (std::any_of(terms.begin(), terms.end(), is_zero) ||
      std::any_of(other.items.begin(), other.items.end(), is_zero)) {
    return unknown("a term of a ratio is zero");
  }
  if (is_amount(other.kind)) {
    if (terms.size() != 2) return unknown("a ratio of several terms against a value");
    return compare_quantities(
        expression_value(join(Op::Divide, *expr_of(terms[0]), *expr_of(terms[1]))), other, budget_);
  }
  if (other.kind == ValueKind::Moment && other.moment.is_ratio && terms.size() == 2) {
    return compare_with_ratio(ratio, ratio_of_moment(other.moment));
  }
  if (other.kind != ValueKind::Ratio) return unknown("a ratio against another form");
  if (terms.size() != other.items.size()) return different("the numbers of terms differ");
  Verdict verdict = equal();
  for (size_t i = 1; i < terms.size(); ++i) {
    const Expr left = join(Op::Multiply, *expr_of(terms[i]), *expr_of(other.items[0]));
    const Expr right = join(Op::Multiply, *expr_of(other.items[i]), *expr_of(terms[0]));
    verdict =
        both(verdict, compare_quantities(expression_value(left), expression_value(right), budget_));
  }
  return verdict;
}

Verdict Comparer::compare_with_collection(const Value& single, const Value& collection) {
  if (are_letters_of(single, collection)) return equal(Proof::Text, "the same options");
  if (collection.items.size() == 1 && collection.kind != ValueKind::Dict) {
    const Verdict verdict = compare(single, collection.items[0]);
    return verdict.equality == Equality::Equal ? unknown("one item in brackets") : verdict;
  }
  if (may_be_mixed_number(single, collection)) return unknown("the list may be a mixed number");
  if (collection.kind == ValueKind::Set && collection.items.empty() &&
      single.kind == ValueKind::Number && single.number.value != 0) {
    return different("a value against an empty set");
  }
  const bool is_number = is_amount(single.kind) || single.kind == ValueKind::Boolean;
  if (is_number && !collection.items.empty() && !has_symbolic(collection)) {
    return different("one value against several");
  }
  return unknown("a single value against a collection");
}

}  // namespace caco
