// Dates and times of day: "2024-03-05", "March 5, 2024", "5 March", "3:15 PM", "9 a.m.",
// "2024-03-05 15:30:00".
#pragma once

#include <optional>
#include <string_view>

#include "caco/answer/value.h"

namespace caco {

// Returns the date or time that is the whole of the clean text, or nothing. In numeric dates
// such as "3/4/2024" either number may be the month, where both can be.
std::optional<Moment> parse_moment(std::string_view text);

// Returns whether two words (lower case) name the same weekday or month: "friday" and "fri".
// Thread-safe.
bool same_calendar_name(std::string_view left, std::string_view right);

}  // namespace caco
