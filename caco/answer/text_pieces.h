// Cutting clean text at brackets, commas and words.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace caco {

using Pieces = std::vector<std::string_view>;

// Returns whether the name is one of those.
bool is_among(std::span<const std::string_view> names, std::string_view name);

bool is_opener(char c);
bool is_closer(char c);

// Returns the index of the bracket that closes the one at the start, or npos. Kinds may differ, as
// in the interval [1, 2).
size_t find_closer(std::string_view text);

// Cuts at the separator where no bracket is open. Linear.
Pieces split(std::string_view text, std::string_view separator);

// Letters, blanks and the punctuation of words; at least one word that is no name of mathematics.
bool is_words(std::string_view text);

}  // namespace caco
