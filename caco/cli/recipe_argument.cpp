#include "caco/cli/recipe_argument.h"

#include "caco/cli/face.h"
#include "caco/store/manifest.h"

namespace caco {

Result<PlannedRun> plan_run(const RecipeArgument& argument, PlanUse use) {
  Recipe recipe;
  std::filesystem::path folder = argument.run;
  std::error_code ignored;
  if (std::filesystem::is_directory(argument.recipe, ignored)) {
    const Manifest manifest = TRY(read_manifest(RunDirectory(argument.recipe)));
    recipe = TRY(parse_recipe(manifest.recipe, manifest.recipe_path));
    if (folder.empty()) folder = argument.recipe;
  } else {
    recipe = TRY(load_recipe(argument.recipe));
    if (folder.empty())
      folder = std::filesystem::path("runs") / std::filesystem::path(argument.recipe).stem();
  }
  Installation installation = find_installation();
  if (!recipe.run.lm_program.empty()) installation.lm_program = recipe.run.lm_program;
  TRY(Plan::check(recipe, installation));
  PlannedRun planned{RunDirectory(folder), std::nullopt, nullptr};
  if (use == PlanUse::Run) planned.lock = TRY(RunLock::acquire(planned.directory));
  planned.plan = TRY(Plan::create(recipe, planned.directory, installation, use));
  return planned;
}

}  // namespace caco
