// Lists, sets, intervals and matrices: item by item, by name, or matched in any order.
#include <algorithm>
#include <cstddef>

#include "caco/answer/comparer.h"
#include "caco/answer/limits.h"
#include "caco/answer/relation.h"

namespace caco {
namespace {

bool has_assignment(const Value& list) {
  return std::any_of(list.items.begin(), list.items.end(),
                     [](const Value& item) { return item.kind == ValueKind::Assignment; });
}

bool all_assignments(const Value& list) {
  return std::all_of(list.items.begin(), list.items.end(),
                     [](const Value& item) { return item.kind == ValueKind::Assignment; });
}

bool augment(const std::vector<Verdict>& pairs, size_t count, bool with_unknown, size_t i,
             std::vector<bool>& is_visited, std::vector<size_t>& partner) {
  for (size_t k = 0; k < count; ++k) {
    const Equality equality = pairs[i * count + k].equality;
    const bool fits =
        equality == Equality::Equal || (with_unknown && equality == Equality::Unknown);
    if (!fits || is_visited[k]) continue;
    is_visited[k] = true;
    if (partner[k] == count ||
        augment(pairs, count, with_unknown, partner[k], is_visited, partner)) {
      partner[k] = i;
      return true;
    }
  }
  return false;
}

// Returns whether a perfect matching exists (augmenting paths, Kuhn 1955; count^3 steps).
bool has_matching(const std::vector<Verdict>& pairs, size_t count, bool with_unknown) {
  std::vector<size_t> partner(count, count);
  for (size_t i = 0; i < count; ++i) {
    std::vector<bool> is_visited(count, false);
    if (!augment(pairs, count, with_unknown, i, is_visited, partner)) return false;
  }
  return true;
}

// The entries of a matrix of one row or column.
std::optional<Value> vector_of(const Value& matrix) {
  if (matrix.kind != ValueKind::Matrix) return std::nullopt;
  Value vector;
  vector.kind = ValueKind::List;
  for (const Value& row : matrix.items) {
    if (row.items.size() != 1 && matrix.items.size() != 1) return std::nullopt;
    vector.items.insert(vector.items.end(), row.items.begin(), row.items.end());
  }
  return vector;
}

bool has_decimal_end(const Value& set) {
  return std::any_of(set.items.begin(), set.items.end(), [](const Value& part) {
    return std::any_of(part.items.begin(), part.items.end(), [](const Value& end) {
      return end.kind == ValueKind::Number && end.number.is_decimal;
    });
  });
}

// A sum of i and j is a vector of the plane as well.
void drop_third_component(const Value& matrix, size_t num_wanted, Value& vector) {
  const bool is_flat = matrix.text == "ijk" && num_wanted == 2 && vector.items.size() == 3 &&
                       vector.items[2].kind == ValueKind::Number &&
                       vector.items[2].number.value == 0;
  if (is_flat) vector.items.pop_back();
}

}  // namespace

bool has_symbolic(const Value& value) {
  return std::any_of(value.items.begin(), value.items.end(), [](const Value& item) {
    return item.kind == ValueKind::Symbolic || has_symbolic(item);
  });
}

Verdict Comparer::compare_collections(const Value& left, const Value& right) {
  if ((left.kind == ValueKind::Dict) != (right.kind == ValueKind::Dict)) {
    return unknown("a dictionary against another collection");
  }
  if (left.kind == ValueKind::Dict) return compare_dicts(left, right);
  const auto is_interval = [](const Value& value) {
    return value.kind == ValueKind::Interval || value.kind == ValueKind::Union;
  };
  if (is_interval(left) || is_interval(right)) return compare_interval_sets(left, right);
  if ((left.kind == ValueKind::Matrix) != (right.kind == ValueKind::Matrix)) {
    return compare_matrix_with_list(left, right);
  }
  const auto is_vector = [](const Value& value) {
    return value.kind == ValueKind::Matrix && !value.text.empty();
  };
  if (is_vector(left) || is_vector(right)) {
    const bool is_left = is_vector(left);
    const Value& sum = is_left ? left : right;
    const std::optional<Value> vector = vector_of(is_left ? right : left);
    if (vector.has_value()) return compare_matrix_with_list(sum, *vector);
  }
  const Verdict in_order = compare_in_order(left, right);
  if (left.kind == ValueKind::Set || right.kind == ValueKind::Set) {
    const bool is_left = left.kind == ValueKind::Set;
    if (is_point_of_interval(is_left ? left : right, is_left ? right : left)) {
      return unknown("an interval of one point, or a list of two numbers");
    }
    const bool is_free = (left.kind == right.kind) || left.kind == ValueKind::BareList ||
                         right.kind == ValueKind::BareList;
    if (is_free) return compare_any_order(left, right, in_order);
    const Verdict matched = compare_any_order(left, right, in_order);
    return matched.equality == Equality::Equal ? unknown("a set against a list") : matched;
  }
  if (left.kind == ValueKind::BareList && right.kind == ValueKind::BareList) {
    if (all_assignments(left) && all_assignments(right)) return compare_by_name(left, right);
    if (has_assignment(left) || has_assignment(right)) {
      if (in_order.equality == Equality::Equal) return in_order;
      return unknown("names on one side only");
    }
    return compare_any_order(left, right, in_order);
  }
  if (left.kind != right.kind && may_be_interval(left) && may_be_interval(right) &&
      in_order.equality == Equality::Equal) {
    return unknown("the brackets may be those of an interval");
  }
  return in_order;
}

// {1} against [1, 1]
bool Comparer::is_point_of_interval(const Value& set, const Value& list) {
  if (list.kind != ValueKind::List || set.items.size() != 1 || !may_be_interval(list)) return false;
  return compare(list.items[0], list.items[1]).equality == Equality::Equal &&
         compare(set.items[0], list.items[0]).equality == Equality::Equal;
}

// "x = 1, y = 2": the names pair the items off.
Verdict Comparer::compare_by_name(const Value& left, const Value& right) {
  if (left.items.size() != right.items.size() ||
      static_cast<int64_t>(left.items.size()) > kMaxUnorderedItems) {
    return unknown("the names differ");
  }
  Verdict verdict = equal();
  for (const Value& item : left.items) {
    const auto found =
        std::find_if(right.items.begin(), right.items.end(),
                     [&](const Value& candidate) { return candidate.text == item.text; });
    if (found == right.items.end()) return unknown("the names differ");
    verdict = both(verdict, compare(item.items[0], found->items[0]));
  }
  return verdict;
}

// Two numbers or expressions in brackets at the outermost level.
bool Comparer::may_be_interval(const Value& value) const {
  return depth_ == 0 && value.kind != ValueKind::BareList && !value.is_quoted &&
         value.items.size() == 2 &&
         std::all_of(value.items.begin(), value.items.end(), [](const Value& item) {
           return item.kind == ValueKind::Number || item.kind == ValueKind::Infinity ||
                  item.kind == ValueKind::Symbolic;
         });
}

Verdict Comparer::compare_in_order(const Value& left, const Value& right) {
  if (left.items.size() != right.items.size()) {
    if (left.kind != ValueKind::List && (has_symbolic(left) || has_symbolic(right))) {
      return unknown("an expression may stand for several items");
    }
    return different("the numbers of items differ");
  }
  ++depth_;
  Verdict verdict = equal();
  for (size_t i = 0; i < left.items.size(); ++i) {
    verdict = both(verdict, compare(left.items[i], right.items[i]));
    if (verdict.equality == Equality::Different) break;
  }
  --depth_;
  return verdict;
}

// Matches items in any order: equal when the items pair off as equal ones, unknown when they pair
// off only with unknown pairs.
Verdict Comparer::compare_any_order(const Value& left, const Value& right,
                                    const Verdict& in_order) {
  const bool are_sets = left.kind == ValueKind::Set && right.kind == ValueKind::Set;
  if (are_sets && left.items.size() != right.items.size() && !left.items.empty() &&
      !right.items.empty()) {
    return compare_members(left, right);
  }
  if (in_order.equality == Equality::Equal || left.items.size() != right.items.size()) {
    return in_order;
  }
  const size_t count = left.items.size();
  if (static_cast<int64_t>(count) > kMaxUnorderedItems) {
    return unknown("too many items to match in any order");
  }
  ++depth_;
  std::vector<Verdict> pairs(count * count);
  for (size_t i = 0; i < count; ++i) {
    for (size_t k = 0; k < count; ++k) {
      pairs[i * count + k] = compare(left.items[i], right.items[k]);
    }
  }
  --depth_;
  if (has_matching(pairs, count, /*with_unknown=*/false)) {
    Proof proof = Proof::Exact;
    for (const Verdict& pair : pairs) {
      if (pair.equality == Equality::Equal) proof = std::max(proof, pair.proof);
    }
    return equal(proof, "in another order");
  }
  if (has_matching(pairs, count, /*with_unknown=*/true)) {
    return unknown("some items could not be compared");
  }
  return different();
}

// {1, 1, 2} = {1, 2}: every member of each set is one of the other.
Verdict Comparer::compare_members(const Value& left, const Value& right) {
  constexpr size_t kMaxMembers = 60;
  if (left.items.size() > kMaxMembers || right.items.size() > kMaxMembers) {
    return different("the numbers of items differ");
  }
  Verdict verdict = equal();
  for (const bool is_swapped : {false, true}) {
    for (const Value& item : (is_swapped ? right : left).items) {
      Verdict found = different("an item is missing");
      for (const Value& other : (is_swapped ? left : right).items) {
        found = either(found, compare(item, other));
        if (found.equality == Equality::Equal) break;
      }
      verdict = both(verdict, found);
      if (verdict.equality == Equality::Different) return verdict;
    }
  }
  return verdict;
}

// Keys pair off exactly; then their values decide.
Verdict Comparer::compare_dicts(const Value& left, const Value& right) {
  if (left.items.size() != right.items.size()) return different("the numbers of keys differ");
  const size_t count = left.items.size() / 2;
  if (static_cast<int64_t>(count) > kMaxUnorderedItems) {
    return unknown("too many keys to match in any order");
  }
  ++depth_;
  Verdict verdict = equal();
  for (size_t i = 0; i < count && verdict.equality != Equality::Different; ++i) {
    Verdict found = different("a key is missing");
    for (size_t k = 0; k < count; ++k) {
      // Programs write keys in the same order as a rule: start there.
      const size_t other = (i + k) % count;
      const Verdict keys = compare(left.items[2 * i], right.items[2 * other]);
      if (keys.equality == Equality::Unknown) found = keys;
      if (keys.equality != Equality::Equal) continue;
      found = both(keys, compare(left.items[2 * i + 1], right.items[2 * other + 1]));
      break;
    }
    verdict = both(verdict, found);
  }
  --depth_;
  return verdict;
}

// Sets of real numbers: interval by interval, in any order; ends and brackets count.
Verdict Comparer::compare_interval_sets(const Value& left, const Value& right) {
  const std::optional<Value> a = intervals_of(left);
  const std::optional<Value> b = intervals_of(right);
  if (!a.has_value() || !b.has_value()) return unknown("an interval against another form");
  if (!a->text.empty() && !b->text.empty() && a->text != b->text) {
    return unknown("the names of the variables differ");
  }
  if (const std::optional<bool> same = same_real_sets(*a, *b)) {
    if (*same) return equal();
    const bool may_round =
        (has_decimal_end(*a) || has_decimal_end(*b)) && a->items.size() == b->items.size();
    if (!may_round) return different("the sets differ");
  }
  if (a->items.size() == 1 && b->items.size() == 1) {
    const Value& one = a->items[0];
    const Value& other = b->items[0];
    if (one.kind != other.kind) return different("an interval against single numbers");
    if (one.kind == ValueKind::Set) return compare(one, other);
    if (one.text != other.text) {
      const Verdict ends = compare_in_order(one, other);
      return ends.equality == Equality::Unknown ? ends : different("the ends differ");
    }
    return compare_in_order(one, other);
  }
  if (a->items.size() != b->items.size()) return unknown("the intervals may overlap");
  return compare_any_order(*a, *b, unknown("the intervals are in another order"));
}

// A matrix equals the list of its rows; a row or column vector equals a plain list.
Verdict Comparer::compare_matrix_with_list(const Value& left, const Value& right) {
  const Value& matrix = left.kind == ValueKind::Matrix ? left : right;
  const Value& other = left.kind == ValueKind::Matrix ? right : left;
  if (other.kind != ValueKind::List && other.kind != ValueKind::Tuple) {
    return unknown("a matrix against another collection");
  }
  const bool has_rows = std::all_of(other.items.begin(), other.items.end(), [](const Value& item) {
    return item.kind == ValueKind::List || item.kind == ValueKind::Tuple;
  });
  if (has_rows) return compare_in_order(matrix, other);
  std::optional<Value> flat = vector_of(matrix);
  if (!flat.has_value()) return unknown("a matrix against a list");
  drop_third_component(matrix, other.items.size(), *flat);
  return compare_in_order(*flat, other);
}

}  // namespace caco
