#include "caco/answer/equal.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "caco/answer/clean_text.h"
#include "caco/answer/limits.h"
#include "caco/answer/parse.h"
#include "caco/answer/units.h"

namespace caco {
namespace {

constexpr int64_t kMaxReparses = 2;  // strings inside strings

Verdict equal(Proof proof = Proof::Exact, const char* note = "") {
  return {Equality::Equal, proof, note};
}
Verdict different(const char* note = "") {
  return {Equality::Different, Proof::Exact, note};
}
Verdict unknown(const char* note) {
  return {Equality::Unknown, Proof::Text, note};
}

// All parts must be equal: one different part decides, an unknown one leaves it open.
Verdict both(const Verdict& first, const Verdict& second) {
  if (first.equality == Equality::Different) return first;
  if (second.equality == Equality::Different) return second;
  if (first.equality == Equality::Unknown) return first;
  if (second.equality == Equality::Unknown) return second;
  return first.proof >= second.proof ? first : second;
}

bool is_integer(const Number& number) {
  return number.value.get_den() == 1;
}

bool is_float_repr(const Number& number) {
  return number.is_decimal && number.num_significant >= kFloatDigits;
}

// |a - b| <= 1e-9 * |b|; near an integer also below a millionth, so that large integers stay apart.
bool is_float_noise(const mpq_class& difference, const Number& target) {
  if (is_integer(target) && !target.is_decimal && difference * 1000000 >= 1) return false;
  return difference * 1000000000 <= abs(target.value);
}

// |difference| <= half a unit of the decimal's last place.
bool is_rounding(const mpq_class& difference, const Number& decimal) {
  mpz_class power;
  mpz_ui_pow_ui(power.get_mpz_t(), 10, static_cast<unsigned long>(std::abs(decimal.last_place)));
  const mpq_class doubled = difference * 2;
  return decimal.last_place < 0 ? doubled * power <= 1 : doubled <= power;
}

// A decimal against an exact number.
Verdict compare_decimal_with_exact(const Number& decimal, const Number& exact) {
  const mpq_class difference = abs(decimal.value - exact.value);
  // A float printed with an integer value (1e+16, 123456789012345.0) is that integer.
  if (is_integer(exact)) {
    const bool is_noise =
        is_float_repr(decimal) && !is_integer(decimal) && is_float_noise(difference, exact);
    return is_noise ? equal(Proof::Numeric, "float noise") : different();
  }
  if (is_float_repr(decimal) && is_float_noise(difference, exact)) {
    return equal(Proof::Numeric, "float noise");
  }
  if (!is_rounding(difference, decimal)) return different();
  if (decimal.num_significant < kMinSignificantDigits) {
    return different("too few digits for a rounding");
  }
  return equal(Proof::Numeric, "rounded to the digits given");
}

Verdict compare_decimals(const Number& left, const Number& right) {
  const mpq_class difference = abs(left.value - right.value);
  const Number& shorter = left.last_place >= right.last_place ? left : right;
  const Number& longer = left.last_place >= right.last_place ? right : left;
  const bool is_noise = is_float_repr(longer) && !is_integer(longer) &&
                        is_float_noise(difference, shorter) &&
                        !(is_integer(shorter) && difference * 1000000 >= 1);
  if (is_noise) return equal(Proof::Numeric, "float noise");
  if (left.last_place == right.last_place || !is_rounding(difference, shorter)) {
    return different();
  }
  if (shorter.num_significant < kMinSignificantDigits) {
    return different("too few digits for a rounding");
  }
  // "12.0" or "3e5" against 12.04: an integer is not taken for a rounding.
  if (is_integer(shorter)) return different();
  if (is_float_repr(longer)) return equal(Proof::Numeric, "rounded to the digits given");
  return unknown("one decimal may be the other one rounded");
}

Verdict compare_numbers(const Number& left, const Number& right) {
  if (left.value == right.value) return equal();
  // Two printed floats with the same leading digits may differ in noise only.
  if (left.is_decimal && right.is_decimal) return compare_decimals(left, right);
  if (left.is_decimal) return compare_decimal_with_exact(left, right);
  if (right.is_decimal) return compare_decimal_with_exact(right, left);
  return different();
}

Verdict compare_quantities(const Value& left, const Value& right) {
  const Verdict numbers = compare_numbers(left.number, right.number);
  const Unit& a = left.unit;
  const Unit& b = right.unit;
  if (a.name == b.name) return numbers;
  if (a.name.empty() || b.name.empty()) {
    if (numbers.equality != Equality::Equal) return numbers;
    return equal(numbers.proof, "one side has no unit");
  }
  if (a.name.starts_with(b.name + "/") || b.name.starts_with(a.name + "/")) {
    return unknown("one side may leave out what it is counted per");
  }
  if (numbers.equality == Equality::Equal && a.is_known && b.is_known && left.number.value != 0) {
    return different("the units differ");
  }
  return unknown("the units differ and are not converted");
}

Verdict compare_moments(const Moment& left, const Moment& right) {
  bool is_open = false;
  for (const auto& [a, b] :
       {std::pair{left.year, right.year}, {left.month, right.month}, {left.day, right.day}}) {
    if (a != -1 && b != -1 && a != b) return different();
    is_open = is_open || (a == -1) != (b == -1);
  }
  const int64_t a = left.second_of_day;
  const int64_t b = right.second_of_day;
  is_open = is_open || (a == -1) != (b == -1);
  if (a != -1 && b != -1 && (a != b || left.has_half != right.has_half)) {
    constexpr int64_t kHalfDay = 12 * 3600;
    const bool needs_half = !left.has_half || !right.has_half;
    if (needs_half && a % kHalfDay == b % kHalfDay) {
      if (a != b || left.has_half != right.has_half) return unknown("a.m. or p.m. is not given");
    } else if (left.is_ratio && right.is_ratio && a / 60 % 60 != 0 &&
               (a / 3600) * (b / 60 % 60) == (b / 3600) * (a / 60 % 60)) {
      return unknown("they may be equal ratios");
    } else if (a != b) {
      return different();
    }
  }
  return is_open ? unknown("one side says less of the date or time") : equal();
}

bool contains_word(std::string_view text, bool (*is_wanted)(std::string_view)) {
  const std::string folded = fold_case_and_space(text);
  size_t start = 0;
  for (size_t i = 0; i <= folded.size(); ++i) {
    if (i < folded.size() && is_letter(folded[i])) continue;
    if (i > start && is_wanted(std::string_view(folded).substr(start, i - start))) return true;
    start = i + 1;
  }
  return false;
}

bool is_truth_word(std::string_view word) {
  return word == "yes" || word == "no" || word == "true" || word == "false" || word == "not" ||
         word == "correct" || word == "incorrect";
}

Verdict compare_texts(const Value& left, const Value& right) {
  const std::string a = fold_case_and_space(left.text);
  const std::string b = fold_case_and_space(right.text);
  if (a == b) return equal(Proof::Text);
  if (left.is_quoted && right.is_quoted) return different();
  const std::string& shorter = a.size() < b.size() ? a : b;
  const std::string& longer = a.size() < b.size() ? b : a;
  if (!shorter.empty() && longer.find(shorter) != std::string::npos) {
    return unknown("one text is part of the other");
  }
  const bool has_string = left.is_quoted || right.is_quoted;
  const bool is_one_word = a.find(' ') == std::string::npos && b.find(' ') == std::string::npos;
  if (has_string || is_one_word) return different();
  return unknown("only the words could be compared");
}

bool is_sequence(ValueKind kind) {
  return kind == ValueKind::List || kind == ValueKind::Tuple || kind == ValueKind::BareList ||
         kind == ValueKind::Matrix || kind == ValueKind::Interval;
}
bool is_collection(ValueKind kind) {
  return is_sequence(kind) || kind == ValueKind::Set || kind == ValueKind::Dict;
}

class Comparer {
 public:
  Verdict compare(const Value& left, const Value& right) {
    work_ += 1 + static_cast<int64_t>(mpz_size(left.number.value.get_num_mpz_t()) +
                                      mpz_size(left.number.value.get_den_mpz_t()) +
                                      mpz_size(right.number.value.get_num_mpz_t()) +
                                      mpz_size(right.number.value.get_den_mpz_t())) /
                     8;
    if (work_ > kMaxComparisonWork) return unknown("too much work to compare");
    if (left.kind == right.kind) return compare_same_kind(left, right);
    // From here on the kinds differ; the earlier kind of the enumeration is on the left.
    if (left.kind > right.kind) return compare(right, left);
    if (left.kind == ValueKind::Text && left.is_quoted) return compare_unquoted(left, right);
    if (right.kind == ValueKind::Text && right.is_quoted) return compare_unquoted(right, left);
    if (right.kind == ValueKind::Symbolic) return unknown("only the text could be compared");
    if (right.kind == ValueKind::Assignment) return compare(left, right.items[0]);
    if (left.kind == ValueKind::Assignment) return compare(left.items[0], right);
    if (is_collection(left.kind) && is_collection(right.kind)) {
      return compare_collections(left, right);
    }
    if (is_collection(right.kind)) return compare_with_collection(left, right);
    return compare_scalars(left, right);
  }

