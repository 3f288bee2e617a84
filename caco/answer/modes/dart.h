// The conventions of the evaluator of DART-Math (Tong et al. 2024): texts normalised by removals,
// numbers within 1e-9, a hundredth or hundredfold accepted between 0 and 100, brackets of lists
// ignored, "no" and "yes" found anywhere in a text.
#pragma once

#include <string>
#include <string_view>

namespace caco {

// Returns the text after that evaluator's replacements.
std::string dart_normal_text(std::string_view answer);

// Returns what that evaluator decides. What it asks SymPy is decided by our engine on the prefix
// that SymPy's LaTeX parser would keep; a failure of its parsers counts as different.
bool dart_equal(std::string_view predicted, std::string_view reference);

// Returns the answer that it finds in a worked solution, normalised.
std::string dart_extract(std::string_view solution);

}  // namespace caco
