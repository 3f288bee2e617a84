// The conventions of the grader that came with the MATH data set (Hendrycks et al. 2021): texts are
// equal after a few replacements. Also what many harnesses use by default.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace caco {

// Returns the text after the replacements, or nothing where that grader's own code fails, which it
// answers by comparing the texts as they were.
std::optional<std::string> hendrycks_normal_text(std::string_view answer);

// Returns what that grader decides. Symmetric.
bool hendrycks_equal(std::string_view left, std::string_view right);

// Returns the content of the last box, or nothing when there is none or it is not closed.
std::optional<std::string> hendrycks_extract(std::string_view solution);

}  // namespace caco
