// Where tests find real seeds and benchmarks, which are not part of the repository.
#pragma once

#include <filesystem>
#include <string>

#include "caco/base/environment.h"

namespace caco {

// Returns the folder that CACO_TEST_DATA names, or the one beside the source folder. It may be
// absent: tests that need it are then skipped, with a message.
inline std::filesystem::path test_data_folder() {
  const std::string named = environment_variable("CACO_TEST_DATA");
  if (!named.empty()) return named;
  return std::filesystem::path(CACO_SOURCE_DIR) / "../shared/data";
}

}  // namespace caco
