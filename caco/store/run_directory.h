// The names of a run directory, built and parsed in this one place.
//
//   runs/NAME/
//     manifest.json  manifest-0001.json   the recipe as it was run, and earlier ones
//     lock                                held while a process works here
//     02-unify/  r2-06-generate/          one folder a step; later rounds carry a prefix
//       00007.jsonl.zst                   kept samples of shard 7
//       00007.rejects.jsonl.zst           rejected ones; absent when there are none
//       00007.receipt.json                written last: shard 7 is finished
//       receipt.json                      written last by a barrier: the whole step is finished
//       fingerprint.txt                   what the step's result depends on besides its input
//     cache/05-train-generator-HASH/      work in progress of a barrier, survives a kill
//     journal/ROLE.jsonl                  replies of models
//
// Immutable; thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace caco {

// A step's place in the plan: "04-filter-seeds" is number 4 of round 1.
struct StepName {
  int64_t round = 1;
  int64_t number = 0;
  std::string step;  // lower-case words joined by "-"
};

// Returns "04-filter-seeds", or "r2-08-filter" for later rounds.
std::string step_folder_name(const StepName& name);

// Returns the name without its number, as reports and rejections show it: "filter-seeds",
// "r2-filter".
std::string step_label(const StepName& name);

// The inverse of step_folder_name; nothing for other folders.
std::optional<StepName> parse_step_folder_name(std::string_view folder);

enum class StepFileKind { Shard, Rejects, Receipt, StepReceipt, Fingerprint, Temporary };

struct StepFileName {
  StepFileKind kind = StepFileKind::Shard;
  int64_t shard = 0;  // 0 for kinds that belong to the whole step
};

// Returns the file's name inside its step folder. REQUIRES: the kind is not Temporary.
std::string step_file_name(const StepFileName& name);

// The inverse of step_file_name, which also knows the temporary files of base/file.h; nothing for
// other files (a barrier's own).
std::optional<StepFileName> parse_step_file_name(std::string_view file);

class RunDirectory {
 public:
  explicit RunDirectory(std::filesystem::path root) : root_(std::move(root)) {}

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path manifest() const { return root_ / "manifest.json"; }
  // The `version`-th replaced manifest, from 1.
  std::filesystem::path old_manifest(int64_t version) const;
  std::filesystem::path lock() const { return root_ / "lock"; }
  std::filesystem::path journal_folder() const { return root_ / "journal"; }
  std::filesystem::path cache_folder() const { return root_ / "cache"; }
  std::filesystem::path step(const std::string& folder) const { return root_ / folder; }

 private:
  std::filesystem::path root_;
};

// Paths inside a step's folder (also inside a barrier's temporary one).
std::filesystem::path shard_path(const std::filesystem::path& step_folder, int64_t shard);
std::filesystem::path rejects_path(const std::filesystem::path& step_folder, int64_t shard);
std::filesystem::path receipt_path(const std::filesystem::path& step_folder, int64_t shard);
std::filesystem::path step_receipt_path(const std::filesystem::path& step_folder);
std::filesystem::path fingerprint_path(const std::filesystem::path& step_folder);

// Returns the number of consecutive shards from 0 that have a receipt.
int64_t count_receipts(const std::filesystem::path& step_folder);

}  // namespace caco
