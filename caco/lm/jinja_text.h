// Python's methods of str on marked texts; see jinja_methods.h. Pure, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/jinja_value.h"

namespace caco::lm {

enum class StripSide { Left, Right, Both };

// Returns the text without the characters of `characters` at its ends; white space when null.
MarkedText strip_text(const MarkedText& text, StripSide side, const std::string* characters);

// Returns the parts between separators; at runs of white space when `separator` is null. At most
// `most` cuts are made, from the left; any number when negative. REQUIRES: *separator not empty.
std::vector<MarkedText> split_text(const MarkedText& text, const std::string* separator,
                                   int64_t most);

// Replaces up to `most` occurrences; all when negative.
MarkedText replace_text(const MarkedText& text, const std::string& old_part,
                        const MarkedText& new_part, int64_t most);

enum class LetterCase { Upper, Lower, Capitalize, Title };

// Changes the case of ASCII letters. InvalidArgument: a character outside ASCII.
Result<MarkedText> change_case(const MarkedText& text, LetterCase letter_case);

// Returns where each character begins, and the end.
std::vector<size_t> character_borders(std::string_view text);

}  // namespace caco::lm
