// The one parser of answers: plain text, LaTeX and Python values (`repr`). It consumes its whole
// input; what it does not understand becomes Text (words) or Symbolic, never a guess from a prefix.
// Nothing is evaluated.
#pragma once

#include <string_view>

#include "caco/answer/clean_text.h"
#include "caco/answer/value.h"

namespace caco {

// Returns all readings of a clean answer. Pure; thread-safe; bounded by limits.h.
Readings parse_answer(const CleanText& clean);

// Returns the readings of raw text: clean_answer, then parse_answer.
Readings parse_answer(std::string_view raw);

}  // namespace caco
