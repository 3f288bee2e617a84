// Runs every program of tests/escapes. The first line of each says how it must end ("# expect:
// VERDICT [what]", several verdicts separated by commas where kernels differ; `what` is the repr of
// `output` or the type of the error; `nondeterministic` is an `ok` whose second run differs). After
// each an innocent program must give its result, and nothing of the hostile one may be left: no
// process, descriptor, mount, System V object or file, and at the end no memory.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "caco/base/file.h"
#include "caco/sandbox/sandbox.h"

namespace caco {
namespace {

namespace fs = std::filesystem;

// Sanitizers keep what is freed (up to 256 MB), and shadows of it.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int64_t kMaxGrowthBytes = int64_t{1} << 30;
#else
constexpr int64_t kMaxGrowthBytes = int64_t{16} << 20;
#endif

int64_t num_open_descriptors() {
  int64_t count = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator("/proc/self/fd"))
    ++count;
  return count;
}

int64_t num_lines(const char* path) {
  std::ifstream file(path);
  int64_t count = 0;
  for (std::string line; std::getline(file, line);)
    ++count;
  return count;
}

int64_t resident_bytes() {
  int64_t ignored = 0, pages = 0;
  std::ifstream("/proc/self/statm") >> ignored >> pages;
  return pages * sysconf(_SC_PAGESIZE);
}

// Returns the number of processes below this one: warm interpreters, and nothing else may be there.
int64_t num_descendants() {
  std::vector<std::pair<int64_t, int64_t>> parents;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "stat");
    std::string line;
    if (!std::getline(file, line)) continue;
    const size_t name_end = line.rfind(')');
    if (name_end == std::string::npos) continue;
    std::istringstream rest(line.substr(name_end + 1));
    char state = ' ';
    int64_t parent = 0;
    rest >> state >> parent;
    parents.emplace_back(atoll(line.c_str()), parent);
  }
  std::vector<int64_t> found{getpid()};
  for (size_t i = 0; i < found.size(); ++i) {
    for (const auto& [pid, parent] : parents) {
      if (parent == found[i]) found.push_back(pid);
    }
  }
  return static_cast<int64_t>(found.size()) - 1;
}

// "ok 4" -> verdicts {"ok"}, what "4".
struct Expectation {
  std::string verdicts;
  std::string what;
};

Expectation read_expectation(const std::string& program) {
  const std::string prefix = "# expect: ";
  std::string line = program.substr(0, program.find('\n'));
  EXPECT_EQ(line.rfind(prefix, 0), 0U) << line;
  line = line.substr(std::min(prefix.size(), line.size()));
  const size_t space = line.find(' ');
  return {"," + line.substr(0, space) + ",",
          space == std::string::npos ? "" : line.substr(space + 1)};
}

// Wall time is far away, so that a busy machine changes nothing.
std::unique_ptr<Sandbox> make_sandbox() {
  SandboxOptions options;
  options.num_workers = 1;
  options.cpu_limit_ms = 300;
  options.wall_limit_ms = 60'000;
  options.memory_limit_mb = 128;
  Result<std::unique_ptr<Sandbox>> sandbox = Sandbox::create(options);
  if (!sandbox.ok()) ADD_FAILURE() << to_string(sandbox.error());
  return sandbox.ok() ? std::move(sandbox).value() : nullptr;
}

void check(Sandbox& sandbox, const fs::path& path) {
  SCOPED_TRACE(path.filename());
  const Result<std::string> program = read_file(path);
  ASSERT_TRUE(program.ok());
  const Expectation expected = read_expectation(program.value());
  RunRequest request;
  request.program = program.value();
  // Programs that never end by themselves need not be waited for long.
  if (expected.verdicts == ",cpu_time_limit,") request.cpu_limit_ms = 150;
  if (expected.verdicts == ",wall_time_limit,") request.wall_limit_ms = 300;
  request.runs_twice = expected.verdicts == ",nondeterministic,";
  const Result<RunReport> run = sandbox.run_request(request);
  ASSERT_TRUE(run.ok()) << to_string(run.error());
  const Execution& execution = run.value().execution;
  const std::string verdict =
      execution.is_deterministic ? std::string(to_string(execution.verdict)) : "nondeterministic";
  EXPECT_NE(expected.verdicts.find("," + verdict + ","), std::string::npos)
      << verdict << " instead of " << expected.verdicts << " " << execution.error_type << ": "
      << execution.error_message << " output " << execution.output_repr.substr(0, 200);
  if (!expected.what.empty()) {
    EXPECT_EQ(
        execution.verdict == ExecutionVerdict::Ok ? execution.output_repr : execution.error_type,
        expected.what);
  }
  EXPECT_LE(execution.error_message.size(), 2000U);
  const Result<Execution> next = sandbox.run(
      "import math, decimal, random, sys\n"
      "input = {\"a\": 20, \"b\": 22}\n"
      "output = [input[\"a\"] + input[\"b\"], math.pi > 3.14, decimal.getcontext().prec, "
      "sys.getrecursionlimit()]\n"
      "print(output[0])\n");
  ASSERT_TRUE(next.ok()) << to_string(next.error());
  EXPECT_EQ(next.value().output_repr, "[42, True, 28, 1000]");
  EXPECT_EQ(next.value().stdout_text, "42\n");
}

TEST(Escapes, EachEndsAsExpectedAndLeavesNothing) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(fs::path(CACO_SOURCE_DIR) / "tests/escapes")) {
    if (entry.path().extension() == ".py") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  ASSERT_GE(paths.size(), 230U);
  const std::unique_ptr<Sandbox> sandbox = make_sandbox();
  ASSERT_TRUE(sandbox != nullptr);
  // All interpreter images are there before the counting starts.
  ASSERT_TRUE(sandbox->run("import numpy\noutput = 1\n").ok());
  ASSERT_TRUE(sandbox->run("import sympy\noutput = 1\n").ok());
  RunRequest twice;
  twice.program = "output = 1\n";
  twice.runs_twice = true;
  ASSERT_TRUE(sandbox->run_request(twice).ok());
  const int64_t descriptors = num_open_descriptors();
  const int64_t processes = num_descendants();
  const int64_t mounts = num_lines("/proc/self/mountinfo");
  const int64_t shared = num_lines("/proc/sysvipc/shm") + num_lines("/proc/sysvipc/sem") +
                         num_lines("/proc/sysvipc/msg");
  const int64_t memory = resident_bytes();
  for (const fs::path& path : paths) {
    check(*sandbox, path);
    EXPECT_EQ(num_open_descriptors(), descriptors) << path;
    EXPECT_EQ(num_descendants(), processes) << path;
    EXPECT_EQ(num_lines("/proc/self/mountinfo"), mounts) << path;
    EXPECT_EQ(num_lines("/proc/sysvipc/shm") + num_lines("/proc/sysvipc/sem") +
                  num_lines("/proc/sysvipc/msg"),
              shared)
        << path;
  }
  EXPECT_LT(resident_bytes() - memory, kMaxGrowthBytes);
  for (const char* file : {"/tmp/out", "/tmp/left-behind", "/dev/shm/left-behind"}) {
    EXPECT_FALSE(fs::exists(file)) << file;
  }
}

}  // namespace
}  // namespace caco
