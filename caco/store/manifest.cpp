#include "caco/store/manifest.h"

#include "caco/base/file.h"
#include "caco/base/json.h"

namespace caco {
namespace {

constexpr int64_t kManifestVersion = 1;

Result<Json> read_array(const Json& object, const std::string& key) {
  const auto found = object.find(key);
  if (found == object.end()) return Json::array();
  if (!found->is_array()) {
    return Error{ErrorCode::InvalidArgument, "not a manifest: \"" + key + "\" is no list", ""};
  }
  return *found;
}

}  // namespace

std::string encode_manifest(const Manifest& manifest) {
  Json json = Json::object();
  json["v"] = kManifestVersion;
  json["caco_version"] = manifest.caco_version;
  json["steps"] = manifest.steps;
  Json seeds = Json::array();
  for (const ManifestFile& file : manifest.seeds)
    seeds.push_back({{"path", file.path}, {"bytes", file.num_bytes}, {"hash", file.hash}});
  json["seeds"] = seeds;
  json["recipe_path"] = manifest.recipe_path;
  json["recipe"] = manifest.recipe;
  return dump_json_pretty(json);
}

Result<Manifest> decode_manifest(std::string_view text) {
  const Json json = TRY(parse_json(text));
  if (!json.is_object() || json.value("v", Json()) != kManifestVersion) {
    return Error{ErrorCode::InvalidArgument, "not a manifest of version 1", ""};
  }
  Manifest manifest;
  manifest.caco_version = TRY(read_string(json, "caco_version"));
  manifest.recipe_path = TRY(read_string(json, "recipe_path"));
  manifest.recipe = TRY(read_string(json, "recipe"));
  const Json steps = TRY(read_array(json, "steps"));
  for (const Json& step : steps) {
    if (!step.is_string()) {
      return Error{ErrorCode::InvalidArgument, "not a manifest: a step is no string", ""};
    }
    manifest.steps.push_back(step.get<std::string>());
  }
  const Json seeds = TRY(read_array(json, "seeds"));
  for (const Json& seed : seeds) {
    if (!seed.is_object()) {
      return Error{ErrorCode::InvalidArgument, "not a manifest: a seed is no object", ""};
    }
    manifest.seeds.push_back({TRY(read_string(seed, "path")), TRY(read_int(seed, "bytes")),
                              TRY(read_string(seed, "hash"))});
  }
  return manifest;
}

Result<Manifest> read_manifest(const RunDirectory& run) {
  const Result<std::string> text = read_file(run.manifest());
  if (!text.ok() && text.error().code == ErrorCode::NotFound) {
    return Error{ErrorCode::NotFound, "not a run directory: " + run.root().string(),
                 "`caco run RECIPE` makes one"};
  }
  if (!text.ok()) return text.error();
  Result<Manifest> manifest = decode_manifest(text.value());
  if (!manifest.ok()) {
    return Error{ErrorCode::DataLoss,
                 "damaged manifest: " + run.manifest().string() + ": " + manifest.error().message,
                 "run the recipe again: it writes a new one"};
  }
  return manifest;
}

Result<bool> update_manifest(const RunDirectory& run, const Manifest& manifest) {
  const std::string text = encode_manifest(manifest);
  const Result<std::string> current = read_file(run.manifest());
  if (current.ok() && current.value() == text) return false;
  if (!current.ok() && current.error().code != ErrorCode::NotFound) return current.error();
  if (current.ok()) {
    int64_t version = 1;
    while (std::filesystem::exists(run.old_manifest(version)))
      ++version;
    // After a kill between these two writes the copy is already there.
    const bool is_kept = version > 1 && read_file(run.old_manifest(version - 1)).ok() &&
                         read_file(run.old_manifest(version - 1)).value() == current.value();
    if (!is_kept) TRY(write_file_atomic(run.old_manifest(version), current.value()));
  }
  TRY(write_file_atomic(run.manifest(), text));
  return true;
}

}  // namespace caco
