// Units of measurement as multiples of base units, for conversion: kilometers to meters, miles per
// hour to meters per second, hours to seconds.
#pragma once

#include <gmpxx.h>

#include <optional>
#include <string>

#include "caco/answer/value.h"

namespace caco {

struct UnitScale {
  mpq_class factor;       // of the base unit: 1000 for kilometers
  std::string dimension;  // the base units in order with their powers: "length^1 time^-1"
};

// Returns the scale of a unit by its canonical name (units.h), or nothing when a word of it is no
// unit of measurement, or its scale has an offset (Celsius) or no agreed size (ton, kilobyte).
std::optional<UnitScale> unit_scale(const Unit& unit);

}  // namespace caco
