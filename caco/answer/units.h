// Units and other words after a number: "5 km", "12 square inches", "575 students".
//
// Policy. A unit on one side only is no difference ("5 km" = "5"), because questions often name it.
// Two units of the table are compared by their size where unit_scale.h knows it ("1 hour", "60
// minutes"). Two words outside the table may mean the same, so that their verdict is unknown.
// Letters outside \text that may be a unit or a product (`1 m^2`) have both readings; as a unit
// they equal only what has a unit as well.
#pragma once

#include <optional>
#include <string_view>

#include "caco/answer/value.h"

namespace caco {

// Returns the unit that the words after a number stand for, in canonical form, or nothing when they
// are no unit: `2x`, `3m` without a blank and "5 squared" are mathematics. `is_attached`: no blank
// stands between the number and the words. Linear.
std::optional<Unit> parse_unit(std::string_view words, bool is_attached);

// The same, but also with letters that may be a unit or a product: `1 m^2`, "10m".
enum class UnitKind { None, Certain, Possible };
struct ReadUnit {
  UnitKind kind = UnitKind::None;
  Unit unit;
};
ReadUnit read_unit(std::string_view words, bool is_attached);

// Returns the unit of a currency sign at the start of the text and its length, or nothing.
struct CurrencySign {
  std::string_view unit;
  int64_t num_bytes = 0;
};
std::optional<CurrencySign> find_currency_sign(std::string_view text);

// Returns whether a word (lower case) stands for a number or changes one: "five", "dozen", "half",
// "least".
bool is_number_word(std::string_view word);

// Returns the value of "zero" to "twenty", "thirty" ... "ninety", "hundred", "thousand", "million",
// or nothing.
std::optional<int64_t> number_word_value(std::string_view word);

// Returns whether the name (lower case) is a function or constant of mathematics: "sin", "pi".
bool is_math_name(std::string_view name);

}  // namespace caco
