// `caco sandbox serve` and `caco sandbox check`.
#include <fmt/format.h>
#include <signal.h>
#include <time.h>

#include <atomic>
#include <cstdio>
#include <memory>
#include <thread>

#include <CLI/CLI.hpp>

#include "caco/base/file.h"
#include "caco/base/log.h"
#include "caco/cli/commands.h"
#include "caco/cli/face.h"
#include "caco/cli/sandbox_report.h"
#include "caco/sandbox_service/server.h"

namespace caco {
namespace {

constexpr int64_t kMaxTokenFileBytes = 4096;

struct ServeArguments {
  ServiceOptions service;
  SandboxOptions sandbox;
  std::string token_file;
  std::string port_file;
  int64_t grace_s = 30;
};

sigset_t ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

void wait_for_signal(const std::atomic<bool>& is_over) {
  const sigset_t signals = ending_signals();
  const timespec one_second = {.tv_sec = 1, .tv_nsec = 0};
  while (!is_over) {
    if (sigtimedwait(&signals, nullptr, &one_second) > 0) return;
  }
}

Result<std::string> read_token(const std::string& path) {
  std::string token = TRY(read_file(path, kMaxTokenFileBytes));
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r'))
    token.pop_back();
  if (token.empty()) return Error{ErrorCode::InvalidArgument, "the token is empty: " + path, ""};
  if (token.find_first_of(" \t\r\n") == std::string::npos) return token;
  return Error{ErrorCode::InvalidArgument, "the token holds white space: " + path, ""};
}

Status serve(const ServeArguments& arguments) {
  // Blocked before any thread starts, so that only wait_for_signal sees them.
  const sigset_t signals = ending_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  set_log_sink([](LogLevel level, std::string_view message) {
    if (level >= LogLevel::Warning) fmt::print(stderr, "caco: {}\n", message);
  });
  ServiceOptions service = arguments.service;
  if (!arguments.token_file.empty()) service.token = TRY(read_token(arguments.token_file));
  TRY(check_options(service));
  SandboxOptions options = arguments.sandbox;
  options.num_workers = service.num_workers;
  const std::unique_ptr<Sandbox> sandbox = TRY(Sandbox::create(options));
  const std::unique_ptr<SandboxServer> server = TRY(SandboxServer::create(*sandbox, service));
  fmt::print("serving Python {} on http://{}:{} ({} workers, {} may wait{})\n",
             server->python_version(), service.host, server->port(), service.num_workers,
             service.max_waiting, service.token.empty() ? "" : ", with a token");
  std::fflush(stdout);
  if (!arguments.port_file.empty()) {
    TRY(write_file_atomic(arguments.port_file, std::to_string(server->port()) + "\n"));
  }
  std::atomic<bool> is_over{false};
  std::thread ender([&] {
    wait_for_signal(is_over);
    server->stop(arguments.grace_s * 1000);
  });
  server->run();
  is_over = true;
  ender.join();
  return {};
}

int check(const SandboxOptions& options) {
  int64_t num_bad = 0;
  for (const SandboxFinding& finding : examine_sandbox(options)) {
    fmt::print("  {}  {:<32} {}\n", finding.is_good ? "ok  " : "FAIL", finding.name,
               finding.detail);
    if (finding.is_good) continue;
    ++num_bad;
    if (!finding.advice.empty()) fmt::print("{}", wrap_text(finding.advice, 100, 41));
  }
  if (num_bad == 0) {
    fmt::print("\nprograms are isolated: all of the above is enforced\n");
    return kExitDone;
  }
  fmt::print("\n{} not enforced on this machine\n", num_bad);
  return kExitFailed;
}

void add_limit_options(CLI::App& serve, ServeArguments& arguments) {
  ServiceLimits& limits = arguments.service.limits;
  serve.add_option("--max-cpu-ms", limits.max_cpu_ms, "most CPU time that a request may ask for")
      ->check(CLI::Range(10, 3'600'000))
      ->capture_default_str();
  serve.add_option("--max-wall-ms", limits.max_wall_ms, "most wall time")
      ->check(CLI::Range(10, 36'000'000))
      ->capture_default_str();
  serve.add_option("--max-memory-mb", limits.max_memory_mb, "most memory, in MiB")
      ->check(CLI::Range(16, 1 << 20))
      ->capture_default_str();
  serve.add_option("--max-stdout-bytes", limits.max_stdout_bytes, "most that a program may print")
      ->check(CLI::Range(1024, 1 << 30))
      ->capture_default_str();
  serve
      .add_option("--wall-percent", limits.wall_percent,
                  "wall time, in percent of a request's time limit: the backstop to CPU time")
      ->check(CLI::Range(100, 10'000))
      ->capture_default_str();
  serve.add_flag("--wall-limit-counts-waiting", arguments.sandbox.wall_limit_counts_waiting,
                 "count what a program waits for a core: answers come in time on a busy machine, "
                 "but its load decides which programs end");
  serve.add_option("--max-body-bytes", arguments.service.max_body_bytes, "biggest request")
      ->check(CLI::Range(1 << 10, 1 << 30))
      ->capture_default_str();
}

void add_serve_command(CLI::App& parent, int& exit_code) {
  CLI::App* const command =
      parent.add_subcommand("serve", "serve the sandbox over HTTP (SandboxFusion, Piston, ...)");
  static ServeArguments arguments;
  arguments.service.num_workers = find_installation().num_cores;
  command->add_option("--host", arguments.service.host, "address to listen on")
      ->capture_default_str();
  command->add_option("--port", arguments.service.port, "port; 0 takes any free one")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  command->add_option("--port-file", arguments.port_file, "file to write the port to");
  command
      ->add_option("--workers", arguments.service.num_workers,
                   "programs at the same time; default: one a core")
      ->check(CLI::Range(1, 4096));
  command->add_option("--queue", arguments.service.max_waiting, "programs that may wait")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str();
  command
      ->add_option("--max-wait-ms", arguments.service.max_wait_ms,
                   "answer 504 to a program that waited longer; 0: wait as long as its client")
      ->check(CLI::Range(0, 3'600'000))
      ->capture_default_str();
  command->add_option("--token-file", arguments.token_file,
                      "file with the token that requests must carry");
  command->add_option("--grace-s", arguments.grace_s, "seconds to finish what runs at the end")
      ->check(CLI::Range(0, 3600))
      ->capture_default_str();
  command->add_option("--python", arguments.sandbox.python, "interpreter")->capture_default_str();
  command->add_flag("--allow-weak-isolation", arguments.sandbox.allow_weak_isolation,
                    "serve although the kernel cannot give the stated minimum of isolation");
  add_limit_options(*command, arguments);
  command->footer(
      "SIGTERM and SIGINT end it: what runs is finished, what is new is refused.\n"
      "Example:\n"
      "  caco sandbox serve --port 8080 &\n"
      "  curl -s localhost:8080/run_code -H 'Content-Type: application/json' \\\n"
      "       -d '{\"code\": \"print(6 * 7)\", \"language\": \"python\"}'\n"
      "Routes and limits: docs/sandbox_service.md");
  command->callback([&exit_code] {
    const Status status = serve(arguments);
    exit_code = status.ok() ? static_cast<int>(kExitDone) : report_error(status.error());
  });
}

}  // namespace

void add_sandbox_command(CLI::App& app, int& exit_code) {
  CLI::App* const command =
      app.add_subcommand("sandbox", "serve the sandbox, or see what it enforces here");
  command->require_subcommand(1);
  add_serve_command(*command, exit_code);
  CLI::App* const check_command =
      command->add_subcommand("check", "try what programs must not do, and say what is missing");
  static SandboxOptions options;
  check_command->add_option("--python", options.python, "interpreter")->capture_default_str();
  check_command->footer("Exit code 1 when something is not enforced.");
  check_command->callback([&exit_code] { exit_code = check(options); });
}

}  // namespace caco
