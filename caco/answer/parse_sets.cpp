// Sets of real numbers: unions, intersections and differences of intervals, joined inequalities.
#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <utility>

#include "caco/answer/parser.h"
#include "caco/answer/relation.h"

namespace caco {
namespace {

constexpr size_t kMaxSetPieces = 12;

bool is_interval_piece(const Value& value) {
  return value.kind == ValueKind::Interval || value.kind == ValueKind::Set ||
         value.kind == ValueKind::Union || value.kind == ValueKind::Relation ||
         ((value.kind == ValueKind::Tuple || value.kind == ValueKind::List) &&
          value.items.size() == 2);
}

struct SetSign {
  std::string_view text;
  std::optional<Value> (*apply)(const Value&, const Value&);
};
// In the order in which a text is cut: `A \cup B \setminus C` takes C out of both.
constexpr std::array kSetSigns = {
    SetSign{"\\setminus", subtract_sets}, SetSign{"\\backslash", subtract_sets},
    SetSign{"\\cup", unite_sets},         SetSign{" U ", unite_sets},
    SetSign{" union ", unite_sets},       SetSign{"\\cap", intersect_sets}};

// Whether what stands between two signs has another sign outside brackets, so that the order of the
// operations is open: `A \setminus B \cup C`, `A \cup B \cap C`.
bool is_order_open(const SetSign& sign, const Pieces& pieces) {
  const int64_t first = sign.apply == subtract_sets ? 1 : 0;
  return std::any_of(kSetSigns.begin(), kSetSigns.end(), [&](const SetSign& other) {
    if (other.apply == sign.apply) return false;
    return std::any_of(pieces.begin() + first, pieces.end(),
                       [&](std::string_view piece) { return split(piece, other.text).size() > 1; });
  });
}

}  // namespace

// `[0,2)\cup\{3\}`, `[0,2]\cap(1,3)`, `\mathbb{R}\setminus\{0\}`
std::optional<Value> Parser::interval_union(std::string_view text, int64_t depth) {
  for (const SetSign& sign : kSetSigns) {
    const Pieces pieces = split(text, sign.text);
    if (pieces.size() < 2 || pieces.size() > kMaxSetPieces) continue;
    if (is_order_open(sign, pieces)) return std::nullopt;
    std::optional<Value> value;
    for (const std::string_view piece : pieces) {
      const Value item = parse(piece, depth + 1);
      if (context_.is_over_limit || !is_interval_piece(item)) return std::nullopt;
      const std::optional<Value> part = intervals_of(item);
      if (!part.has_value()) return std::nullopt;
      value = value.has_value() ? sign.apply(*value, *part) : part;
      if (!value.has_value()) return std::nullopt;
      value->text.clear();
    }
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
    if (pieces.size() < 2 || pieces.size() > kMaxSetPieces) continue;
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

}  // namespace caco
