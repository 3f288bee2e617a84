// A sample as text for people. Pure functions.
#pragma once

#include <string>

#include "caco/record/sample.h"

namespace caco {

// Returns all filled parts, with headings and wrapped text.
std::string sample_to_text(const Sample& sample, size_t width);

// Returns one line: the beginning of the id, the fate, and what the sample is about.
std::string sample_to_line(const Sample& sample, size_t width);

// Returns an execution alone, as `caco exec` shows it.
std::string execution_to_text(const Execution& execution, size_t width);

}  // namespace caco
