// `caco status`, `caco show` and `caco why`: looking into a run. They read only, and may be used
// while it is at work.
#include <fmt/format.h>

#include <algorithm>

#include <CLI/CLI.hpp>

#include "caco/cli/commands.h"
#include "caco/cli/face.h"
#include "caco/cli/find_sample.h"
#include "caco/cli/sample_text.h"
#include "caco/pipeline/funnel_rows.h"
#include "caco/store/counts.h"
#include "caco/store/manifest.h"
#include "caco/store/run_lock.h"

namespace caco {
namespace {

constexpr int64_t kMaxParents = 100;  // a chain that is longer is a ring

struct ShowArguments {
  std::string run;
  std::string what;  // id or step
  int64_t count = 20;
  bool is_rejected = false;
  std::string reason;
};

std::string state_of(const StepCounts& step) {
  if (step.is_barrier_done) return "done";
  if (step.num_shards == 0) return "not begun";
  if (step.num_stale_shards > 0)
    return fmt::format("{} of {} shards are to be redone", step.num_stale_shards, step.num_shards);
  return fmt::format("{} shards", step.num_shards);
}

Status print_status(const RunDirectory& run) {
  const Manifest manifest = TRY(read_manifest(run));
  const Result<RunLock> lock = RunLock::acquire(run);
  fmt::print("run {} of {}\n{}\n\n", run.root().string(), manifest.recipe_path,
             lock.ok() ? "nothing is working in it" : lock.error().message);
  const std::vector<StepCounts> counts = read_counts(run, manifest.steps);
  fmt::print("{:<26} {:>8} {:>9} {:>8}  {}\n", "step", "kept", "rejected", "time", "state");
  for (const StepCounts& step : counts) {
    const bool has_samples = step.num_shards > 0;
    fmt::print("{:<26} {:>8} {:>9} {:>8}  {}\n", step.folder,
               has_samples ? format_count(step.num_kept) : "",
               has_samples ? format_count(step.num_rejected()) : "",
               step.seconds > 0 ? format_seconds(step.seconds) : "", state_of(step));
  }
  fmt::print("\nwhy samples were rejected\n");
  for (const FunnelRow& row : funnel_rows(counts)) {
    if (row.num_rejected() > 0) fmt::print("  {:<24} {}\n", row.step, list_rejections(row));
  }
  for (const auto& entry : std::filesystem::directory_iterator(run.root())) {
    const std::string name = entry.path().filename().string();
    const bool is_known =
        std::find(manifest.steps.begin(), manifest.steps.end(), name) != manifest.steps.end();
    if (parse_step_folder_name(name) && !is_known)
      fmt::print("\n{} is of an earlier recipe; it is not used and may be removed\n", name);
  }
  return {};
}

Status print_step(const RunDirectory& run, const std::string& folder,
                  const ShowArguments& arguments) {
  const auto width = static_cast<size_t>(terminal_width());
  std::optional<RejectReason> reason;
  if (!arguments.reason.empty()) {
    reason = reject_reason_from_string(arguments.reason);
    if (!reason) {
      std::string names;
      for (const RejectReason one : all_reject_reasons())
        names += (names.empty() ? "" : ", ") + std::string(to_string(one));
      return Error{ErrorCode::InvalidArgument, "no such reason: " + arguments.reason,
                   "there are: " + names};
    }
  }
  int64_t num_shown = 0;
  const auto print = [&](const Sample& sample) {
    if (reason && sample.rejection->reason != *reason) return true;
    if (num_shown++ >= arguments.count) {
      fmt::print("...  (--count shows more)\n");
      return false;
    }
    fmt::print("{}\n", sample_to_line(sample, width));
    return true;
  };
  return for_each_sample(run, folder, arguments.is_rejected || reason, print);
}

Status show(const ShowArguments& arguments) {
  const RunDirectory run(arguments.run);
  const std::vector<std::string> folders = TRY(read_step_folders(run));
  if (arguments.what.empty()) {
    fmt::print("{}", funnel_text(funnel_rows(read_counts(run, folders))));
    fmt::print("\n`caco show {0} STEP` lists samples of a step, `caco show {0} ID` shows one\n",
               arguments.run);
    return {};
  }
  for (const std::string& folder : folders) {
    const std::optional<StepName> name = parse_step_folder_name(folder);
    if (folder == arguments.what || (name && step_label(*name) == arguments.what))
      return print_step(run, folder, arguments);
  }
  if (arguments.what.find('-') != std::string::npos) {
    return Error{ErrorCode::NotFound, "no such step: " + arguments.what,
                 fmt::format("there are: {}", fmt::join(folders, ", "))};
  }
  const std::vector<Sighting> sightings = TRY(find_sample(run, folders, arguments.what));
  fmt::print("{}", sample_to_text(sightings.back().sample, static_cast<size_t>(terminal_width())));
  fmt::print("\nlast seen in {}\n", sightings.back().folder);
  return {};
}

// What became of a sample in each step.
void print_path(const std::vector<Sighting>& sightings) {
  for (const Sighting& sighting : sightings) {
    const std::optional<Rejection>& rejection = sighting.sample.rejection;
    if (!rejection) {
      fmt::print("  {:<26} kept\n", sighting.folder);
      continue;
    }
    fmt::print("  {:<26} rejected: {}\n", sighting.folder, to_string(rejection->reason));
    fmt::print("{}", wrap_text(describe(rejection->reason), 100, 29));
    if (!rejection->detail.empty()) fmt::print("{}", wrap_text(rejection->detail, 100, 29));
  }
}

Status why(const ShowArguments& arguments) {
  const RunDirectory run(arguments.run);
  const std::vector<std::string> folders = TRY(read_step_folders(run));
  std::string id = arguments.what;
  for (int64_t depth = 0; depth < kMaxParents && !id.empty(); ++depth) {
    const std::vector<Sighting> sightings = TRY(find_sample(run, folders, id));
    const Sample& sample = sightings.back().sample;
    fmt::print("{}{} sample {}\n", depth == 0 ? "" : "\nmade from the ", to_string(sample.origin),
               sample.id);
    if (sample.seed)
      fmt::print("  brought by {}, {}\n", sample.seed->source, sample.seed->location);
    print_path(sightings);
    if (depth == 0 && !sample.rejection) fmt::print("  nothing rejected it\n");
    id = sample.parent;
  }
  return {};
}

int exit_code_of(const Status& status) {
  return status.ok() ? static_cast<int>(kExitDone) : report_error(status.error());
}

}  // namespace

void add_status_command(CLI::App& app, int& exit_code) {
  CLI::App* const command = app.add_subcommand("status", "how far a run is, and what it rejected");
  static std::string run;
  command->add_option("RUN", run, "run folder")->required();
  command->callback([&exit_code] { exit_code = exit_code_of(print_status(RunDirectory(run))); });
}

void add_show_command(CLI::App& app, int& exit_code) {
  CLI::App* const command =
      app.add_subcommand("show", "the funnel of a run, samples of a step, or one sample");
  static ShowArguments arguments;
  command->add_option("RUN", arguments.run, "run folder")->required();
  command->add_option("WHAT", arguments.what, "a step, or the beginning of a sample's id");
  command->add_option("--count,-n", arguments.count, "most samples to list")->capture_default_str();
  command->add_flag("--rejected,-r", arguments.is_rejected, "those that the step rejected");
  command->add_option("--reason", arguments.reason, "those that it rejected for this reason");
  command->footer(
      "Examples:\n"
      "  caco show runs/my                        the funnel\n"
      "  caco show runs/my 08-filter --rejected   what the filter threw out\n"
      "  caco show runs/my verify --reason answer_differs\n"
      "  caco show runs/my 3f2a91                 one sample with all its parts");
  command->callback([&exit_code] { exit_code = exit_code_of(show(arguments)); });
}

void add_why_command(CLI::App& app, int& exit_code) {
  CLI::App* const command =
      app.add_subcommand("why", "where a sample came from, and which check ended it");
  static ShowArguments arguments;
  command->add_option("RUN", arguments.run, "run folder")->required();
  command->add_option("ID", arguments.what, "the beginning of the sample's id")->required();
  command->callback([&exit_code] { exit_code = exit_code_of(why(arguments)); });
}

}  // namespace caco
