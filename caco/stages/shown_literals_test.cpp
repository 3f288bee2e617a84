#include "caco/stages/shown_literals.h"

#include <gtest/gtest.h>

namespace caco {
namespace {

TEST(ShownLiterals, WhatStandsForAnotherIsFound) {
  const struct {
    const char* question;
    const char* solution;
    std::vector<std::string> trace;
    const char* fault;  // must occur in what is found; empty: nothing is found
  } rows[] = {
      {"Sort 5, 2 and 3.", "In order: [2, 3, 5].", {"[2, 3, 5]"}, ""},
      {"Sort 5, 2 and 3.", "In order: [2.0, 3, 5].", {"(2, 3, 5)"}, ""},
      {"Sort 5, 2 and 3.", "In order: [3, 2, 5].", {"[2, 3, 5]"}, "[3, 2, 5] is not what"},
      {"Sort 5, 2 and 3.", "In order: [2, 3].", {"[2, 3, 5]"}, "has, [2, 3, 5]"},
      {"Pair them.", "[[1, 2], [3, 4]]", {"[(1, 2), (3, 4)]"}, ""},
      {"Pair them.", "[[1, 2], [4, 3]]", {"[(1, 2), (3, 4)]"}, "[[1, 2], [4, 3]]"},
      // Shown beside, or known from elsewhere.
      {"Sort 5, 2 and 3.", "First [2, 5, 3], then [2, 3, 5].", {"[2, 3, 5]"}, ""},
      {"Sort [5, 2, 3].", "From [5, 2, 3]: 2, 3, 5.", {"[2, 3, 5]"}, ""},
      {"Sort 5, 2 and 3.", "From [9, 8]: 2, 3, 5.", {"[2, 3, 5]"}, ""},  // of the program's text
      {"Sort 5, 2 and 3.", "The answer is [1, 1].", {"[2, 3, 5]"}, ""},  // its output
      {"Sort 5, 2 and 3.", "In order: [3, 2, 5].", {"5", "'ab'"}, ""},   // no list there
      {"Sort 5, 2 and 3.", "In order: [3, 2, 5].", {}, ""},
      // Too short to decide anything, or not closed.
      {"Sort them.", "See [3]. Open [1, 2", {"[2, 3, 5]"}, ""},
      {"Sort them.", "In order: [3, 2, 5].", {"[2]", "[]"}, ""},
      // What is called sorted.
      {"Is [2, 5, 3] in order?", "Sorted: [2, 3, 5]. [2, 5, 3] is not.", {}, ""},
      {"Is [2, 5, 3] in order?", "The sorted list is [5, 3, 2].", {}, ""},
      {"Is [2, 5, 3] in order?", "Sorted: [2, 5, 3].", {}, "[2, 5, 3] is called sorted"},
      {"Is [2, 5, 3] in order?", "Sorted: [2, 3, 4].", {}, "[2, 3, 4] is called sorted"},
      {"Is [2, 5, 3] in order?", "Sorted: [2, 3].", {}, "[2, 3] is called sorted"},
      {"Sort the digits of 7 * 76.", "Sorted: [2, 3, 5].", {}, ""},
      {"Sort the digits of 7 * 76.", "7 * 76 is [5, 3, 2], sorted: [2, 3, 5].", {}, ""},
      {"Sort the digits of 7 * 76.",
       "7 * 76 is [5, 3, 2], sorted: [2, 3, 3].",
       {},
       "called sorted"},
      {"Sort [\"b\", \"a\"].", "Sorted: [\"b\", \"a\"].", {}, ""},
      {"Is [2, 5, 3] in order?", "Not sorted. [2, 5, 3] is one thing.", {}, ""},
      // Texts.
      {"Join them.", "The word is \"tableham\".", {"'tableham'"}, ""},
      {"Join them.", "The word is \"tabelham\".", {"'tableham'"}, "tabelham is not what"},
      {"Join them.", "The word is tableham, not \"ham\".", {"'tableham'"}, ""},
      {"Take \"ham\".", "The word is \"ham\".", {"'tableham'"}, ""},
      {"Join them.", "He said \"yes.\nNo.", {"'tableham'"}, ""},
  };
  for (const auto& row : rows) {
    const std::optional<std::string> found =
        find_wrong_literal({row.question, row.solution, "x = [9, 8]", "[1, 1]", row.trace});
    EXPECT_EQ(found.has_value(), row.fault[0] != '\0') << row.solution << found.value_or("");
    EXPECT_NE(found.value_or("").find(row.fault), std::string::npos) << *found;
  }
}

}  // namespace
}  // namespace caco
