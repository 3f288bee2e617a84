// Numbers in English words: "one hundred and twenty-three", "two-thirds", "three and a half", "five
// percent", "a dozen".
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "caco/answer/number.h"

namespace caco {

struct WordNumber {
  Number number;
  size_t num_bytes = 0;     // of the text that the words take
  bool is_percent = false;  // "percent" followed; the value is the share already
};

// Returns the number that the text starts with, in words of small or capital letters, or nothing.
// The words end at the first one that does not go on with the number: "five apples" takes "five".
// "a", "an" and "half" alone are no number. Linear; thread-safe.
std::optional<WordNumber> read_number_words(std::string_view text);

}  // namespace caco
