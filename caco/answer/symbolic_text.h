// The normal text of an expression that is not decided by value: two expressions with the same
// normal text are equal. Different normal texts say nothing.
#pragma once

#include <string>
#include <string_view>

namespace caco {

// Returns the normal text: blanks only where they part letters or digits, `**` as `^`, no product
// sign before a letter or bracket, braces as brackets, arguments of \frac and \sqrt in brackets,
// function names as commands. Linear.
std::string normal_symbolic_text(std::string_view clean);

}  // namespace caco
