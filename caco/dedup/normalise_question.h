// The normal form of a question for exact comparison: what a copy may change without becoming
// another question is taken out, and nothing that may change the answer is.
#pragma once

#include <string>
#include <string_view>

namespace caco {

// Returns the question in lower case (ASCII), with white space collapsed, typographic quotes and
// dashes made plain, commas in numbers removed ("1,200" = "1200") and the punctuation of sentences
// dropped. Signs that carry value stay: "2.5", "-5", "3/4", "50%", "$5". Linear; thread-safe.
std::string normalise_question(std::string_view question);

}  // namespace caco
