#include "caco/store/run_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <charconv>

#include "caco/base/ascii.h"

namespace caco {
namespace {

constexpr std::string_view kShardEnd = ".jsonl.zst";
constexpr std::string_view kRejectsEnd = ".rejects.jsonl.zst";
constexpr std::string_view kReceiptEnd = ".receipt.json";
constexpr std::string_view kStepReceipt = "receipt.json";
constexpr std::string_view kFingerprint = "fingerprint.txt";

// Reads a whole text of digits with at least `width` of them and no superfluous leading zero.
std::optional<int64_t> parse_padded(std::string_view text, size_t width) {
  if (text.size() < width || text.size() > 18) return std::nullopt;
  if (!std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  if (text.size() > width && text[0] == '0') return std::nullopt;
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

bool is_step_word(std::string_view text) {
  if (text.empty() || text.front() == '-' || text.back() == '-') return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
  });
}

bool is_temporary(std::string_view file) {
  return file.size() > 1 && file.front() == '.' && file.find(".tmp-") != std::string_view::npos;
}

}  // namespace

std::string step_folder_name(const StepName& name) {
  assert(is_step_word(name.step));
  const std::string rest = fmt::format("{:02}-{}", name.number, name.step);
  return name.round == 1 ? rest : fmt::format("r{}-{}", name.round, rest);
}

std::string step_label(const StepName& name) {
  return name.round == 1 ? name.step : fmt::format("r{}-{}", name.round, name.step);
}

std::optional<StepName> parse_step_folder_name(std::string_view folder) {
  StepName name;
  if (folder.size() > 1 && folder[0] == 'r' && is_digit(folder[1])) {
    const size_t dash = folder.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const std::optional<int64_t> round = parse_padded(folder.substr(1, dash - 1), 1);
    if (!round || *round < 2) return std::nullopt;
    name.round = *round;
    folder.remove_prefix(dash + 1);
  }
  const size_t dash = folder.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::optional<int64_t> number = parse_padded(folder.substr(0, dash), 2);
  if (!number || !is_step_word(folder.substr(dash + 1))) return std::nullopt;
  name.number = *number;
  name.step = folder.substr(dash + 1);
  return name;
}

std::string step_file_name(const StepFileName& name) {
  switch (name.kind) {
    case StepFileKind::Shard:
      return fmt::format("{:05}{}", name.shard, kShardEnd);
    case StepFileKind::Rejects:
      return fmt::format("{:05}{}", name.shard, kRejectsEnd);
    case StepFileKind::Receipt:
      return fmt::format("{:05}{}", name.shard, kReceiptEnd);
    case StepFileKind::StepReceipt:
      return std::string(kStepReceipt);
    case StepFileKind::Fingerprint:
      return std::string(kFingerprint);
    case StepFileKind::Temporary:
      break;
  }
  assert(false);  // temporary names are made by base/file.h
  return "";
}

std::optional<StepFileName> parse_step_file_name(std::string_view file) {
  if (file == kStepReceipt) return StepFileName{StepFileKind::StepReceipt, 0};
  if (file == kFingerprint) return StepFileName{StepFileKind::Fingerprint, 0};
  if (is_temporary(file)) return StepFileName{StepFileKind::Temporary, 0};
  // The end of a shard's name is also the end of a rejects file's name, so it comes last.
  const std::pair<std::string_view, StepFileKind> ends[] = {{kRejectsEnd, StepFileKind::Rejects},
                                                            {kReceiptEnd, StepFileKind::Receipt},
                                                            {kShardEnd, StepFileKind::Shard}};
  for (const auto& [end, kind] : ends) {
    if (!file.ends_with(end)) continue;
    const std::optional<int64_t> shard = parse_padded(file.substr(0, file.size() - end.size()), 5);
    if (!shard) return std::nullopt;
    return StepFileName{kind, *shard};
  }
  return std::nullopt;
}

std::filesystem::path RunDirectory::old_manifest(int64_t version) const {
  return root_ / fmt::format("manifest-{:04}.json", version);
}

std::filesystem::path shard_path(const std::filesystem::path& step_folder, int64_t shard) {
  return step_folder / step_file_name({StepFileKind::Shard, shard});
}

std::filesystem::path rejects_path(const std::filesystem::path& step_folder, int64_t shard) {
  return step_folder / step_file_name({StepFileKind::Rejects, shard});
}

std::filesystem::path receipt_path(const std::filesystem::path& step_folder, int64_t shard) {
  return step_folder / step_file_name({StepFileKind::Receipt, shard});
}

std::filesystem::path step_receipt_path(const std::filesystem::path& step_folder) {
  return step_folder / kStepReceipt;
}

std::filesystem::path fingerprint_path(const std::filesystem::path& step_folder) {
  return step_folder / kFingerprint;
}

int64_t count_receipts(const std::filesystem::path& step_folder) {
  int64_t count = 0;
  std::error_code ignored;
  while (std::filesystem::exists(receipt_path(step_folder, count), ignored))
    ++count;
  return count;
}

}  // namespace caco
