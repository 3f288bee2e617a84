// Program text: takes a program out of a model's reply, and holds the sources of the Python that
// runs inside the sandbox to look at programs (facts) and to bring raw seed programs into unified
// form (unify).
#pragma once

#include <string>
#include <string_view>

#include "caco/base/result.h"
#include "caco/record/sample.h"

namespace caco {

// Returns the program in a model's reply: the first fenced block (``` or ```python) if there is
// one, else the whole reply, trimmed; with one line end at the end. Empty when nothing is left.
std::string extract_program(std::string_view reply);

// Returns a short program that, run in the sandbox (whose interpreters have unify.py as the module
// caco_unify), brings a raw seed program (a plain script, a function
// with asserts, a function with default arguments and a printed call) into unified form: its
// `output` is the unified text, or an empty string when the form is not known.
std::string make_unify_program(std::string_view raw_program, std::string_view question,
                               std::string_view answer);

}  // namespace caco
