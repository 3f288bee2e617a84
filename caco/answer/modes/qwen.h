// The conventions of the grader of Qwen2.5-Math's evaluation, which the paper's filter uses as
// well. Its known wrong acceptances are part of it: a relative tolerance of 1e-4 for integers too,
// a factor of 100 either way, brackets removed before texts are compared, commas and roots without
// braces cut off by the LaTeX parser, the direction of inequalities ignored.
#pragma once

#include <string>
#include <string_view>

namespace caco {

// Returns the text after that grader's replacements: units, text commands, dollar and percent signs
// removed, braces put around the arguments of fractions and roots.
std::string qwen_normal_text(std::string_view answer);

// Returns what that grader decides on two texts as they are. What it asks SymPy is decided by our
// engine on the prefix that SymPy's LaTeX parser would keep. Not symmetric: the right side is the
// reference.
bool qwen_equal(std::string_view predicted, std::string_view reference);

// Returns the answer that it finds in a worked solution, normalised.
std::string qwen_extract(std::string_view solution);

}  // namespace caco
