// `caco run`: makes or finishes a run.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>

#include <CLI/CLI.hpp>

#include "caco/base/file.h"
#include "caco/base/log.h"
#include "caco/cli/commands.h"
#include "caco/cli/face.h"
#include "caco/cli/progress_view.h"
#include "caco/cli/recipe_argument.h"
#include "caco/pipeline/funnel_rows.h"
#include "caco/pipeline/run.h"

namespace caco {
namespace {

volatile std::sig_atomic_t num_interrupts = 0;

// The first signal asks the run to stop; the second ends the process at once. What was done stays
// done either way.
void on_interrupt(int) {
  if (num_interrupts > 0) ::_exit(kExitInterrupted);
  num_interrupts = 1;
  constexpr char kMessage[] =
      "\ncaco: stopping after the batches at work; interrupt again to stop at once\n";
  const ssize_t ignored = ::write(STDERR_FILENO, kMessage, sizeof kMessage - 1);
  (void)ignored;
}

void handle_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // a child that died shows as a write error
}

std::vector<std::string> folders_of(const Plan& plan) {
  std::vector<std::string> folders;
  for (const Step& step : plan.steps())
    folders.push_back(step.folder);
  return folders;
}

// What came out, and where to look.
void print_results(const RunDirectory& run, const std::vector<StepResult>& results,
                   double seconds) {
  int64_t num_made = 0;
  std::vector<std::string> folders;
  for (const StepResult& result : results) {
    folders.push_back(result.folder);
    if (!result.progress.is_reused) ++num_made;
  }
  fmt::print("{}", funnel_text(funnel_rows(read_counts(run, folders))));
  // A folder of that name may be left from an earlier recipe of this run.
  const bool is_evaluated =
      std::find(folders.begin(), folders.end(), "15-evaluate") != folders.end();
  const std::filesystem::path evaluation = run.step("15-evaluate") / "evaluation.md";
  if (is_evaluated) {
    const Result<std::string> table = read_file(evaluation);
    if (table.ok()) fmt::print("\n{}", table.value());
  }
  fmt::print("\n{} in {}\n", num_made == 0 ? "nothing was left to do;" : "done",
             num_made == 0 ? run.root().string() : format_seconds(seconds));
  fmt::print("  data set   {}\n", (run.step("13-assemble") / "dataset").string());
  if (is_evaluated) fmt::print("  evaluation {}\n", evaluation.string());
  fmt::print("  samples    caco show {} 12-verify\n", run.root().string());
}

struct RunArguments {
  RecipeArgument recipe;
  bool is_quiet = false;
};

Result<std::vector<StepResult>> run_planned(const PlannedRun& planned, bool is_quiet) {
  const Plan& plan = *planned.plan;
  const Manifest manifest = TRY(plan.manifest());
  TRY(update_manifest(planned.directory, manifest));
  const ProgressStyle style = is_quiet                     ? ProgressStyle::Quiet
                              : is_terminal(STDERR_FILENO) ? ProgressStyle::Live
                                                           : ProgressStyle::Plain;
  ProgressView view(folders_of(plan), style);
  set_log_sink([&view](LogLevel level, std::string_view message) {
    if (level >= LogLevel::Warning) view.print_message("caco: " + std::string(message));
  });
  RunControls controls;
  controls.shard_size = plan.recipe().run.shard_size;
  controls.is_cancelled = [] {
    return num_interrupts > 0;
  };
  controls.report = [&view](int64_t step, const StepProgress& progress) {
    view.report(step, progress);
  };
  Result<std::vector<StepResult>> results = run_steps(plan.steps(), planned.directory, controls);
  set_log_sink({});
  return results;
}

int run_run(const RunArguments& arguments) {
  const auto start = std::chrono::steady_clock::now();
  const Result<PlannedRun> planned = plan_run(arguments.recipe, PlanUse::Run);
  if (!planned.ok()) return report_error(planned.error());
  handle_interrupts();
  const Result<std::vector<StepResult>> results = run_planned(planned.value(), arguments.is_quiet);
  if (!results.ok()) return report_error(results.error());
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  if (!arguments.is_quiet)
    print_results(planned.value().directory, results.value(), elapsed.count());
  return kExitDone;
}

}  // namespace

void add_run_command(CLI::App& app, int& exit_code) {
  CLI::App* const command = app.add_subcommand(
      "run", "run a recipe, go on with a run, or redo what a changed option touches");
  static RunArguments arguments;
  command->add_option("RECIPE", arguments.recipe.recipe, "recipe file, or run folder")->required();
  command->add_option("--run", arguments.recipe.run,
                      "run folder; default: runs/NAME after the recipe");
  command->add_flag("--quiet,-q", arguments.is_quiet, "print errors only");
  command->footer(
      "Running again goes on where the run stopped: finished shards are found by their receipts.\n"
      "After a change in the recipe, what depends on it is made anew, and nothing else.");
  command->callback([&exit_code] { exit_code = run_run(arguments); });
}

}  // namespace caco
