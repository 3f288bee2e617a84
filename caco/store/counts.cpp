#include "caco/store/counts.h"

#include "caco/base/file.h"
#include "caco/base/hash.h"

namespace caco {
namespace {

StepCounts read_step_counts(const RunDirectory& run, const std::string& folder) {
  StepCounts counts;
  counts.folder = folder;
  const std::optional<StepName> name = parse_step_folder_name(folder);
  counts.label = name ? step_label(*name) : folder;
  const std::filesystem::path path = run.step(folder);
  const Result<std::string> fingerprint = read_file(fingerprint_path(path));
  const std::string options_hash = fingerprint.ok() ? hash_hex(fingerprint.value()) : "";
  while (const std::optional<Receipt> receipt = read_receipt(path, counts.num_shards)) {
    ++counts.num_shards;
    if (receipt->options_hash != options_hash) ++counts.num_stale_shards;
    counts.num_kept += receipt->output.num_lines;
    counts.seconds += receipt->seconds;
    for (const auto& [reason, count] : receipt->rejected)
      counts.rejected[reason] += count;
  }
  if (const std::optional<StepReceipt> receipt = read_step_receipt(path)) {
    counts.is_barrier_done = true;
    counts.seconds = receipt->seconds;
  }
  return counts;
}

}  // namespace

std::vector<StepCounts> read_counts(const RunDirectory& run,
                                    const std::vector<std::string>& folders) {
  std::vector<StepCounts> all;
  all.reserve(folders.size());
  for (const std::string& folder : folders)
    all.push_back(read_step_counts(run, folder));
  return all;
}

}  // namespace caco
