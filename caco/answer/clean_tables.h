// What characters outside ASCII and LaTeX commands stand for in clean text.
#pragma once

#include <cstddef>
#include <string_view>

namespace caco {

struct TextReplacement {
  std::string_view to;
  size_t num_bytes = 0;  // replaced
  bool is_found = false;
};

// Returns what the character at the start of the text becomes: a minus sign of Unicode is "-".
TextReplacement find_character(std::string_view text);

// Returns what a command becomes, by its name without the backslash: "dfrac" is "\\frac".
TextReplacement find_command(std::string_view name);

// Whether the braces of a command hold words or a styled answer: \text, \mathrm, \boxed.
bool is_text_command(std::string_view name);

bool is_matrix_environment(std::string_view name);

}  // namespace caco
