// The contents of Python string literals.
#pragma once

#include <string>
#include <string_view>

namespace caco {

// Returns what the inside of a literal stands for; escapes that are none stay as they are. Linear.
std::string decode_python_string(std::string_view inside);

}  // namespace caco
