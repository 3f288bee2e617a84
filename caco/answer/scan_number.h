// Numbers as people, LaTeX and Python write them, with an optional currency sign before and a
// percent sign or unit after: "1,234.50", "-\frac12", "2 3/4", "3.2 \times 10^5", "1e-7", "50%",
// "$5", "5 km". The whole text must be one number, or there is none.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "caco/answer/limits.h"
#include "caco/answer/value.h"

namespace caco {

// What one parse of an answer shares between its numbers.
struct ScanContext {
  bool commas_group = true;     // read "1,234" as one number
  bool saw_grouping = false;    // out: such a comma was read
  bool units_possible = false;  // read the letters of `1 m^2` as a unit
  bool saw_possible = false;    // out: there were such letters
  bool is_over_limit = false;   // out: a number was too large to build
  int64_t bits_left = kMaxAnswerBits;
};

// Returns the number that is the whole of the clean text, or nothing.
std::optional<Value> scan_quantity(std::string_view text, ScanContext& context);

// Returns the quotient as an exact number, or nothing when the denominator is zero.
std::optional<Number> divide(const Number& numerator, const Number& denominator);

}  // namespace caco
