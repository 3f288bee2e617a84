// Soak: many programs through one sandbox, hostile ones mixed in, while warm interpreters are
// killed at random. Each honest program must come back exactly once with its own result; processes,
// descriptors, mounts and memory must not grow. Prints a line every tenth of the way and at least
// every kProgramsALine programs, and the verdicts at the end; ends with 1 when anything is wrong.
//
// usage: sandbox_soak [PROGRAMS] [WORKERS] [SECONDS BETWEEN KILLS, 0 = none] [ONE HOSTILE IN SO
// MANY]
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "caco/sandbox/sandbox.h"

namespace caco {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMaxGrowthBytes = 48 << 20;  // of the supervisor and of all interpreters
constexpr int64_t kProgramsALine = 20'000;
constexpr int64_t kCpuLimitMs = 200;

// Hostile programs that end soon: not those that wait for wall time.
std::vector<std::string> hostile_programs() {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(fs::path(CACO_SOURCE_DIR) / "tests/escapes")) {
    if (entry.path().extension() == ".py") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> programs;
  for (const fs::path& path : paths) {
    std::ifstream file(path);
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    const std::string expected = text.substr(0, text.find('\n'));
    if (expected.find("wall_time") == std::string::npos) programs.push_back(std::move(text));
  }
  return programs;
}

struct Resources {
  int64_t descriptors = 0, mounts = 0, own_bytes = 0, child_bytes = 0, processes = 0;
};

std::vector<pid_t> children() {
  std::vector<pid_t> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const pid_t pid = atoi(entry.path().filename().c_str());
    if (pid <= 0) continue;
    std::ifstream status(entry.path() / "status");
    for (std::string line; std::getline(status, line);) {
      if (line == "PPid:\t" + std::to_string(getpid())) found.push_back(pid);
    }
  }
  return found;
}

int64_t resident_bytes(const std::string& process) {
  int64_t ignored = 0, pages = 0;
  std::ifstream("/proc/" + process + "/statm") >> ignored >> pages;
  return pages * sysconf(_SC_PAGESIZE);
}

Resources measure() {
  Resources now;
  now.descriptors = std::distance(fs::directory_iterator("/proc/self/fd"), {});
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);)
    ++now.mounts;
  now.own_bytes = resident_bytes("self");
  for (const pid_t pid : children()) {
    ++now.processes;
    now.child_bytes += resident_bytes(std::to_string(pid));
  }
  return now;
}

void print_resources(const char* when, int64_t done, const Resources& now) {
  printf("| %s | %ld | %ld | %ld | %ld | %.1f | %.1f |\n", when, done, now.processes,
         now.descriptors, now.mounts, static_cast<double>(now.own_bytes) / (1 << 20),
         static_cast<double>(now.child_bytes) / (1 << 20));
  fflush(stdout);
}

// Kills one interpreter at random every so often, until told to stop.
class Killer {
 public:
  explicit Killer(double period_s) : period_s_(period_s), thread_([this] { work(); }) {}
  ~Killer() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      is_over_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }
  Killer(const Killer&) = delete;
  Killer& operator=(const Killer&) = delete;
  int64_t num_killed() const { return num_killed_; }

 private:
  void work() {
    std::mt19937 random(7);
    std::unique_lock<std::mutex> lock(mutex_);
    const auto period = std::chrono::duration<double>(period_s_ > 0 ? period_s_ : 1e6);
    while (!changed_.wait_for(lock, period, [this] { return is_over_; })) {
      const std::vector<pid_t> pids = children();
      if (!pids.empty() && kill(pids[random() % pids.size()], SIGKILL) == 0) ++num_killed_;
    }
  }

  const double period_s_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_over_ = false;
  std::atomic<int64_t> num_killed_{0};
  std::thread thread_;
};

// What is run: honest programs, and every so many one of the hostile ones in turn.
struct Mix {
  std::vector<std::string> hostile;
  int64_t hostile_every = 10;
};

struct Tally {
  std::atomic<int64_t> wrong{0}, failed{0};
  std::mutex mutex;
  std::map<std::string, int64_t> verdicts;
};

