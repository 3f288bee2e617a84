// What a LaTeX parser reads that stops at the first symbol it cannot use and drops the rest: the
// habit of SymPy's parse_latex, on which several graders rely ("6, -2" is read as 6, "10\sqrt2" as
// 10). The modes need the same prefixes to give those graders' verdicts.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace caco {

inline constexpr int64_t kMaxPrefixDepth = 40;

struct LatexPrefix {
  int64_t num_bytes = 0;        // 0 when such a parser refuses the text
  bool is_relation = false;     // it holds =, <, > or the like
  std::optional<double> value;  // of a constant; letters, \pi included, are symbols
};

// Returns the part of the text that is read, and its value when it is a real constant. Linear;
// thread-safe.
LatexPrefix read_latex_prefix(std::string_view text);

}  // namespace caco
