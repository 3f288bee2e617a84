// Bounds on the work for one answer. They are checked before any arithmetic, so that no input,
// however hostile, takes more than a few tens of milliseconds or megabytes.
#pragma once

#include <cstdint>

namespace caco {

inline constexpr int64_t kMaxAnswerBytes = 64 * 1024;  // longer answers are not parsed
inline constexpr int64_t kMaxSolutionBytes = 1 << 19;  // extraction looks at the end of longer ones
inline constexpr int64_t kMaxAnswerDepth = 32;         // nesting of brackets
inline constexpr int64_t kMaxAnswerParts = 6000;       // values in one answer
inline constexpr int64_t kMaxParsedBytes = 400 * 1024;  // of an answer, counted at every level
inline constexpr int64_t kMinParsedBytes = 16 * 1024;   // that every answer may take
inline constexpr int64_t kMaxParsesPerByte = 64;        // of short answers: the same, by their size
inline constexpr int64_t kMaxNumberDigits = 20000;      // of one number as written
inline constexpr int64_t kMaxExponent = 10000;          // power of ten of one number
inline constexpr int64_t kMaxAnswerBits = 1 << 20;      // of all numbers of one answer together
inline constexpr int64_t kMaxComparisonWork = 200000;   // comparisons of parts, weighed by size
inline constexpr int64_t kMaxUnorderedItems = 300;      // of lists that are matched in any order
inline constexpr int64_t kMaxSeriesTerms = 3000;        // of the sums over an index in one answer

inline constexpr int64_t kMaxExprBytes = 8 * 1024;  // of one expression
inline constexpr int64_t kMaxExprNodes = 1000;      // of its tree
inline constexpr int64_t kMaxExprDepth = 150;       // of the parser's recursion
inline constexpr int64_t kMaxExprDigits = 4000;     // of one number in an expression
inline constexpr int64_t kMaxExprBits = 1 << 17;    // of one exact value that is computed
inline constexpr int64_t kMaxExprWork = 1 << 19;    // bits of all values computed for one tree
inline constexpr int64_t kMaxExprComparisonWork =
    40000;  // of one pair: node evaluations at 64 bits
inline constexpr int64_t kMaxRoundingWork =
    8000;  // of one answer, for the constants before \approx: the same

}  // namespace caco
