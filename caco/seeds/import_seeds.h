// Turns a file of seeds in any known layout into the plain one, as `caco seeds import` does.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "caco/base/result.h"
#include "caco/seeds/seed_line.h"

namespace caco {

struct ImportReport {
  // Refused lines that are named in full; the rest is only counted.
  static constexpr int64_t kMaxNamedRejects = 20;

  int64_t num_read = 0;
  int64_t num_kept = 0;
  std::map<std::string, int64_t> num_rejected;  // by reason, as written in rejects files
  std::vector<std::string> rejects;             // "file:line: what is wrong"
};

// Reads `input` by the field map and writes `output` as JSON Lines with question, solution,
// program, answer and id (empty ones left out), completely or not at all. Bad lines are counted,
// not fatal. Errors: as SeedReader::open and write_file_atomic.
Result<ImportReport> import_seeds(const std::filesystem::path& input, const FieldMap& map,
                                  const std::filesystem::path& output);

}  // namespace caco
