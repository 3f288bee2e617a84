// Bounds on the work for one answer. They are checked before any arithmetic, so that no input,
// however hostile, takes more than a few tens of milliseconds or megabytes.
#pragma once

#include <cstdint>

namespace caco {

inline constexpr int64_t kMaxAnswerBytes = 64 * 1024;  // longer answers are not parsed
inline constexpr int64_t kMaxSolutionBytes = 1 << 20;  // extraction looks at the end of longer ones
inline constexpr int64_t kMaxAnswerDepth = 32;         // nesting of brackets
inline constexpr int64_t kMaxAnswerParts = 20000;      // values in one answer
inline constexpr int64_t kMaxNumberDigits = 20000;     // of one number as written
inline constexpr int64_t kMaxExponent = 10000;         // power of ten of one number
inline constexpr int64_t kMaxAnswerBits = 1 << 20;     // of all numbers of one answer together
inline constexpr int64_t kMaxComparisonWork = 300000;  // comparisons of parts, weighed by size
inline constexpr int64_t kMaxUnorderedItems = 300;     // of lists that are matched in any order

}  // namespace caco
