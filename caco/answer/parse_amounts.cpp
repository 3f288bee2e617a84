// Amounts in words ("twenty-one", "five percent", "five apples"), amounts in parts ("2 hours 30
// minutes"), and ratios.
#include <algorithm>
#include <array>
#include <utility>

#include "caco/answer/number_words.h"
#include "caco/answer/parser.h"
#include "caco/answer/symbolic_text.h"
#include "caco/answer/unit_scale.h"
#include "caco/answer/units.h"

namespace caco {
namespace {

constexpr size_t kMaxWordAmountBytes = 120;
constexpr size_t kMaxCompoundBytes = 80;
constexpr size_t kMaxCompoundParts = 4;
constexpr size_t kMaxRatioTerms = 8;
constexpr size_t kMaxRatioBytes = 400;

bool is_term(const Value& value) {
  return (value.kind == ValueKind::Number || value.kind == ValueKind::Expression) &&
         value.unit.name.empty();
}

bool is_whole_number(std::string_view text) {
  return !text.empty() && text.size() <= 6 && std::all_of(text.begin(), text.end(), is_digit);
}

// "3 to 4" and `3\text{ to }4` are ratios when both are whole numbers.
Pieces split_by_to(std::string_view text) {
  for (const std::string_view word : {" to ", "\ato\a", "\a to \a"}) {
    Pieces pieces = split(text, word);
    if (pieces.size() == 2 && is_whole_number(trim(pieces[0])) &&
        is_whole_number(trim(pieces[1]))) {
      return pieces;
    }
  }
  return {};
}

// In `x: 5` the colon follows a label.
bool is_label(std::string_view before, std::string_view after) {
  return !before.empty() && !is_space(before.back()) && !after.empty() && is_space(after.front()) &&
         std::any_of(before.begin(), before.end(), is_letter) &&
         before.find('\\') == std::string_view::npos;
}

// `a:b`, `V_{1}:V_{2}`: digits stand in indices only.
bool is_ratio_of_names(std::string_view text) {
  const Pieces names = split(text, ":");
  const auto is_empty = [](std::string_view name) {
    return trim(name).empty();
  };
  if (names.size() < 2 || std::any_of(names.begin(), names.end(), is_empty)) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (std::string_view("<>=").find(text[i]) != std::string_view::npos) return false;
    if (!is_digit(text[i])) continue;
    const size_t before = text.find_last_not_of("0123456789{", i);
    if (before == std::string_view::npos || text[before] != '_') return false;
  }
  return true;
}

}  // namespace

std::optional<Value> Parser::number_words(std::string_view text, int64_t) {
  const size_t first = text.find_first_not_of(kTextEdge);
  if (first == std::string_view::npos || !is_ascii_letter(text[first]) ||
      text.size() > kMaxWordAmountBytes) {
    return std::nullopt;
  }
  const std::string_view words = text.substr(first);
  const std::optional<WordNumber> read = read_number_words(words);
  if (!read.has_value()) return std::nullopt;
  Value value = simple_value(ValueKind::Number);
  value.number = read->number;
  value.text = words;
  const std::string_view rest = trim(words.substr(read->num_bytes));
  if (rest.empty()) return value;
  // "five apples": few words behind, so that no sentence is taken for an amount.
  if (std::count(rest.begin(), rest.end(), ' ') > 1 || !is_ascii_letter(rest.front())) {
    return std::nullopt;
  }
  std::optional<Unit> unit = parse_unit(rest, /*is_attached=*/false);
  if (!unit.has_value()) return std::nullopt;
  if (!read->is_percent) value.unit = std::move(*unit);
  return value;
}

// "2 hours 30 minutes", "1 hour and 15 minutes", "5 ft 6 in": falling units of one quantity. The
// sum is given in the last unit.
std::optional<Value> Parser::compound(std::string_view text, int64_t) {
  if (text.size() > kMaxCompoundBytes || !is_digit(text.front())) return std::nullopt;
  Pieces parts;
  size_t start = 0;
  for (size_t i = 1; i < text.size(); ++i) {
    const bool starts_part = is_digit(text[i]) && is_space(text[i - 1]) &&
                             !is_digit(text[text.find_last_not_of(" \a", i - 1)]);
    if (!starts_part) continue;
    std::string_view part = trim(text.substr(start, i - start));
    for (const std::string_view word : {"and", ",", "&"}) {
      if (part.ends_with(word)) part = trim(part.substr(0, part.size() - word.size()));
    }
    parts.push_back(part);
    start = i;
  }
  parts.push_back(text.substr(start));
  if (parts.size() < 2 || parts.size() > kMaxCompoundParts) return std::nullopt;
  mpq_class sum = 0;
  std::optional<UnitScale> last;
  Value value = simple_value(ValueKind::Number);
  for (const std::string_view part : parts) {
    ScanContext context;
    context.units_possible = true;
    const std::optional<Value> amount = scan_quantity(part, context);
    if (!amount.has_value() || amount->unit.name.empty()) return std::nullopt;
    const std::optional<UnitScale> scale = unit_scale(amount->unit);
    const bool is_falling = scale.has_value() &&
                            (!last.has_value() ||
                             (scale->dimension == last->dimension && scale->factor < last->factor));
    if (!is_falling) return std::nullopt;
    sum += amount->number.value * scale->factor;
    last = scale;
    value.unit = amount->unit;
    value.unit.is_possible = false;
  }
  value.number.value = sum / last->factor;
  return value;
}

// `3:4`, `1 : \sqrt{3} : 2`, "3 to 4", `a:b = 3:4`.
std::optional<Value> Parser::ratio(std::string_view text, int64_t depth) {
  if (text.size() > kMaxRatioBytes) return std::nullopt;
  Pieces terms = split(text, ":");
  if (terms.size() < 2) terms = split_by_to(text);
  if (terms.size() < 2 || terms.size() > kMaxRatioTerms) return std::nullopt;
  if (const size_t sign = text.find('='); sign != std::string_view::npos) {
    const std::string_view names = text.substr(0, sign);
    if (!is_ratio_of_names(names)) return std::nullopt;
    Value named = parse(text.substr(sign + 1), depth + 1);
    if (named.kind != ValueKind::Ratio && named.kind != ValueKind::Moment && !is_term(named)) {
      return std::nullopt;
    }
    Value value = simple_value(ValueKind::Assignment);
    value.text = normal_symbolic_text(names);
    value.items.push_back(std::move(named));
    return value;
  }
  if (is_label(terms[0], terms[1])) return std::nullopt;
  Value value = simple_value(ValueKind::Ratio);
  for (const std::string_view term : terms) {
    value.items.push_back(parse(term, depth + 1));
    if (!is_term(value.items.back())) return std::nullopt;
  }
  return value;
}

}  // namespace caco