 private:
  Verdict compare_same_kind(const Value& left, const Value& right) {
    switch (left.kind) {
      case ValueKind::Number:
        return compare_quantities(left, right);
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
      case ValueKind::Text:
        return compare_texts(left, right);
      case ValueKind::Assignment:
        if (left.text == right.text) return compare(left.items[0], right.items[0]);
        return unknown("the names differ");
      case ValueKind::Symbolic:
        return left.text == right.text ? equal(Proof::Text)
                                       : unknown("only the text could be compared");
      default:
        return compare_collections(left, right);
    }
  }

  // Different kinds of single values, the earlier kind on the left.
  static Verdict compare_scalars(const Value& left, const Value& right) {
    if (left.kind == ValueKind::Option || right.kind == ValueKind::Option) {
      return unknown("an option's letter does not say its value");
    }
    if (right.kind == ValueKind::Moment) return unknown("a date or time against another form");
    if (right.kind != ValueKind::Text) return different();
    const bool is_open =
        left.kind == ValueKind::None || left.kind == ValueKind::Moment ||
        (left.kind == ValueKind::Boolean
             ? contains_word(right.text, is_truth_word)
             : contains_word(right.text, is_number_word) || contains_digit(right.text));
    return is_open ? unknown("words against a value") : different();
  }

