// The recipe argument that `plan` and `run` share: a recipe file, or a run folder, whose own recipe
// is taken.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "caco/base/result.h"
#include "caco/pipeline/plan.h"

namespace caco {

struct RecipeArgument {
  std::string recipe;  // file or run folder
  std::string run;     // run folder; empty = runs/NAME after the recipe's file
};

struct PlannedRun {
  RunDirectory directory;
  std::unique_ptr<Plan> plan;
};

// Reads the recipe and makes the plan.
Result<PlannedRun> plan_run(const RecipeArgument& argument);

}  // namespace caco
