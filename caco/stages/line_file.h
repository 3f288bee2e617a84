// A text file written line by line into a folder that is not published yet (a barrier's workspace):
// for files that may be too large for memory. The folder's publication makes it durable. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "caco/base/result.h"

namespace caco {

class LineFile {
 public:
  // Creates the file; an Error when that cannot be done.
  static Result<LineFile> create(const std::filesystem::path& path);

  // Adds `line` and a line end. ResourceExhausted when it cannot be written.
  Status add(std::string_view line);

  // Flushes and closes; no add() afterwards.
  Status close();

  int64_t num_lines() const { return num_lines_; }

 private:
  LineFile(std::filesystem::path path, std::ofstream stream)
      : path_(std::move(path)), stream_(std::move(stream)) {}

  Error cannot_write() const;

  std::filesystem::path path_;
  std::ofstream stream_;
  int64_t num_lines_ = 0;
};

}  // namespace caco
