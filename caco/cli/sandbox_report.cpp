#include "caco/cli/sandbox_report.h"

#include <array>
#include <utility>

namespace caco {
namespace {

constexpr const char* kNamespaceAdvice =
    "allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1; on Ubuntu also "
    "kernel.apparmor_restrict_unprivileged_userns=0), or run as root; in a container: see "
    "docs/sandbox_service.md, Deployment";
constexpr const char* kHideAdvice =
    "user namespaces or Landlock (kernel 5.13 or newer) hide it; in a container: see "
    "docs/sandbox_service.md, Deployment";

// What the check of each name rests on.
constexpr std::array<std::pair<std::string_view, const char*>, 5> kAdvice = {{
    {"namespaces", kNamespaceAdvice},
    {"list /proc", kNamespaceAdvice},
    {"list /root", kHideAdvice},
    {"list /home", kHideAdvice},
    {"read /etc/passwd", kHideAdvice},
}};

std::string advice_for(const std::string& name) {
  for (const auto& [known, advice] : kAdvice) {
    if (known == name) return advice;
  }
  return "the system call filter should refuse it: is CONFIG_SECCOMP_FILTER on, and is the "
         "processor x86-64?";
}

// Runs a program and says whether it printed what it should.
SandboxFinding try_program(Sandbox& sandbox, const std::string& name, const RunRequest& request,
                           const std::string& expected) {
  const Result<RunReport> report = sandbox.run_request(request);
  if (!report.ok()) return {false, name, to_string(report.error()), kNamespaceAdvice};
  const Execution& execution = report.value().execution;
  if (execution.stdout_text == expected) return {true, name, "", ""};
  return {false, name,
          std::string(to_string(execution.verdict)) + ": " + execution.error_type + " " +
              execution.error_message + " " + execution.stdout_text,
          "is the interpreter CPython 3.9 or newer?"};
}

void try_runs(Sandbox& sandbox, std::vector<SandboxFinding>& findings) {
  RunRequest request;
  request.program = "print(1 + 1)\n";
  findings.push_back(try_program(sandbox, "runs a program", request, "2\n"));
  request.program = "print(input()[::-1])\n";
  request.standard_input = "abc\n";
  findings.push_back(try_program(sandbox, "reads standard input", request, "cba\n"));
  RunRequest with_files;
  with_files.files = {{"in/a.txt", "x"}};
  with_files.program =
      "import os\n"
      "with open('left', 'w') as file:\n    file.write('y')\n"
      "print(open('in/a.txt').read(), sorted(os.listdir()))\n";
  findings.push_back(
      try_program(sandbox, "files in a folder of its own", with_files, "x ['in', 'left']\n"));
  RunRequest next;
  next.has_scratch = true;
  next.program = "import os\nprint(os.listdir())\n";
  findings.push_back(try_program(sandbox, "nothing is left to the next", next, "[]\n"));
}

}  // namespace

std::vector<SandboxFinding> examine_sandbox(SandboxOptions options) {
  std::vector<SandboxFinding> findings;
  options.num_workers = 1;
  options.allow_weak_isolation = true;
  const Result<std::unique_ptr<Sandbox>> sandbox = Sandbox::create(options);
  if (!sandbox.ok()) {
    findings.push_back({false, "starts", to_string(sandbox.error()), kNamespaceAdvice});
    return findings;
  }
  for (const SandboxCheck& check : sandbox.value()->checks()) {
    findings.push_back({check.is_enforced, check.name, check.detail,
                        check.is_enforced ? "" : advice_for(check.name)});
  }
  try_runs(*sandbox.value(), findings);
  return findings;
}

}  // namespace caco
