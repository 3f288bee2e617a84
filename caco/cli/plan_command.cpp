// `caco init` and `caco plan`.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "caco/base/file.h"
#include "caco/cli/commands.h"
#include "caco/cli/face.h"
#include "caco/cli/recipe_argument.h"

namespace caco {
namespace {

int run_init(const std::string& file) {
  const std::string text = write_recipe(default_recipe());
  if (file == "-") {
    fmt::print("{}", text);
    return kExitDone;
  }
  if (std::filesystem::exists(file)) {
    return report_error({ErrorCode::InvalidArgument, "file exists already: " + file,
                         "choose another name, or remove it first"});
  }
  const Status status = write_file_atomic(file, text);
  if (!status.ok()) return report_error(status.error());
  fmt::print("wrote {}; look through it, then: caco plan {}\n", file, file);
  return kExitDone;
}

void print_models(const Plan& plan) {
  const Recipe& recipe = plan.recipe();
  const std::pair<const char*, const std::string&> roles[] = {
      {"unifier", recipe.roles.unifier},   {"generator", recipe.roles.generator},
      {"reverser", recipe.roles.reverser}, {"solver", recipe.roles.solver},
      {"judge", recipe.roles.judge},       {"student", recipe.roles.student}};
  fmt::print("\nmodels\n");
  for (const auto& [role, model] : roles) {
    const Result<ModelBinding> binding =
        find_model(recipe, model, find_installation().shipped_models);
    std::string what = "not filled";
    if (!model.empty() && binding.ok()) {
      what = binding.value().kind + " " +
             (binding.value().kind == "http" ? binding.value().url + " " + binding.value().model
                                             : binding.value().path);
    }
    fmt::print("  {:<10} {:<12} {}\n", role, model, what);
  }
}

int run_plan(const RecipeArgument& argument) {
  const Result<PlannedRun> planned = plan_run(argument, PlanUse::Show);
  if (!planned.ok()) return report_error(planned.error());
  const Plan& plan = *planned.value().plan;
  fmt::print("plan of {} into {}\n\n", plan.recipe().path,
             planned.value().directory.root().string());
  fmt::print("{:<26} {:>10} {:>10} {:>10}  {}\n", "step", "samples", "requests", "tokens", "model");
  int64_t num_requests = 0;
  int64_t num_tokens = 0;
  for (size_t i = 0; i < plan.steps().size(); ++i) {
    const StepEstimate& estimate = plan.estimates()[i];
    num_requests += estimate.num_requests;
    num_tokens += estimate.num_tokens;
    const bool asks = estimate.num_requests > 0;
    fmt::print("{:<26} {:>10} {:>10} {:>10}  {}\n", plan.steps()[i].folder,
               format_count(estimate.num_samples), asks ? format_count(estimate.num_requests) : "",
               asks ? format_count(estimate.num_tokens) : "", estimate.model);
  }
  fmt::print("{:<26} {:>10} {:>10} {:>10}\n", "all", "", format_count(num_requests),
             format_count(num_tokens));
  fmt::print("\nThese are upper bounds: nothing rejected, every reply at its length limit.\n");
  print_models(plan);
  return kExitDone;
}

}  // namespace

void add_init_command(CLI::App& app, int& exit_code) {
  CLI::App* const command =
      app.add_subcommand("init", "write a recipe with every option explained");
  static std::string file = "caco.toml";
  command->add_option("FILE", file, "where to write it; - prints it")->capture_default_str();
  command->callback([&exit_code] { exit_code = run_init(file); });
}

void add_plan_command(CLI::App& app, int& exit_code) {
  CLI::App* const command = app.add_subcommand(
      "plan", "show the steps of a recipe, its models and an estimate of the work, doing nothing");
  static RecipeArgument argument;
  command->add_option("RECIPE", argument.recipe, "recipe file, or run folder")->required();
  command->add_option("--run", argument.run, "run folder; default: runs/NAME after the recipe");
  command->callback([&exit_code] { exit_code = run_plan(argument); });
}

}  // namespace caco
