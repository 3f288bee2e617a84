// The manifest: what a run directory was made from. Written when a run starts; when the recipe or a
// seed file has changed since, the earlier manifest is kept beside it as manifest-NNNN.json, so
// that every recipe that ever worked here can be read. Plain data; functions may be called from one
// process at a time (the holder of the run's lock).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "caco/base/result.h"
#include "caco/store/run_directory.h"

namespace caco {

struct ManifestFile {
  std::string path;  // as in the recipe
  int64_t num_bytes = 0;
  std::string hash;
};

struct Manifest {
  std::string caco_version;
  std::string recipe_path;  // as given
  std::string recipe;       // its whole text
  std::vector<ManifestFile> seeds;
  std::vector<std::string> steps;  // folders of the plan, in order
};

std::string encode_manifest(const Manifest& manifest);
Result<Manifest> decode_manifest(std::string_view text);

// NotFound, with what to do, when this is no run directory.
Result<Manifest> read_manifest(const RunDirectory& run);

// Makes `manifest` the current one; the one that it replaces, if another, is kept. Returns whether
// anything was written.
Result<bool> update_manifest(const RunDirectory& run, const Manifest& manifest);

}  // namespace caco
