// Whether a question states what its program computes with: the mechanical half of verifying a
// problem that was written from a program. A question that leaves out an input has no determined
// answer, however well it reads.
//
// A value counts as stated when it stands in the question in one of these forms:
//   numbers   24, 24.0, 1,000, $24, 25% for 0.25, 1/4 for 0.25, "a quarter", words up to twenty and
//             tens ("twenty-four"), "dozen"; -5 also as "minus 5" or "negative 5"
//   strings   the text itself between characters that are not letters or digits, in any case;
//             a date 2024-03-05 also as "March 5, 2024" (its numbers, or the month's name)
//   lists     every item, in order
// Two inputs of the same value need two places in the question. Booleans, None and the empty string
// need no place: they are stated by wording.
//
// What this does not show: that the question asks for what the program computes; that is what the
// agreement of independent solutions shows. Pure functions, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "caco/stages/arithmetic.h"

namespace caco {

// A number in a text. Percentages and fractions can be read in several ways.
struct TextNumber {
  size_t begin = 0;
  size_t end = 0;
  std::vector<Rational> readings;
};

// Returns the numbers of a text in order, those in words included.
std::vector<TextNumber> find_numbers(std::string_view text);

// One scalar of a Python value.
struct Leaf {
  enum class Kind { Number, Text, Exempt };
  Kind kind = Kind::Exempt;
  std::string text;  // digits as written, or the string's characters
};

// Returns the scalars of a Python repr in order: "[1, 'ab', (2.5, True)]" gives 1, ab, 2.5, True.
std::vector<Leaf> leaves_of_repr(std::string_view repr);

// Returns the names of the inputs (name -> repr) that the question does not state, in order.
std::vector<std::string> find_missing_inputs(
    std::string_view question, const std::vector<std::pair<std::string, std::string>>& inputs);

}  // namespace caco