void run_one(Sandbox& sandbox, int64_t i, const Mix& mix, Tally& tally) {
  const std::string number = std::to_string(i);
  const bool is_hostile = i % mix.hostile_every == mix.hostile_every - 1;
  RunRequest request;
  request.wants_facts = i % 2 == 0;
  request.program =
      is_hostile
          ? mix.hostile[static_cast<size_t>(i / mix.hostile_every) % mix.hostile.size()]
          : "input = {\"n\": " + number + "}\noutput = input[\"n\"] * 3\nprint(" + number + ")\n";
  const Result<RunReport> report = sandbox.run_request(request);
  if (!report.ok()) {
    fprintf(stderr, "program %ld: %s\n", i, to_string(report.error()).c_str());
    ++tally.failed;
    return;
  }
  const Execution& execution = report.value().execution;
  if (!is_hostile &&
      (execution.output_repr != std::to_string(3 * i) || execution.stdout_text != number + "\n")) {
    fprintf(stderr, "program %ld: %s %s\n", i, std::string(to_string(execution.verdict)).c_str(),
            execution.output_repr.c_str());
    ++tally.wrong;
  }
  const std::lock_guard<std::mutex> lock(tally.mutex);
  ++tally.verdicts[std::string(to_string(execution.verdict))];
}

// Runs programs first, first + 1, ... up to before `end` on all workers.
void run_range(Sandbox& sandbox, int64_t first, int64_t end, int64_t num_workers, const Mix& mix,
               Tally& tally) {
  std::atomic<int64_t> next{first};
  std::vector<std::thread> threads;
  for (int64_t worker = 0; worker < num_workers; ++worker) {
    threads.emplace_back([&] {
      for (int64_t i = next++; i < end; i = next++)
        run_one(sandbox, i, mix, tally);
    });
  }
  for (std::thread& thread : threads)
    thread.join();
}

// Starts every interpreter that the programs will need, in every slot: while each worker sleeps, no
// slot serves twice.
void start_interpreters(Sandbox& sandbox, int64_t num_workers) {
  for (const char* mention : {"", "# sympy\n", "# numpy\n"}) {
    std::vector<std::thread> threads;
    for (int64_t worker = 0; worker < num_workers; ++worker) {
      threads.emplace_back([&] {
        const Result<Execution> ignored =
            sandbox.run(std::string("import time\ntime.sleep(1)\noutput = 1\n") + mention);
        static_cast<void>(ignored.ok());
      });
    }
    for (std::thread& thread : threads)
      thread.join();
  }
}

int soak(int64_t num_programs, int64_t num_workers, double kill_period_s, int64_t hostile_every) {
  SandboxOptions options;
  options.num_workers = num_workers;
  options.cpu_limit_ms = kCpuLimitMs;
  options.memory_limit_mb = 128;
  const Result<std::unique_ptr<Sandbox>> sandbox = Sandbox::create(options);
  if (!sandbox.ok()) {
    fprintf(stderr, "%s\n", to_string(sandbox.error()).c_str());
    return 1;
  }
  const Mix mix{hostile_programs(), hostile_every};
  Tally tally;
  printf("%zu hostile programs, one in %ld; %ld workers\n\n", mix.hostile.size(), hostile_every,
         num_workers);
  printf(
      "| when | programs | processes | descriptors | mounts | supervisor MiB | interpreters MiB |\n"
      "|---|---|---|---|---|---|---|\n");
  start_interpreters(*sandbox.value(), num_workers);
  const int64_t part = std::clamp<int64_t>(num_programs / 10, 1, kProgramsALine);
  const auto begin = std::chrono::steady_clock::now();
  run_range(*sandbox.value(), 0, part, num_workers, mix, tally);
  const Resources before = measure();
  print_resources("start", part, before);
  int64_t num_killed = 0;
  for (int64_t done = part; done < num_programs; done += part) {
    const int64_t end = std::min(done + part, num_programs);
    {
      Killer killer(kill_period_s);
      run_range(*sandbox.value(), done, end, num_workers, mix, tally);
      num_killed += killer.num_killed();
    }
    print_resources("", end, measure());
  }
  const Resources after = measure();
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  printf("\n%.0f s, %.0f programs/s; interpreters killed: %ld; lost: %ld; wrong: %ld\n\nverdicts:",
         seconds, static_cast<double>(num_programs) / seconds, num_killed, tally.failed.load(),
         tally.wrong.load());
  for (const auto& [verdict, count] : tally.verdicts)
    printf(" %s %ld", verdict.c_str(), count);
  printf("\n");
  const bool is_flat = after.mounts == before.mounts && after.processes <= before.processes &&
                       after.descriptors <= before.descriptors &&
                       after.own_bytes - before.own_bytes < kMaxGrowthBytes &&
                       after.child_bytes - before.child_bytes < kMaxGrowthBytes;
  printf("%s\n", is_flat ? "nothing grew" : "SOMETHING GREW");
  return is_flat && tally.wrong == 0 && tally.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace caco

int main(int argc, char** argv) {
  return caco::soak(argc > 1 ? atoll(argv[1]) : 20'000, argc > 2 ? atoll(argv[2]) : 2,
                    argc > 3 ? atof(argv[3]) : 5,
                    argc > 4 ? std::max<int64_t>(atoll(argv[4]), 1) : 10);
}
