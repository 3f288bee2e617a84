// The weaker rules of extraction, for solutions that do not announce their answer: the letter of an
// option, bold words at the end, the last mathematics, the last number. Each returns a view into
// the text, empty when it finds nothing. All are linear.
#pragma once

#include <string_view>

namespace caco {

// The text itself, when it is one line of mathematics without words: an answer with no work.
std::string_view find_whole_maths(std::string_view text);

// "so the choice is (B)", "option C is correct", "I choose A", "D. It cannot be A". `lower` is the
// text in lower case.
std::string_view find_choice(std::string_view text, std::string_view lower);

// Bold words in the last line, with no number behind them.
std::string_view find_bold(std::string_view text);

// The last delimited mathematics that is more than a name, with no number behind it.
std::string_view find_last_maths(std::string_view text);

// The last number, or the brackets or time of day that it ends.
std::string_view find_last_number(std::string_view text);

// What follows "is" at the end of a text without numbers: "So the day is Monday."; or a text of one
// word.
std::string_view find_last_words(std::string_view text, std::string_view lower);

}  // namespace caco
