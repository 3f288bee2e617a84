// Folders for what tests write.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace caco::lm {

// Returns a new, empty folder in place of an older one of this name.
inline std::string fresh_directory(const std::string& name) {
  const std::filesystem::path path =
      std::filesystem::path(testing::TempDir()) / ("caco_lm_test_" + name);
  std::filesystem::remove_all(path);
  std::filesystem::create_directories(path);
  return path.string();
}

}  // namespace caco::lm
