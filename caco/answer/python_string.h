// The contents of Python string literals.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace caco {

// Returns what the inside of a literal stands for; escapes that are none stay as they are. Linear.
std::string decode_python_string(std::string_view inside);

// Returns LaTeX that was escaped once more on its way (`\\frac12`, as in JSON) as it was written:
// every run of backslashes is even, and one stands before the name of a command. Else nothing.
std::optional<std::string> unescaped(std::string_view text);

}  // namespace caco
