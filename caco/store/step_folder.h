// Upkeep of step folders: a barrier's folder appears complete or not at all, and what a killed or a
// longer run left behind goes away. Called only by the holder of the run's lock.
#pragma once

#include <cstdint>
#include <filesystem>

#include "caco/base/result.h"
#include "caco/store/run_directory.h"

namespace caco {

// Puts every byte below `temporary` on disk and makes it the step's folder, in place of an earlier
// one. A kill in between leaves the earlier folder, a part of it without a matching receipt, or the
// new one whole.
Status publish_step_folder(const std::filesystem::path& temporary,
                           const std::filesystem::path& step_folder);

// Removes temporary files and folders that a killed process left in the run and its steps.
Status remove_leftovers(const RunDirectory& run);

// Removes the files of shards from `num_shards` on, receipts first.
Status remove_shards_from(const std::filesystem::path& step_folder, int64_t num_shards);

// Removes whatever of the cache belongs to the step, but `keep` (a name inside the cache folder;
// empty = nothing).
Status remove_step_cache(const RunDirectory& run, const std::string& step_folder_name,
                         const std::string& keep);

}  // namespace caco
