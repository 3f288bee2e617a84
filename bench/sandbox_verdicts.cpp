// Do verdicts depend on load? Runs the same programs twice, on the machine as it is and beside busy
// processes, and compares the verdicts; hostile programs of tests/escapes that end by themselves or
// at their CPU limit are mixed in, one in kHostileEvery. Outputs that differ under the same verdict
// are counted apart: a program may print the time. Prints a Markdown table and each program whose
// verdict differs; ends with 1 when one does.
//
// usage: sandbox_verdicts FOLDER_OF_PROGRAMS [PROGRAMS] [BUSY PROCESSES] [WORKERS]
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "caco/sandbox/sandbox.h"

namespace caco {
namespace {

namespace fs = std::filesystem;

constexpr size_t kHostileEvery = 20;
constexpr int64_t kCpuLimitMs = 500;
constexpr int64_t kMemoryLimitMb = 128;
constexpr int kMaxSettleSeconds = 120;  // until the load average has grown

std::vector<std::string> read_programs(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".py") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> programs;
  for (const fs::path& path : paths) {
    std::ifstream file(path);
    programs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return programs;
}

// Every so many is hostile; those that wait for wall time are left out, and those that may end in
// several ways.
std::vector<std::string> mixed_programs(const fs::path& folder, size_t count) {
  const std::vector<std::string> honest = read_programs(folder);
  std::vector<std::string> hostile;
  for (std::string& program : read_programs(fs::path(CACO_SOURCE_DIR) / "tests/escapes")) {
    const std::string expected = program.substr(0, program.find('\n'));
    if (expected.find("wall_time") == std::string::npos && expected.find(',') == std::string::npos)
      hostile.push_back(std::move(program));
  }
  std::vector<std::string> programs;
  for (size_t i = 0; i < count && !honest.empty(); ++i) {
    const bool is_hostile = i % kHostileEvery == kHostileEvery - 1;
    programs.push_back(is_hostile ? hostile[i / kHostileEvery % hostile.size()]
                                  : honest[i % honest.size()]);
  }
  return programs;
}

double load_average() {
  double load[1] = {0};
  getloadavg(load, 1);
  return load[0];
}

class BusyProcesses {
 public:
  explicit BusyProcesses(int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      const pid_t pid = fork();
      if (pid == 0) {
        while (getppid() != 1) {
        }
        _exit(0);
      }
      if (pid > 0) pids_.push_back(pid);
    }
  }
  ~BusyProcesses() {
    for (const pid_t pid : pids_)
      kill(pid, SIGKILL);
    for (const pid_t pid : pids_)
      waitpid(pid, nullptr, 0);
  }
  BusyProcesses(const BusyProcesses&) = delete;
  BusyProcesses& operator=(const BusyProcesses&) = delete;

 private:
  std::vector<pid_t> pids_;
};

struct End {
  std::string verdict, output;
};

std::vector<End> run_all(Sandbox& sandbox, const std::vector<std::string>& programs,
                         int64_t num_workers, const char* name) {
  std::vector<End> ends(programs.size());
  std::atomic<size_t> next{0};
  const double load = load_average();
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (int64_t worker = 0; worker < num_workers; ++worker) {
    threads.emplace_back([&] {
      for (size_t i = next++; i < programs.size(); i = next++) {
        const Result<Execution> run = sandbox.run(programs[i]);
        if (run.ok()) {
          const Execution& execution = run.value();
          ends[i] = {std::string(to_string(execution.verdict)),
                     execution.output_repr + "\n" + execution.stdout_text};
        } else {
          ends[i] = {"sandbox error", to_string(run.error())};
        }
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  printf("| %s | %zu | %.1f | %.1f | %.0f |\n", name, programs.size(), load, load_average(),
         seconds);
  fflush(stdout);
  return ends;
}

int compare(const std::vector<std::string>& programs, const std::vector<End>& quiet,
            const std::vector<End>& loaded) {
  int64_t num_verdicts = 0, num_outputs = 0;
  for (size_t i = 0; i < programs.size(); ++i) {
    if (quiet[i].verdict != loaded[i].verdict) {
      ++num_verdicts;
      printf("\nprogram %zu: %s, with load %s:\n%.400s\n", i, quiet[i].verdict.c_str(),
             loaded[i].verdict.c_str(), programs[i].c_str());
    } else if (quiet[i].output != loaded[i].output) {
      ++num_outputs;
    }
  }
  printf("\nverdicts that differ: %ld; other outputs with the same verdict: %ld\n", num_verdicts,
         num_outputs);
  return num_verdicts == 0 ? 0 : 1;
}

int run(const char* folder, size_t count, int64_t num_busy, int64_t num_workers) {
  const std::vector<std::string> programs = mixed_programs(folder, count);
  SandboxOptions options;
  options.num_workers = num_workers;
  options.cpu_limit_ms = kCpuLimitMs;
  options.memory_limit_mb = kMemoryLimitMb;
  const Result<std::unique_ptr<Sandbox>> sandbox = Sandbox::create(options);
  if (!sandbox.ok() || programs.empty()) {
    fprintf(stderr, "%s\n", sandbox.ok() ? "no programs" : to_string(sandbox.error()).c_str());
    return 2;
  }
  printf("| run | programs | load before | load after | seconds |\n|---|---|---|---|---|\n");
  const std::vector<End> quiet = run_all(*sandbox.value(), programs, num_workers, "as it is");
  const double wanted = load_average() + 0.8 * static_cast<double>(num_busy);
  const BusyProcesses busy(num_busy);
  for (int second = 0; second < kMaxSettleSeconds && load_average() < wanted; ++second)
    sleep(1);
  const std::vector<End> loaded = run_all(*sandbox.value(), programs, num_workers, "with load");
  return compare(programs, quiet, loaded);
}

}  // namespace
}  // namespace caco

int main(int argc, char** argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: sandbox_verdicts FOLDER [PROGRAMS] [BUSY PROCESSES] [WORKERS]\n");
    return 2;
  }
  return caco::run(argv[1], static_cast<size_t>(argc > 2 ? atoll(argv[2]) : 10'000),
                   argc > 3 ? atoll(argv[3]) : 10, argc > 4 ? atoll(argv[4]) : 2);
}
