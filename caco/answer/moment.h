// Dates and times of day: "2024-03-05", "March 5, 2024", "5 March", "3:15 PM", "9 a.m.",
// "2024-03-05 15:30:00".
#pragma once

#include <optional>
#include <string_view>

#include "caco/answer/value.h"

namespace caco {

// Returns the date or time that is the whole of the clean text, or nothing. Numeric dates other
// than ISO 8601's ("3/4/2024") name different days in different countries and are not read.
std::optional<Moment> parse_moment(std::string_view text);

}  // namespace caco
