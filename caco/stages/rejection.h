// How stages say why a sample is out.
#pragma once

#include <string>
#include <vector>

#include "caco/record/sample.h"

namespace caco {

// A rejection without its step, which the engine fills in.
Rejection reject(RejectReason reason, std::string detail);

// "a, b, c", for a detail that names several inputs.
std::string join_names(const std::vector<std::string>& names);

}  // namespace caco
