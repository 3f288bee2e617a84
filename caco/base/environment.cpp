#include "caco/base/environment.h"

#include <cstdlib>

namespace caco {

std::string environment_variable(const std::string& name) {
  const char* const value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): never set
  return value == nullptr ? "" : value;
}

}  // namespace caco
