// From the receipts of a run to the rows that reports show. Pure functions; thread-safe.
#pragma once

#include <vector>

#include "caco/base/json.h"
#include "caco/report/funnel.h"
#include "caco/store/counts.h"

namespace caco {

// Returns one row for each step that has samples.
std::vector<FunnelRow> funnel_rows(const std::vector<StepCounts>& counts);

// Returns the same as JSON: [{"step", "in", "kept", "rejected": {reason: count}}...].
Json funnel_to_json(const std::vector<FunnelRow>& rows);

}  // namespace caco
