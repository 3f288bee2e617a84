// seeds: the problems that a run starts from, out of one or more sources: files of the user's (JSON
// Lines) or the seed families. Sources follow each other in the order of the recipe; every line of
// a file becomes one sample, readable or not.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "caco/base/options.h"
#include "caco/sandbox/sandbox.h"
#include "caco/seeds/seed_line.h"
#include "caco/stages/stage.h"

namespace caco {

// One [[seeds]] table of a recipe.
struct SeedSourceOptions {
  std::string name = "families";  // part of the samples' ids
  std::string kind = "families";  // or "file"
  int64_t count = 0;              // families: how many; file: at most so many lines, 0 = all
  std::string path;               // file
  std::string preset = "plain";   // file: the layout of its lines
  // file: where the parts stand in a line; empty = as in the preset
  std::string question;
  std::string solution;
  std::string program;
  std::string answer;
  std::string id;
  std::string test;
};

void describe(OptionFields& fields, SeedSourceOptions& options);

// Returns the field map of a file source; InvalidArgument when there is no such preset.
Result<FieldMap> field_map_of(const SeedSourceOptions& options);

struct SeedsOptions {
  std::vector<SeedSourceOptions> sources;
  int64_t seed = 0;                       // the recipe's seed: which problems the families make
  std::filesystem::path families_folder;  // where the families are installed
};

// Returns the source. Files are read at the first call of fingerprint(), total() or make(), whose
// Errors are those of SeedReader::open and SeedFamilies::load. `sandbox` runs the families and
// needs the limits of SeedFamilies::sandbox_options; it must outlive the source. Rejections:
// UnreadableSeed, DuplicateSeed.
std::unique_ptr<Source> make_seeds_source(const SeedsOptions& options, Sandbox& sandbox);

}  // namespace caco
