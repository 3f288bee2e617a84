// The conventions of Math-Verify: exact for integers and fractions, decimals rounded to six places,
// constants the same when their difference is below 1e-15, 9% equal to 9 as well as to 0.09, units
// of a list cut off letters attached to numbers, two numbers in brackets an interval, a point or a
// set.
#pragma once

#include <string>
#include <string_view>

namespace caco {

// Returns what that grader decides on two answers, each read as if it stood in dollar signs. The
// symbolic part is our engine's. Not symmetric: a predicted inequality does not equal a gold
// interval.
bool math_verify_equal(std::string_view predicted, std::string_view gold);

// Returns the answer that it finds in a worked solution by its priorities: "final answer is ... I
// hope", the last box, an answer's phrase, the last mathematics in dollars or brackets, the last
// number. Boxes beside each other, which it joins to a list, are not joined here.
std::string math_verify_extract(std::string_view solution);

}  // namespace caco
