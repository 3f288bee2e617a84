#include "caco/cli/find_sample.h"

#include <fmt/format.h>

#include <algorithm>

#include "caco/store/manifest.h"
#include "caco/store/shard.h"

namespace caco {
namespace {

constexpr size_t kMaxIdsShown = 5;

bool is_id_text(const std::string& id) {
  return !id.empty() && id.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// Calls visit for each line of the shards (or rejects files) of a step, until it returns false.
Status for_each_line(const RunDirectory& run, const std::string& folder, bool is_rejected,
                     const std::function<Result<bool>(const std::string&)>& visit) {
  const std::filesystem::path step = run.step(folder);
  const int64_t num_shards = count_receipts(step);
  for (int64_t shard = 0; shard < num_shards; ++shard) {
    const std::filesystem::path path =
        is_rejected ? rejects_path(step, shard) : shard_path(step, shard);
    std::error_code ignored;
    if (is_rejected && !std::filesystem::exists(path, ignored)) continue;
    ShardReader reader = TRY(ShardReader::open(path));
    std::string line;
    while (TRY(reader.next(line))) {
      if (!TRY(visit(line))) return {};
    }
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> read_step_folders(const RunDirectory& run) {
  const Manifest manifest = TRY(read_manifest(run));
  return manifest.steps;
}

Result<std::vector<Sighting>> find_sample(const RunDirectory& run,
                                          const std::vector<std::string>& folders,
                                          const std::string& id) {
  if (!is_id_text(id)) {
    return Error{ErrorCode::InvalidArgument, "not the id of a sample: " + id,
                 "ids are 32 hexadecimal digits; the first few are enough"};
  }
  // Cheap and exact enough to leave most lines undecoded; the decoded id decides.
  const std::string wanted = "\"id\":\"" + id;
  std::vector<Sighting> sightings;
  std::vector<std::string> ids;
  for (const std::string& folder : folders) {
    for (const bool is_rejected : {false, true}) {
      const auto look = [&](const std::string& line) -> Result<bool> {
        if (line.find(wanted) == std::string::npos) return true;
        Sample sample = TRY(decode_sample(line));
        if (!sample.id.starts_with(id)) return true;
        if (std::find(ids.begin(), ids.end(), sample.id) == ids.end()) ids.push_back(sample.id);
        sightings.push_back({folder, std::move(sample)});
        return true;
      };
      TRY(for_each_line(run, folder, is_rejected, look));
    }
  }
  if (ids.empty()) {
    return Error{ErrorCode::NotFound,
                 "no sample with this id in " + run.root().string() + ": " + id,
                 "`caco show RUN STEP` lists the samples of a step"};
  }
  if (ids.size() > 1) {
    if (ids.size() > kMaxIdsShown) ids.resize(kMaxIdsShown);
    return Error{ErrorCode::InvalidArgument, "several samples have ids that begin so: " + id,
                 fmt::format("give more of it: {}", fmt::join(ids, ", "))};
  }
  return sightings;
}

Status for_each_sample(const RunDirectory& run, const std::string& folder, bool is_rejected,
                       const std::function<bool(const Sample&)>& visit) {
  return for_each_line(run, folder, is_rejected, [&](const std::string& line) -> Result<bool> {
    const Sample sample = TRY(decode_sample(line));
    return visit(sample);
  });
}

}  // namespace caco
