// The decimal comma of most of Europe: `0,5` is 0.5 and `1.234,5` is 1234.5, beside being a list of
// two.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "caco/answer/value.h"

namespace caco {

struct DecimalPoints {
  std::string text;  // with points for the commas, and no points between groups of digits
  CommaReading commas = CommaReading::None;
};

// Returns clean text with its decimal commas written as points; nothing when a comma stands
// anywhere but between two digits, or there is more than one number with a comma and no semicolon
// that parts them. Linear; thread-safe.
std::optional<DecimalPoints> with_decimal_points(std::string_view text);

// Returns whether a value read so may have decimals at all: `(0.5, 0.7)` only with semicolons.
bool may_have_decimals(const Value& value, std::string_view text);

}  // namespace caco
