// How fast the sandbox runs small programs, with and without program facts, against a fresh
// interpreter per program, the process pattern of the paper's checker, and a bare exec without
// isolation. Prints programs a second and CPU milliseconds a program (supervisor, interpreter and
// child together; the start of the interpreters is not counted), and how many times the sandbox's
// CPU time each of the others takes, as a Markdown table. CPU time is the figure to compare: it
// changes little with what else the machine does.
//
// The SymPy programs give plain numbers: an output that is a SymPy object would make the processes
// of the paper's pattern import SymPy once, when they unpickle it, and fork the rest with it
// loaded.
//
// The mix is the first kMixPrograms programs of a seed file (CACO_BENCH_MIX, a folder of .py
// files); without it that case is left out.
//
// usage: sandbox_bench [CASE] [SECONDS]     cases: trivial, loop, import sympy, solve, mix, all
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/utsname.h>
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

using Clock = std::chrono::steady_clock;

constexpr int64_t kWorkers = 2;

constexpr size_t kMixPrograms = 200;

struct Case {
  std::string name;
  std::vector<std::string> programs;  // run in turn
};

struct Rate {
  double programs_per_s = 0;
  double cpu_ms = 0;
};

// The programs of the folder that CACO_BENCH_MIX names; empty without it.
std::vector<std::string> mix_programs() {
  const char* folder = getenv("CACO_BENCH_MIX");
  std::vector<std::filesystem::path> paths;
  std::error_code ignored;
  for (const auto& entry :
       std::filesystem::directory_iterator(folder == nullptr ? "" : folder, ignored)) {
    if (entry.path().extension() == ".py") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  paths.resize(std::min(paths.size(), kMixPrograms));
  std::vector<std::string> programs;
  for (const std::filesystem::path& path : paths) {
    std::ifstream file(path);
    programs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return programs;
}

std::vector<Case> all_cases() {
  return {
      {"trivial",
       {"def solve(trays, rolls):\n    total = trays * rolls\n    left = total - 5\n    return "
        "left\n\n"
        "input = {\"trays\": 4, \"rolls\": 6}\noutput = solve(**input)\nprint(output)\n"}},
      {"loop",
       {"def is_prime(n):\n    if n < 2:\n        return False\n    d = 2\n    while d * d <= n:\n"
        "        if n % d == 0:\n            return False\n        d += 1\n    return True\n\n"
        "def solve(limit, step):\n    found = []\n    n = 1\n    while len(found) < limit:\n"
        "        if is_prime(n):\n            found.append(n)\n        n += step\n"
        "    total = sum(found)\n    return total % 1000\n\n"
        "input = {\"limit\": 60, \"step\": 2}\noutput = solve(**input)\nprint(output)\n"}},
      {"import sympy",
       {"import sympy\n\ndef solve(a, b):\n    part = sympy.Rational(a, b)\n"
        "    total = part + sympy.Integer(b)\n    return float(total)\n\n"
        "input = {\"a\": 7, \"b\": 12}\noutput = solve(**input)\nprint(output)\n"}},
      {"solve",
       {"import sympy\n\ndef solve(a, b):\n    x = sympy.Symbol('x')\n"
        "    roots = sympy.solve(x ** 2 - a * x + b, x)\n    return int(max(roots))\n\n"
        "input = {\"a\": 7, \"b\": 12}\noutput = solve(**input)\nprint(output)\n"}},
      {"mix", mix_programs()},
  };
}

double cpu_seconds() {
  double total = 0;
  for (const auto who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    getrusage(who, &usage);
    total += static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
             1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
  }
  return total;
}

// Calls work(i), i = 0, 1, ..., on kWorkers threads until `seconds` are over; returns the number of
// calls.
template <typename Work>
int64_t repeat(double seconds, const Work& work) {
  std::atomic<int64_t> started{0}, count{0};
  const Clock::time_point end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                                   std::chrono::duration<double>(seconds));
  std::vector<std::thread> threads;
  for (int64_t i = 0; i < kWorkers; ++i) {
    threads.emplace_back([&] {
      while (Clock::now() < end) {
        work(started++);
        ++count;
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  return count;
}

// CPU time of a sandbox that lived for `seconds` of work, with its interpreters' whole life.
Rate run_sandbox(const Case& one, bool wants_facts, double seconds) {
  double cpu[2] = {0, 0};
  int64_t counts[2] = {0, 0};
  double wall = 0;
  for (const int pass : {0, 1}) {  // the first pass measures the start
    const double cpu_before = cpu_seconds();
    {
      SandboxOptions options;
      options.num_workers = kWorkers;
      const Result<std::unique_ptr<Sandbox>> sandbox = Sandbox::create(options);
      if (!sandbox.ok()) {
        fprintf(stderr, "%s\n", to_string(sandbox.error()).c_str());
        exit(1);
      }
      const auto run = [&](int64_t i) {
        RunRequest request;
        request.program = one.programs[static_cast<size_t>(i) % one.programs.size()];
        request.wants_facts = wants_facts;
        const Result<RunReport> report = sandbox.value()->run_request(request);
        if (!report.ok() ||
            (one.programs.size() == 1 && report.value().execution.verdict != ExecutionVerdict::Ok))
          exit(2);
      };
      counts[pass] = repeat(0.01, run);  // starts the interpreters of both slots
      const Clock::time_point before = Clock::now();
      if (pass == 1) counts[pass] = repeat(seconds, run);
      wall = std::chrono::duration<double>(Clock::now() - before).count();
    }
    cpu[pass] = cpu_seconds() - cpu_before;
  }
  const double count = static_cast<double>(counts[1]);
  return {count / wall, 1000 * (cpu[1] - cpu[0]) / count};
}

Rate run_fresh_interpreter(const std::vector<std::string>& files, double seconds) {
  const double cpu_before = cpu_seconds();
  const Clock::time_point before = Clock::now();
  const int64_t count = repeat(seconds, [&](int64_t i) {
    const std::string& file = files[static_cast<size_t>(i) % files.size()];
    const std::string command = "exec /usr/bin/python3 -I " + file + " > /dev/null 2>&1";
    if (system(command.c_str()) != 0 && files.size() == 1) exit(2);
  });
  const double wall = std::chrono::duration<double>(Clock::now() - before).count();
  return {static_cast<double>(count) / wall,
          1000 * (cpu_seconds() - cpu_before) / static_cast<double>(count)};
}

Rate run_script(const std::vector<std::string>& files, int64_t count, const std::string& flag) {
  std::string command = std::string("/usr/bin/python3 ") + CACO_BENCH_DIR "/paper_executor.py " +
                        std::to_string(count) + " " + std::to_string(kWorkers) + " " + flag;
  for (const std::string& file : files)
    command += " " + file;
  Rate rate;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr || fscanf(pipe, "%lf %lf", &rate.programs_per_s, &rate.cpu_ms) != 2) exit(3);
  pclose(pipe);
  return rate;
}

void print_rate(const Case& one, const char* executor, const Rate& rate, double unit_ms) {
  printf("| %s | %s | %.0f | %.2f | %.1f |\n", one.name.c_str(), executor, rate.programs_per_s,
         rate.cpu_ms, rate.cpu_ms / unit_ms);
  fflush(stdout);
}

void run_case(const Case& one, double seconds) {
  std::vector<std::string> files;
  const std::string stem = "/tmp/caco-sandbox-bench-" + std::to_string(getpid()) + "-";
  for (const std::string& program : one.programs) {
    files.push_back(stem + std::to_string(files.size()) + ".py");
    std::ofstream(files.back()) << program;
  }
  const Rate ours = run_sandbox(one, /*wants_facts=*/false, seconds);
  print_rate(one, "sandbox", ours, ours.cpu_ms);
  print_rate(one, "sandbox, with program facts", run_sandbox(one, true, seconds), ours.cpu_ms);
  print_rate(one, "python3 -I per program", run_fresh_interpreter(files, seconds), ours.cpu_ms);
  print_rate(
      one, "paper's process pattern",
      run_script(files, std::max<int64_t>(4, static_cast<int64_t>(seconds * 20)), "--isolated"),
      ours.cpu_ms);
  print_rate(
      one, "bare exec, no isolation, 1 core",
      run_script(files, std::max<int64_t>(10, static_cast<int64_t>(seconds * 200)), "--bare"),
      ours.cpu_ms);
  for (const std::string& file : files)
    std::filesystem::remove(file);
}

}  // namespace
}  // namespace caco

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "all";
  const double seconds = argc > 2 ? atof(argv[2]) : 5;
  utsname machine{};
  uname(&machine);
  double load[1] = {0};
  getloadavg(load, 1);
  printf("%s %s, %u cores, load %.1f, %ld workers\n\n", machine.sysname, machine.release,
         std::thread::hardware_concurrency(), load[0], static_cast<long>(caco::kWorkers));
  printf(
      "| case | executor | programs/s | CPU ms | of the sandbox's CPU time "
      "|\n|---|---|---|---|---|\n");
  for (const caco::Case& one : caco::all_cases()) {
    if (one.programs.empty()) continue;
    if (name == "all" || name == one.name) caco::run_case(one, seconds);
  }
  return 0;
}
