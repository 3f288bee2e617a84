#include "caco/answer/equal_values.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "caco/answer/clean_text.h"
#include "caco/answer/limits.h"
#include "caco/answer/moment.h"
#include "caco/answer/relation.h"
#include "caco/answer/unit_scale.h"
#include "caco/answer/units.h"

namespace caco {
namespace {

bool is_whole_number(const Number& number) {
  return number.value.get_den() == 1;
}

bool is_float_repr(const Number& number) {
  return number.is_decimal && number.num_significant >= kFloatDigits;
}

// |a - b| <= 1e-9 * |b|; near an integer also below a millionth, so that large integers stay apart.
bool is_float_noise(const mpq_class& difference, const Number& target) {
  if (is_whole_number(target) && !target.is_decimal && difference * 1000000 >= 1) return false;
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
  if (is_whole_number(exact)) {
    const bool is_noise =
        is_float_repr(decimal) && !is_whole_number(decimal) && is_float_noise(difference, exact);
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
  const bool is_noise = is_float_repr(longer) && !is_whole_number(longer) &&
                        is_float_noise(difference, shorter) &&
                        !(is_whole_number(shorter) && difference * 1000000 >= 1);
  if (is_noise) return equal(Proof::Numeric, "float noise");
  if (left.last_place == right.last_place || !is_rounding(difference, shorter)) {
    return different();
  }
  if (shorter.num_significant < kMinSignificantDigits) {
    return different("too few digits for a rounding");
  }
  // "12.0" or "3e5" against 12.04: an integer is not taken for a rounding.
  if (is_whole_number(shorter)) return different();
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

// The sum of both sides' values as they are, without units.
Verdict compare_amounts(const Value& left, const Value& right, ExprBudget& budget) {
  if (left.kind == ValueKind::Number && right.kind == ValueKind::Number) {
    return compare_numbers(left.number, right.number);
  }
  return compare_exprs(*expr_of(left), *expr_of(right), budget);
}

// 45 degrees against pi/4.
Verdict compare_angles(const Value& left, const Value& right, ExprBudget& budget) {
  const bool is_left = left.unit.name == "degree";
  Expr radians = *expr_of(is_left ? left : right);
  append_node(radians, Op::Degree, static_cast<int32_t>(radians.nodes.size()) - 1);
  Verdict verdict = compare_exprs(radians, *expr_of(is_left ? right : left), budget);
  verdict.reading = "degrees as radians";
  return verdict;
}

// The value in the base unit of its quantity.
Value converted(const Value& value, const UnitScale& scale) {
  Value base = value;
  base.unit = Unit();
  if (base.kind == ValueKind::Number) {
    base.number.value *= scale.factor;
    base.number.is_decimal = false;
  } else {
    Number factor;
    factor.value = scale.factor;
    base.expr = join(Op::Multiply, base.expr, number_expr(factor));
  }
  return base;
}

// Whether two amounts in different units differ by no more than their decimals may have lost.
bool may_be_rounding(const Value& left, const UnitScale& a, const Value& right,
                     const UnitScale& b) {
  if (left.kind != ValueKind::Number || right.kind != ValueKind::Number) return false;
  mpq_class lost = 0;
  for (const auto& [value, scale] : {std::pair{&left, &a}, std::pair{&right, &b}}) {
    if (!value->number.is_decimal || std::abs(value->number.last_place) > kMaxExponent) continue;
    lost += half_unit(value->number) * scale->factor;
  }
  return abs(left.number.value * a.factor - right.number.value * b.factor) <= lost;
}

Verdict compare_converted(const Value& left, const Value& right, ExprBudget& budget) {
  const auto is_angle = [](const Unit& unit) {
    return unit.name == "degree" || unit.name == "radian";
  };
  if (is_angle(left.unit) && is_angle(right.unit)) return compare_angles(left, right, budget);
  const std::optional<UnitScale> a = unit_scale(left.unit);
  const std::optional<UnitScale> b = unit_scale(right.unit);
  if (!a.has_value() || !b.has_value()) {
    return unknown("the units differ and are not converted");
  }
  if (a->dimension != b->dimension) {
    // A month has no fixed number of days.
    const bool has_months = a->dimension.find("months") != std::string::npos ||
                            b->dimension.find("months") != std::string::npos;
    return has_months ? unknown("months have no fixed length")
                      : different("the units measure different things");
  }
  Verdict verdict = compare_amounts(converted(left, *a), converted(right, *b), budget);
  if (verdict.equality == Equality::Equal) {
    verdict.note = "after converting the unit";
    return verdict;
  }
  return may_be_rounding(left, *a, right, *b)
             ? unknown("the units differ, and a side may be rounded")
             : different("the units differ");
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

// The words without articles and punctuation.
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  size_t start = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && (is_letter(text[i]) || is_digit(text[i]) || text[i] == '-')) continue;
    const std::string_view word = text.substr(start, i - start);
    if (!word.empty() && word != "a" && word != "an" && word != "the") words.push_back(word);
    start = i + 1;
  }
  return words;
}

bool contains_words(const std::vector<std::string_view>& text,
                    const std::vector<std::string_view>& part) {
  return !part.empty() &&
         std::search(text.begin(), text.end(), part.begin(), part.end()) != text.end();
}

// Two words of the same letters, all of them common variables: "ab" and "ba".
bool may_be_products(std::string a, std::string b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b && a.size() <= 3 && a.find_first_not_of("abcmnkxyz") == std::string::npos;
}

}  // namespace

mpq_class half_unit(const Number& number) {
  mpz_class power;
  mpz_ui_pow_ui(power.get_mpz_t(), 10, static_cast<unsigned long>(std::abs(number.last_place)));
  return number.last_place < 0 ? mpq_class(1, 2) / power : mpq_class(power, 2);
}

Verdict compare_quantities(const Value& left, const Value& right, ExprBudget& budget) {
  const Verdict amounts = compare_amounts(left, right, budget);
  if (left.base != right.base && amounts.equality != Equality::Equal) {
    const Value& based = left.base != 0 ? left : right;
    const Value& other = left.base != 0 ? right : left;
    mpz_class as_decimal;
    const bool is_base_omitted = other.base == 0 && other.kind == ValueKind::Number &&
                                 mpz_set_str(as_decimal.get_mpz_t(), based.text.c_str(), 10) == 0 &&
                                 as_decimal == abs(other.number.value);
    if (is_base_omitted) return unknown("one side may leave out the base");
  }
  const Unit& a = left.unit;
  const Unit& b = right.unit;
  if (a.name == b.name) return amounts;
  if (a.name.empty() || b.name.empty()) {
    if (amounts.equality == Equality::Equal) {
      if (a.is_possible || b.is_possible) return unknown("the letters may be a unit or a product");
      return equal(amounts.proof, "one side has no unit");
    }
    const bool is_angle =
        (a.name == "degree" || b.name == "degree") &&
        (left.kind == ValueKind::Expression || right.kind == ValueKind::Expression);
    return is_angle ? either(compare_angles(left, right, budget), amounts) : amounts;
  }
  if (a.name.starts_with(b.name + "/") || b.name.starts_with(a.name + "/")) {
    return unknown("one side may leave out what it is counted per");
  }
  if (!a.is_known || !b.is_known) {
    return amounts.equality == Equality::Different ? amounts
                                                   : unknown("the units may mean the same");
  }
  return compare_converted(left, right, budget);
}

Verdict compare_moments(const Moment& left, const Moment& right) {
  if (left.is_day_first_open || right.is_day_first_open) {
    Moment a = left;
    Moment b = right;
    a.is_day_first_open = b.is_day_first_open = false;
    const Verdict verdict = compare_moments(a, b);
    if (verdict.equality == Equality::Equal) return verdict;
    std::swap(a.day, a.month);
    Verdict exchanged = compare_moments(a, b);
    exchanged.reading = "day and month exchanged";
    const bool both_open = left.is_day_first_open && right.is_day_first_open;
    if (both_open && exchanged.equality == Equality::Equal) {
      return unknown("day and month may be exchanged");
    }
    return either(verdict, exchanged);
  }
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

Verdict compare_texts(const Value& left, const Value& right) {
  const std::string a = fold_case_and_space(left.text);
  const std::string b = fold_case_and_space(right.text);
  if (a == b) return equal(Proof::Text);
  if (left.is_quoted && right.is_quoted) return different();
  const std::vector<std::string_view> words_a = words_of(a);
  const std::vector<std::string_view> words_b = words_of(b);
  if (words_a == words_b && !words_a.empty()) return equal(Proof::Text, "the same words");
  if (contains_words(words_a, words_b) || contains_words(words_b, words_a)) {
    return unknown("one text is part of the other");
  }
  if (left.is_quoted || right.is_quoted) return different();
  if (words_a.size() == 1 && words_b.size() == 1) {
    const bool is_short_form =
        a.size() >= 3 && b.size() >= 3 && (a.starts_with(b) || b.starts_with(a));
    if (same_calendar_name(a, b)) return equal(Proof::Text, "the same day or month");
    if (is_short_form) return unknown("one word may be the other one shortened");
    return may_be_products(a, b) ? unknown("the words may be products") : different();
  }
  // "two circles" and "three circles": one word decides.
  if (words_a.size() != words_b.size() || words_a.size() > 4) {
    return unknown("only the words could be compared");
  }
  size_t num_different = 0;
  bool is_number = false;
  for (size_t i = 0; i < words_a.size(); ++i) {
    if (words_a[i] == words_b[i]) continue;
    ++num_different;
    is_number = is_number_word(words_a[i]) && is_number_word(words_b[i]);
  }
  return num_different == 1 && is_number ? different()
                                         : unknown("only the words could be compared");
}

bool may_mean_number(std::string_view text) {
  return contains_word(text, is_number_word) || std::any_of(text.begin(), text.end(), is_digit);
}

bool may_mean_truth(std::string_view text) {
  return contains_word(text, is_truth_word);
}

}  // namespace caco
