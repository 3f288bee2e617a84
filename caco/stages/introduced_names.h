// Whether a question introduces everybody whom it asks about. One that tells of Zoe and Ava and
// then asks "How old is Mia?" has no answer, however well it reads; models that write questions
// lose names this way, and people who copy them too.
//
// A name counts as not introduced when it stands for the first time in a sentence that only asks:
// not the first sentence, ending in a question mark or beginning with a word that asks ("Find",
// "Think of"), and giving nothing: no number, no "if", "when", "suppose" or the like. Weekdays,
// months, holidays, words in capitals only and words right after "Mr." are no names here.
//
// Made for English. Of GSM8K's 7,473 training questions it finds 11, at least six of which do ask
// about somebody new. Pure functions, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace caco {

// Returns the first name that the question asks about without having introduced it.
std::optional<std::string> find_unintroduced_name(std::string_view question);

}  // namespace caco
