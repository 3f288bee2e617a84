#include "caco/pipeline/funnel_rows.h"

namespace caco {

std::vector<FunnelRow> funnel_rows(const std::vector<StepCounts>& counts) {
  std::vector<FunnelRow> rows;
  for (const StepCounts& step : counts) {
    if (step.num_shards == 0) continue;
    FunnelRow row;
    row.step = step.folder;
    row.num_in = step.num_kept + step.num_rejected();
    row.num_kept = step.num_kept;
    row.rejected.assign(step.rejected.begin(), step.rejected.end());
    rows.push_back(std::move(row));
  }
  return rows;
}

Json funnel_to_json(const std::vector<FunnelRow>& rows) {
  Json steps = Json::array();
  for (const FunnelRow& row : rows) {
    Json reasons = Json::object();
    for (const auto& [reason, count] : row.rejected)
      reasons[std::string(to_string(reason))] = count;
    steps.push_back(
        {{"step", row.step}, {"in", row.num_in}, {"kept", row.num_kept}, {"rejected", reasons}});
  }
  return steps;
}

}  // namespace caco
