// The names and symbols of units, and the words that stand for numbers or belong to mathematics.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace caco {

// Returns the canonical name of a unit by its spelling, in lower case and as written: "kilometer"
// for "km" and "kilometres", "megajoule" for "MJ". Nothing for words outside the tables.
std::optional<std::string> find_unit_name(std::string_view lower, std::string_view written);

}  // namespace caco
