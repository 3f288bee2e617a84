// Lists and quoted texts that a worked solution shows, held against the ones that its program has:
// "Sorted: [3, 2, 5]" is wrong where the program's sorted list is [2, 3, 5], though the answer may
// come out right.
//
// A solution may take another way than its program, so a list that the program does not have is no
// fault by itself. It is one when, besides, the program has a list there that the solution does not
// show: then the one stands for the other. The same holds for texts. Known without being shown by
// the program's run: what stands in the question and in the program itself. Lists and texts with
// no more than one item or character decide nothing.
//
// A list of numbers that the solution calls sorted ("Sorted: [2, 3, 5]") must rise or fall, and be
// one of the known or earlier lists in another order, if there are any of that length or longer.
// Pure functions, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caco {

struct LiteralsQuestion {
  std::string_view question;
  std::string_view solution;
  std::string_view program;
  std::string_view output;                // repr of the program's output
  const std::vector<std::string>& trace;  // reprs of the program's intermediate values
};

// Returns what is wrong with the first list or quoted text of the solution that stands for another
// one of the program, or is not sorted as it says; nullopt when there is none.
std::optional<std::string> find_wrong_literal(const LiteralsQuestion& asked);

}  // namespace caco
