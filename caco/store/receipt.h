// Receipts: written last, they say that a shard (or a barrier's whole folder) is finished and tie
// its output to the hashes of its input and of everything else it was made from. A receipt matches
// when those hashes agree and the files still are what it says. Measured times live here and
// nowhere else, so that shards of equal input have equal bytes. Plain data and pure functions of
// the disk; thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "caco/base/result.h"
#include "caco/record/reject_reason.h"
#include "caco/store/shard.h"

namespace caco {

// Rejected samples by reason.
using RejectCounts = std::map<RejectReason, int64_t>;

int64_t total_of(const RejectCounts& counts);

// Of one shard of a step: NNNNN.receipt.json.
struct Receipt {
  std::string step;  // label of the step
  int64_t shard = 0;
  std::string input_hash;    // of the input shard's lines, or of the index range of a source
  std::string options_hash;  // of the step's fingerprint
  ShardFile output;          // its lines are the kept samples
  ShardFile rejects;         // num_lines = 0: there is no such file
  RejectCounts rejected;
  double seconds = 0;  // measured, from start to end of the shard
};

// A file that a barrier left in its folder.
struct ReceiptFile {
  std::string name;  // relative to the step's folder
  int64_t num_bytes = 0;
  std::string hash;
};

// Of a barrier's whole folder: receipt.json.
struct StepReceipt {
  std::string step;
  std::string input_hash;  // of all shards of all inputs
  std::string options_hash;
  int64_t num_shards = 0;  // shards that the barrier emitted; each has a Receipt too
  std::vector<ReceiptFile> files;
  double seconds = 0;
};

std::string encode_receipt(const Receipt& receipt);
std::string encode_step_receipt(const StepReceipt& receipt);

// InvalidArgument says what is wrong; the counts must add up. Never throw.
Result<Receipt> decode_receipt(std::string_view text);
Result<StepReceipt> decode_step_receipt(std::string_view text);

// Returns the receipt of a shard as it stands on disk, whether it matches anything or not: nothing
// when it is absent or not readable as a receipt.
std::optional<Receipt> read_receipt(const std::filesystem::path& step_folder, int64_t shard);
std::optional<StepReceipt> read_step_receipt(const std::filesystem::path& step_folder);

// Returns the receipt of a finished shard: nothing when there is none, when its hashes differ from
// these, or when a file is absent or changed.
std::optional<Receipt> find_matching_receipt(const std::filesystem::path& step_folder,
                                             int64_t shard, const std::string& input_hash,
                                             const std::string& options_hash);
std::optional<StepReceipt> find_matching_step_receipt(const std::filesystem::path& step_folder,
                                                      const std::string& input_hash,
                                                      const std::string& options_hash);

// Returns all files below a barrier's folder but its receipt, with their hashes, sorted by name.
Result<std::vector<ReceiptFile>> list_files(const std::filesystem::path& step_folder);

}  // namespace caco
