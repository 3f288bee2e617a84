// The recipe argument that `plan` and `run` share: a recipe file, or a run folder, whose own recipe
// is taken.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "caco/base/result.h"
#include "caco/pipeline/plan.h"
#include "caco/store/run_lock.h"

namespace caco {

struct RecipeArgument {
  std::string recipe;  // file or run folder
  std::string run;     // run folder; empty = runs/NAME after the recipe's file
};

struct PlannedRun {
  RunDirectory directory;
  std::optional<RunLock> lock;  // held for PlanUse::Run
  std::unique_ptr<Plan> plan;
};

// Reads the recipe and makes the plan; for PlanUse::Run it takes the run's lock first.
Result<PlannedRun> plan_run(const RecipeArgument& argument, PlanUse use);

}  // namespace caco
