// Variables of the process's environment, which Caco reads and never sets.
#pragma once

#include <string>

namespace caco {

// Returns the variable's value; empty when it is not set. Thread-safe as long as no thread sets
// one.
std::string environment_variable(const std::string& name);

}  // namespace caco
