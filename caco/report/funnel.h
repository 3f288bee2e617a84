// The funnel: for every step of a run, how many samples went in, how many were kept, and why the
// others were not. Plain counts in, text out; pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "caco/record/reject_reason.h"

namespace caco {

struct FunnelRow {
  std::string step;  // as in the plan: "08-filter"
  int64_t num_in = 0;
  int64_t num_kept = 0;
  std::vector<std::pair<RejectReason, int64_t>> rejected;  // any order, reasons unique

  int64_t num_rejected() const;
};

// Returns whether every sample that went in is accounted for.
bool adds_up(const FunnelRow& row);

// Returns the rejections with the largest count first: "wrong_answer 12, too_short 3"; empty for
// none.
std::string list_rejections(const FunnelRow& row);

// Returns an aligned table for terminals, one line a step, numbers with grouping blanks.
std::string funnel_text(const std::vector<FunnelRow>& rows);

// Returns the same table in Markdown.
std::string funnel_markdown(const std::vector<FunnelRow>& rows);

// Returns a self-contained SVG picture with one bar a step: what was kept in full colour, what was
// rejected in light colour. Readable on light and dark pages. Steps with no samples are left out.
std::string funnel_svg(const std::vector<FunnelRow>& rows, const std::string& title);

// Returns an integer with a thin separator at every three digits: "12 345".
std::string group_digits(int64_t number);

}  // namespace caco
