// The fuzz target of the seed reader's line parser: whatever the bytes, a line is a seed with a
// question and a solution or program, or it says what is wrong with it.
#pragma once

#include <cstdlib>
#include <string_view>

#include "caco/seeds/line_text.h"
#include "caco/seeds/seed_line.h"

namespace caco {

// Ends the process (abort) when the promise is broken.
inline void fuzz_seed_line(std::string_view bytes) {
  for (const LineSpan& span : find_lines(bytes)) {
    const std::string_view line =
        bytes.substr(static_cast<size_t>(span.offset), static_cast<size_t>(span.length));
    for (const std::string_view preset : {"plain", "gsm8k", "alpaca", "mbpp"}) {
      const SeedLine parsed = parse_seed_line(line, field_map_preset(preset).value());
      const bool is_good = parsed.seed && !parsed.seed->question.empty() &&
                           !(parsed.seed->solution.empty() && parsed.seed->program.empty());
      const bool is_refused = !parsed.seed && !parsed.problem.empty();
      if (is_good == is_refused) std::abort();
    }
  }
}

}  // namespace caco
