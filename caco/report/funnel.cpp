#include "caco/report/funnel.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace caco {
namespace {

std::string kept_percent(const FunnelRow& row) {
  if (row.num_in == 0) return "-";
  return fmt::format("{:.1f} %",
                     100.0 * static_cast<double>(row.num_kept) / static_cast<double>(row.num_in));
}

}  // namespace

int64_t FunnelRow::num_rejected() const {
  int64_t total = 0;
  for (const auto& [reason, count] : rejected)
    total += count;
  return total;
}

bool adds_up(const FunnelRow& row) {
  return row.num_in == row.num_kept + row.num_rejected();
}

std::string group_digits(int64_t number) {
  std::string text = std::to_string(number);
  const size_t first = number < 0 ? 1 : 0;
  for (size_t at = text.size(); at > first + 3;) {
    at -= 3;
    text.insert(at, " ");
  }
  return text;
}

std::string list_rejections(const FunnelRow& row) {
  std::vector<std::pair<RejectReason, int64_t>> sorted = row.rejected;
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& left, const auto& right) {
    return left.second != right.second ? left.second > right.second : left.first < right.first;
  });
  std::string text;
  for (const auto& [reason, count] : sorted) {
    if (count == 0) continue;
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {}", to_string(reason), group_digits(count));
  }
  return text;
}

std::string funnel_text(const std::vector<FunnelRow>& rows) {
  using Cells = std::array<std::string, 6>;
  std::vector<Cells> table = {{"step", "in", "kept", "", "rejected", "reasons"}};
  for (const FunnelRow& row : rows) {
    table.push_back({row.step, group_digits(row.num_in), group_digits(row.num_kept),
                     kept_percent(row), group_digits(row.num_rejected()), list_rejections(row)});
  }
  std::array<size_t, 5> widths = {};
  for (const Cells& cells : table) {
    for (size_t i = 0; i < widths.size(); ++i)
      widths[i] = std::max(widths[i], cells[i].size());
  }
  std::string text;
  for (const Cells& cells : table) {
    std::string line = fmt::format("{:<{}}", cells[0], widths[0]);
    for (size_t i = 1; i < widths.size(); ++i)
      line += fmt::format("  {:>{}}", cells[i], widths[i]);
    if (!cells[5].empty()) line += "  " + cells[5];
    text += line + "\n";
  }
  return text;
}

std::string funnel_markdown(const std::vector<FunnelRow>& rows) {
  std::string text = "| step | in | kept | | rejected | reasons |\n|---|---:|---:|---:|---:|---|\n";
  for (const FunnelRow& row : rows) {
    text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", row.step, group_digits(row.num_in),
                        group_digits(row.num_kept), kept_percent(row),
                        group_digits(row.num_rejected()), list_rejections(row));
  }
  return text;
}

}  // namespace caco
