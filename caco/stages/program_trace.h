// The values that a program assigns on its way: what the steps of a worked solution are held
// against. A program is traced by running another one, in the sandbox, that rewrites and runs it.
// Pure functions, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "caco/base/json.h"
#include "caco/stages/arithmetic.h"

namespace caco {

// What the functions of a program assign outside of loops, in order.
struct ProgramTrace {
  std::vector<Rational> numbers;
  std::vector<std::string> literals;  // Python reprs of strings, lists and tuples
};

// Returns a program that, run in the sandbox, runs `program` and leaves in `output` the list of the
// reprs of its first 64 such values. A list that the program changes afterwards is given as it is
// at the end; long values are left out.
std::string make_trace_program(std::string_view program);

// Returns the trace that a trace program's typed `output` holds. What cannot be read as a value of
// either kind (nan, a text with lone surrogates) is left out.
ProgramTrace parse_trace(const Json& output);

}  // namespace caco