  static bool contains_digit(std::string_view text) {
    return std::any_of(text.begin(), text.end(), is_digit);
  }

  // A Python string against a value of another kind: what its content reads as.
  Verdict compare_unquoted(const Value& quoted, const Value& other) {
    if (num_reparses_ >= kMaxReparses) return unknown("strings inside strings");
    work_ += static_cast<int64_t>(quoted.text.size());
    if (work_ > kMaxComparisonWork) return unknown("too much work to compare");
    ++num_reparses_;
    Readings readings = parse_answer(quoted.text);
    Verdict verdict = unknown("a string against a value");
    if (!readings.values.empty() && !readings.is_over_limit) {
      for (Value& value : readings.values)
        value.is_quoted = false;
      verdict = compare_any({std::move(readings)}, other);
    }
    --num_reparses_;
    return verdict;
  }

  Verdict compare_any(const Readings& readings, const Value& other) {
    Verdict best = different();
    for (const Value& value : readings.values) {
      const Verdict verdict = compare(value, other);
      if (verdict.equality == Equality::Equal) return verdict;
      if (verdict.equality == Equality::Unknown) best = verdict;
    }
    return best;
  }

  Verdict compare_collections(const Value& left, const Value& right) {
    if ((left.kind == ValueKind::Dict) != (right.kind == ValueKind::Dict)) {
      return unknown("a dictionary against another collection");
    }
    if (left.kind == ValueKind::Dict) return compare_dicts(left, right);
    const bool has_interval = left.kind == ValueKind::Interval || right.kind == ValueKind::Interval;
    if (has_interval && left.kind != right.kind) return compare_with_interval(left, right);
    if (has_interval && left.text != right.text) {
      return both(different("the ends differ"), compare_in_order(left, right));
    }
    if ((left.kind == ValueKind::Matrix) != (right.kind == ValueKind::Matrix)) {
      return compare_matrix_with_list(left, right);
    }
    const Verdict in_order = compare_in_order(left, right);
    if (left.kind == ValueKind::Set || right.kind == ValueKind::Set) {
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

  static bool has_assignment(const Value& list) {
    return std::any_of(list.items.begin(), list.items.end(),
                       [](const Value& item) { return item.kind == ValueKind::Assignment; });
  }

  static bool all_assignments(const Value& list) {
    return std::all_of(list.items.begin(), list.items.end(),
                       [](const Value& item) { return item.kind == ValueKind::Assignment; });
  }

  // "x = 1, y = 2": the names pair the items off.
  Verdict compare_by_name(const Value& left, const Value& right) {
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
  bool may_be_interval(const Value& value) const {
    return depth_ == 0 && value.kind != ValueKind::BareList && value.items.size() == 2 &&
           std::all_of(value.items.begin(), value.items.end(), [](const Value& item) {
             return item.kind == ValueKind::Number || item.kind == ValueKind::Infinity ||
                    item.kind == ValueKind::Symbolic;
           });
  }

  static bool has_symbolic(const Value& value) {
    return std::any_of(value.items.begin(), value.items.end(), [](const Value& item) {
      return item.kind == ValueKind::Symbolic || has_symbolic(item);
    });
  }

  Verdict compare_in_order(const Value& left, const Value& right) {
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
  Verdict compare_any_order(const Value& left, const Value& right, const Verdict& in_order) {
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

  // Returns whether a perfect matching exists (augmenting paths, Kuhn 1955; count^3 steps).
  static bool has_matching(const std::vector<Verdict>& pairs, size_t count, bool with_unknown) {
    std::vector<size_t> partner(count, count);
    for (size_t i = 0; i < count; ++i) {
      std::vector<bool> is_visited(count, false);
      if (!augment(pairs, count, with_unknown, i, is_visited, partner)) return false;
    }
    return true;
  }

  static bool augment(const std::vector<Verdict>& pairs, size_t count, bool with_unknown, size_t i,
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

  // Keys pair off exactly; then their values decide.
  Verdict compare_dicts(const Value& left, const Value& right) {
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

  Verdict compare_with_interval(const Value& left, const Value& right) {
    const Value& other = left.kind == ValueKind::Interval ? right : left;
    if (other.kind == ValueKind::Set || other.kind == ValueKind::BareList ||
        other.kind == ValueKind::Matrix || other.items.size() != 2) {
      return unknown("an interval against a collection");
    }
    return different("the ends differ");
  }

  // A matrix equals the list of its rows; a row or column vector equals a plain list.
  Verdict compare_matrix_with_list(const Value& left, const Value& right) {
    const Value& matrix = left.kind == ValueKind::Matrix ? left : right;
    const Value& other = left.kind == ValueKind::Matrix ? right : left;
    if (other.kind != ValueKind::List && other.kind != ValueKind::Tuple) {
      return unknown("a matrix against another collection");
    }
    const bool has_rows =
        std::all_of(other.items.begin(), other.items.end(), [](const Value& item) {
          return item.kind == ValueKind::List || item.kind == ValueKind::Tuple;
        });
    if (has_rows) return compare_in_order(matrix, other);
    Value flat;
    flat.kind = ValueKind::List;
    for (const Value& row : matrix.items) {
      if (row.items.size() != 1 && matrix.items.size() != 1) {
        return unknown("a matrix against a list");
      }
      flat.items.insert(flat.items.end(), row.items.begin(), row.items.end());
    }
    return compare_in_order(flat, other);
  }

  Verdict compare_with_collection(const Value& single, const Value& collection) {
    if (collection.items.size() == 1 && collection.kind != ValueKind::Dict) {
      const Verdict verdict = compare(single, collection.items[0]);
      return verdict.equality == Equality::Equal ? unknown("one item in brackets") : verdict;
    }
    const bool is_number = single.kind == ValueKind::Number || single.kind == ValueKind::Boolean;
    if (is_number && !collection.items.empty() && !has_symbolic(collection)) {
      return different("one value against several");
    }
    return unknown("a single value against a collection");
  }

  int64_t work_ = 0;
  int64_t depth_ = 0;
  int64_t num_reparses_ = 0;
};

}  // namespace

Verdict compare_readings(const Readings& left, const Readings& right) {
  if (left.is_over_limit || right.is_over_limit) return unknown("too large to compare");
  Verdict best = different();
  bool is_first = true;
  for (const Value& a : left.values) {
    for (const Value& b : right.values) {
      const Verdict verdict = Comparer().compare(a, b);
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
