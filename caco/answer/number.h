// Number: an exact rational (GMP) and how it was written, which decides what a rounding of it may
// equal.
#pragma once

#include <gmpxx.h>

#include <cstdint>

namespace caco {

struct Number {
  mpq_class value;
  bool is_decimal = false;      // written with a point or an exponent: it may be a rounding
  int64_t last_place = 0;       // power of ten of the last digit given: -2 for 3.14
  int64_t num_significant = 0;  // digits given without leading zeros
};

}  // namespace caco
