#include "caco/store/receipt.h"

#include <algorithm>

#include "caco/base/file.h"
#include "caco/base/json.h"
#include "caco/store/run_directory.h"

namespace caco {
namespace {

constexpr int64_t kReceiptVersion = 1;

Json file_to_json(const ShardFile& file) {
  Json json = Json::object();
  json["samples"] = file.num_lines;
  json["content"] = file.content_hash;
  json["file"] = file.file_hash;
  json["bytes"] = file.num_bytes;
  return json;
}

Result<Json> member(const Json& object, const std::string& key) {
  const auto found = object.find(key);
  if (found == object.end()) {
    return Error{ErrorCode::InvalidArgument, "not a receipt: no \"" + key + "\"", ""};
  }
  return *found;
}

Result<ShardFile> read_shard_file(const Json& object, const std::string& key) {
  const Json json = TRY(member(object, key));
  if (!json.is_object()) {
    return Error{ErrorCode::InvalidArgument, "not a receipt: a file is no object", ""};
  }
  ShardFile file;
  file.num_lines = TRY(read_int(json, "samples"));
  file.content_hash = TRY(read_string(json, "content"));
  file.file_hash = TRY(read_string(json, "file"));
  file.num_bytes = TRY(read_int(json, "bytes"));
  return file;
}

Result<Json> parse_versioned(std::string_view text) {
  Json json = TRY(parse_json(text));
  if (!json.is_object() || json.value("v", Json()) != kReceiptVersion) {
    return Error{ErrorCode::InvalidArgument, "not a receipt of version 1", ""};
  }
  return json;
}

bool is_file_unchanged(const std::filesystem::path& path, int64_t num_bytes,
                       const std::string& hash) {
  std::error_code problem;
  const auto size = std::filesystem::file_size(path, problem);
  if (problem || static_cast<int64_t>(size) != num_bytes) return false;
  const Result<FileDigest> digest = digest_file(path);
  return digest.ok() && digest.value().hash == hash;
}

bool is_present(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

}  // namespace

int64_t total_of(const RejectCounts& counts) {
  int64_t total = 0;
  for (const auto& [reason, count] : counts)
    total += count;
  return total;
}

std::string encode_receipt(const Receipt& receipt) {
  Json json = Json::object();
  json["v"] = kReceiptVersion;
  json["step"] = receipt.step;
  json["shard"] = receipt.shard;
  json["input"] = receipt.input_hash;
  json["options"] = receipt.options_hash;
  json["kept"] = file_to_json(receipt.output);
  json["rejects"] = file_to_json(receipt.rejects);
  Json reasons = Json::object();
  for (const auto& [reason, count] : receipt.rejected)
    reasons[std::string(to_string(reason))] = count;
  json["rejected"] = reasons;
  json["seconds"] = receipt.seconds;
  return dump_json_pretty(json);
}

std::string encode_step_receipt(const StepReceipt& receipt) {
  Json json = Json::object();
  json["v"] = kReceiptVersion;
  json["step"] = receipt.step;
  json["input"] = receipt.input_hash;
  json["options"] = receipt.options_hash;
  json["shards"] = receipt.num_shards;
  Json files = Json::array();
  for (const ReceiptFile& file : receipt.files)
    files.push_back({{"name", file.name}, {"bytes", file.num_bytes}, {"hash", file.hash}});
  json["files"] = files;
  json["seconds"] = receipt.seconds;
  return dump_json_pretty(json);
}

Result<Receipt> decode_receipt(std::string_view text) {
  const Json json = TRY(parse_versioned(text));
  Receipt receipt;
  receipt.step = TRY(read_string(json, "step"));
  receipt.shard = TRY(read_int(json, "shard"));
  receipt.input_hash = TRY(read_string(json, "input"));
  receipt.options_hash = TRY(read_string(json, "options"));
  receipt.output = TRY(read_shard_file(json, "kept"));
  receipt.rejects = TRY(read_shard_file(json, "rejects"));
  receipt.seconds = TRY(read_double(json, "seconds"));
  const Json reasons = TRY(member(json, "rejected"));
  for (const auto& [name, count] : reasons.items()) {
    const std::optional<RejectReason> reason = reject_reason_from_string(name);
    if (!reason || !count.is_number_integer()) {
      return Error{ErrorCode::InvalidArgument, "not a receipt: unknown reason: " + name, ""};
    }
    receipt.rejected[*reason] = count.get<int64_t>();
  }
  if (total_of(receipt.rejected) != receipt.rejects.num_lines) {
    return Error{ErrorCode::InvalidArgument, "not a receipt: its counts do not add up", ""};
  }
  return receipt;
}

Result<StepReceipt> decode_step_receipt(std::string_view text) {
  const Json json = TRY(parse_versioned(text));
  StepReceipt receipt;
  receipt.step = TRY(read_string(json, "step"));
  receipt.input_hash = TRY(read_string(json, "input"));
  receipt.options_hash = TRY(read_string(json, "options"));
  receipt.num_shards = TRY(read_int(json, "shards"));
  receipt.seconds = TRY(read_double(json, "seconds"));
  const Json files = TRY(member(json, "files"));
  for (const Json& file : files) {
    if (!file.is_object()) {
      return Error{ErrorCode::InvalidArgument, "not a receipt: a file is no object", ""};
    }
    receipt.files.push_back({TRY(read_string(file, "name")), TRY(read_int(file, "bytes")),
                             TRY(read_string(file, "hash"))});
  }
  return receipt;
}

std::optional<Receipt> read_receipt(const std::filesystem::path& step_folder, int64_t shard) {
  const Result<std::string> text = read_file(receipt_path(step_folder, shard));
  if (!text.ok()) return std::nullopt;
  Result<Receipt> receipt = decode_receipt(text.value());
  if (!receipt.ok()) return std::nullopt;
  return std::move(receipt).value();
}

std::optional<StepReceipt> read_step_receipt(const std::filesystem::path& step_folder) {
  const Result<std::string> text = read_file(step_receipt_path(step_folder));
  if (!text.ok()) return std::nullopt;
  Result<StepReceipt> receipt = decode_step_receipt(text.value());
  if (!receipt.ok()) return std::nullopt;
  return std::move(receipt).value();
}

std::optional<Receipt> find_matching_receipt(const std::filesystem::path& step_folder,
                                             int64_t shard, const std::string& input_hash,
                                             const std::string& options_hash) {
  std::optional<Receipt> receipt = read_receipt(step_folder, shard);
  if (!receipt || receipt->shard != shard) return std::nullopt;
  if (receipt->input_hash != input_hash || receipt->options_hash != options_hash)
    return std::nullopt;
  if (!is_file_unchanged(shard_path(step_folder, shard), receipt->output.num_bytes,
                         receipt->output.file_hash)) {
    return std::nullopt;
  }
  const std::filesystem::path rejects = rejects_path(step_folder, shard);
  const bool is_rejects_file_right =
      receipt->rejects.num_lines == 0
          ? !is_present(rejects)
          : is_file_unchanged(rejects, receipt->rejects.num_bytes, receipt->rejects.file_hash);
  if (!is_rejects_file_right) return std::nullopt;
  return receipt;
}

std::optional<StepReceipt> find_matching_step_receipt(const std::filesystem::path& step_folder,
                                                      const std::string& input_hash,
                                                      const std::string& options_hash) {
  std::optional<StepReceipt> receipt = read_step_receipt(step_folder);
  if (!receipt) return std::nullopt;
  if (receipt->input_hash != input_hash || receipt->options_hash != options_hash)
    return std::nullopt;
  for (const ReceiptFile& file : receipt->files) {
    if (!is_file_unchanged(step_folder / file.name, file.num_bytes, file.hash)) return std::nullopt;
  }
  return receipt;
}

Result<std::vector<ReceiptFile>> list_files(const std::filesystem::path& step_folder) {
  std::vector<ReceiptFile> files;
  std::error_code problem;
  std::filesystem::recursive_directory_iterator entry(step_folder, problem);
  const std::filesystem::recursive_directory_iterator end;
  for (; !problem && entry != end; entry.increment(problem)) {
    if (!entry->is_regular_file()) continue;
    const std::string name = entry->path().lexically_relative(step_folder).string();
    if (name == step_receipt_path("").string()) continue;
    const FileDigest digest = TRY(digest_file(entry->path()));
    files.push_back({name, digest.num_bytes, digest.hash});
  }
  if (problem) {
    return Error{ErrorCode::Internal,
                 "cannot list folder: " + step_folder.string() + ": " + problem.message(), ""};
  }
  std::sort(files.begin(), files.end(),
            [](const ReceiptFile& a, const ReceiptFile& b) { return a.name < b.name; });
  return files;
}

}  // namespace caco
