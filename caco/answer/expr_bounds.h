// Bounds on magnitudes, in powers of two, that are checked before a ball is computed.
#pragma once

#include <acb.h>

namespace caco {

// Magnitudes (in powers of two) beyond which nothing is computed.
inline constexpr double kMaxPowerBits = 1 << 22;
inline constexpr double kMaxExpArgument = 1 << 22;
inline constexpr double kMaxTrigBits = 2000;
inline constexpr double kMaxGammaArgument = 1 << 16;

// Returns the base-2 logarithm of an upper and of a lower bound of |value|.
double log2_upper(acb_srcptr value);
double log2_lower(acb_srcptr value);

}  // namespace caco
