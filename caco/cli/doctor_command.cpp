// `caco doctor`: is everything there that a run needs?
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "caco/cli/commands.h"
#include "caco/cli/face.h"
#include "caco/cli/sandbox_report.h"
#include "caco/model/child_process.h"
#include "caco/pipeline/recipe.h"

namespace caco {
namespace {

constexpr double kGigabyte = 1e9;
constexpr int64_t kLmTimeoutMs = 60'000;
constexpr double kLeastFreeGigabytes = 1;

class Findings {
 public:
  void add(bool is_good, const std::string& name, const std::string& detail) {
    fmt::print("  {}  {:<28} {}\n", is_good ? "ok  " : "FAIL", name, detail);
    if (!is_good) ++num_bad_;
  }
  int64_t num_bad() const { return num_bad_; }

 private:
  int64_t num_bad_ = 0;
};

void check_sandbox(Findings& findings) {
  fmt::print("\nsandbox\n");
  for (const SandboxFinding& finding : examine_sandbox(SandboxOptions()))
    findings.add(finding.is_good, finding.name, finding.detail);
}

void check_models(const Installation& installation, Findings& findings) {
  fmt::print("\nmodels\n");
  const bool has_lm = ::access(installation.lm_program.c_str(), X_OK) == 0;
  findings.add(has_lm, "caco-lm",
               has_lm ? installation.lm_program.string()
                      : "not found beside this program nor on PATH; local models need it");
  for (const std::string_view name : kShippedModels) {
    const std::filesystem::path folder = installation.shipped_models / name;
    findings.add(std::filesystem::exists(folder / "config.json"), std::string(name),
                 folder.string());
  }
  if (!has_lm) return;
  fmt::print("\ncaco-lm doctor\n");
  ChildCommand command;
  command.arguments = {installation.lm_program.string(), "doctor"};
  command.on_line = [](std::string_view line) {
    fmt::print("  {}\n", line);
  };
  const Result<std::unique_ptr<ChildProcess>> child = ChildProcess::start(std::move(command));
  if (!child.ok()) {
    findings.add(false, "caco-lm", to_string(child.error()));
    return;
  }
  const bool has_ended = child.value()->wait_for_end(kLmTimeoutMs);
  const bool is_good = has_ended && child.value()->end().is_success();
  findings.add(is_good, "caco-lm doctor",
               has_ended ? to_string(child.value()->end()) : "did not end in time");
}

int run_doctor() {
  const Installation installation = find_installation();
  Findings findings;
  fmt::print("caco {}\n", installation.version);
  fmt::print("  {} cores\n", installation.num_cores);
  std::error_code problem;
  const std::filesystem::space_info space = std::filesystem::space(".", problem);
  const double free_gigabytes = static_cast<double>(space.available) / kGigabyte;
  findings.add(!problem && free_gigabytes >= kLeastFreeGigabytes, "free disk space",
               fmt::format("{:.1f} GB here", free_gigabytes));
  findings.add(std::filesystem::exists(installation.families_folder), "seed families",
               installation.families_folder.string());
  check_sandbox(findings);
  check_models(installation, findings);
  if (findings.num_bad() == 0) {
    fmt::print("\neverything is there\n");
    return kExitDone;
  }
  fmt::print("\n{} checks failed\n", findings.num_bad());
  return kExitFailed;
}

}  // namespace

void add_doctor_command(CLI::App& app, int& exit_code) {
  CLI::App* const command =
      app.add_subcommand("doctor", "check the sandbox, the models and the machine");
  command->callback([&exit_code] { exit_code = run_doctor(); });
}

}  // namespace caco
