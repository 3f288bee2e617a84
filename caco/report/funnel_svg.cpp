// The picture of the funnel. Colours are set twice, for light pages and, by a media query that
// browsers also apply to images, for dark ones. Only shapes and text: no script, no font, nothing
// loaded.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "caco/report/funnel.h"

namespace caco {
namespace {

constexpr int64_t kWidth = 760;
constexpr int64_t kRowHeight = 26;
constexpr int64_t kBarHeight = 16;
constexpr int64_t kTop = 40;
constexpr int64_t kBarLeft = 170;
constexpr int64_t kBarWidth = 380;
constexpr int64_t kFootHeight = 34;
constexpr double kSmallestBar = 1.5;  // so that a few samples are seen at all

constexpr std::string_view kStyle = R"(<style>
text { font: 13px system-ui, sans-serif; fill: #24292f; }
.title { font-weight: 600; font-size: 15px; }
.note { fill: #57606a; font-size: 12px; }
.kept { fill: #1a7f64; }
.rejected { fill: #c9d1d9; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; }
.note { fill: #9da7b3; }
.kept { fill: #3fb68b; }
.rejected { fill: #444c56; }
}
</style>
)";

std::string escape_xml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

double bar_width(int64_t count, int64_t largest) {
  if (count == 0) return 0;
  const double width =
      static_cast<double>(kBarWidth) * static_cast<double>(count) / static_cast<double>(largest);
  return std::max(width, kSmallestBar);
}

std::string svg_row(const FunnelRow& row, int64_t top, int64_t largest) {
  const double kept = bar_width(row.num_kept, largest);
  const double rejected = bar_width(row.num_rejected(), largest);
  const int64_t baseline = top + kBarHeight - 3;
  std::string text = fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n",
                                 kBarLeft - 10, baseline, escape_xml(row.step));
  const auto rectangle = [&](std::string_view style, double left, double width) {
    if (width == 0) return;
    text +=
        fmt::format("<rect class=\"{}\" x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\"/>\n",
                    style, left, top, width, kBarHeight);
  };
  rectangle("kept", static_cast<double>(kBarLeft), kept);
  rectangle("rejected", static_cast<double>(kBarLeft) + kept, rejected);
  text += fmt::format("<text class=\"note\" x=\"{:.1f}\" y=\"{}\">{} of {}</text>\n",
                      static_cast<double>(kBarLeft) + kept + rejected + 8, baseline,
                      group_digits(row.num_kept), group_digits(row.num_in));
  return text;
}

}  // namespace

std::string funnel_svg(const std::vector<FunnelRow>& rows, const std::string& title) {
  std::vector<FunnelRow> shown;
  int64_t largest = 1;
  for (const FunnelRow& row : rows) {
    const int64_t total = row.num_kept + row.num_rejected();
    if (total == 0) continue;
    shown.push_back(row);
    largest = std::max(largest, total);
  }
  const int64_t bars_end = kTop + static_cast<int64_t>(shown.size()) * kRowHeight;
  const int64_t height = bars_end + kFootHeight;
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" width=\"{}\" height=\"{}\" "
      "role=\"img\" aria-label=\"{}\">\n",
      kWidth, height, kWidth, height, escape_xml(title));
  svg += kStyle;
  svg += fmt::format("<text class=\"title\" x=\"10\" y=\"22\">{}</text>\n", escape_xml(title));
  int64_t top = kTop;
  for (const FunnelRow& row : shown) {
    svg += svg_row(row, top, largest);
    top += kRowHeight;
  }
  const int64_t legend = bars_end + 10;
  svg += fmt::format(
      "<rect class=\"kept\" x=\"{}\" y=\"{}\" width=\"12\" height=\"12\"/>\n"
      "<text class=\"note\" x=\"{}\" y=\"{}\">kept</text>\n"
      "<rect class=\"rejected\" x=\"{}\" y=\"{}\" width=\"12\" height=\"12\"/>\n"
      "<text class=\"note\" x=\"{}\" y=\"{}\">rejected, with a reason</text>\n",
      kBarLeft, legend, kBarLeft + 18, legend + 10, kBarLeft + 70, legend, kBarLeft + 88,
      legend + 10);
  return svg + "</svg>\n";
}

}  // namespace caco
