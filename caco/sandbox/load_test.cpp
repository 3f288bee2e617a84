// Verdicts do not depend on load: the same programs, some of them close to their CPU limit, end the
// same way on the machine as it is and beside busy processes (slow). Programs that end just when
// they are killed, and the same program many times over.
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "caco/sandbox/test_sandbox.h"

namespace caco {
namespace {

constexpr int kPrograms = 300;
constexpr int kBusyProcesses = 10;
constexpr int64_t kCpuLimitMs = 100;

// Keeps processes busy for as long as it lives.
class Load {
 public:
  explicit Load(int num_processes) {
    for (int i = 0; i < num_processes; ++i) {
      const pid_t pid = fork();
      if (pid == 0) {
        alarm(600);
        while (true) {
        }
      }
      if (pid > 0) pids_.push_back(pid);
    }
  }
  ~Load() {
    for (const pid_t pid : pids_)
      kill(pid, SIGKILL);
    for (const pid_t pid : pids_)
      waitpid(pid, nullptr, 0);
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

 private:
  std::vector<pid_t> pids_;
};

// Program number i; some use half of kCpuLimitMs.
std::string program_at(int i) {
  const std::string number = std::to_string(i);
  switch (i % 10) {
    case 0:
      return "import time\nwhile time.process_time() < 0.05: pass\noutput = " + number + "\n";
    case 1:
      return "x = " + number + " / 0\n";
    case 2:
      return "import random\noutput = [random.random(), " + number + "]\n";
    case 3:
      return i % 30 == 3 ? "while True: pass\n" : "output = 'x' * " + number + "\n";
    case 4:
      return "import sys\nsys.exit(" + number + ")\n";
    case 5:
      return "print('y' * 70000)\n";
    default:
      return "input = {'n': " + number + "}\noutput = sum(range(input['n']))\nprint(output)\n";
  }
}

std::vector<std::string> run_all() {
  std::vector<std::string> ends(kPrograms);
  const auto work = [&](int first) {
    for (int i = first; i < kPrograms; i += 2) {
      RunRequest request;
      request.program = program_at(i);
      request.cpu_limit_ms = kCpuLimitMs;
      const Result<RunReport> run = test_sandbox().run_request(request);
      if (!run.ok()) {
        ends[static_cast<size_t>(i)] = to_string(run.error());
        continue;
      }
      const Execution& execution = run.value().execution;
      ends[static_cast<size_t>(i)] =
          std::string(to_string(execution.verdict)) + " " + execution.output_repr;
    }
  };
  std::thread thread([&] { work(1); });
  work(0);
  thread.join();
  return ends;
}

TEST(Load, VerdictsAreTheSameUnderLoad) {
  if (getenv("CACO_SLOW_TESTS") == nullptr) GTEST_SKIP() << "set CACO_SLOW_TESTS=1 to run it";
  const std::vector<std::string> quiet = run_all();
  const Load load(kBusyProcesses);
  const std::vector<std::string> loaded = run_all();
  for (size_t i = 0; i < quiet.size(); ++i)
    EXPECT_EQ(loaded[i], quiet[i]) << program_at(static_cast<int>(i));
}

// A program that ends at the moment at which it is killed ends one way or the other, and the kill
// hits nobody else.
TEST(Load, EndsAtTheLimitAreOneOrTheOther) {
  RunRequest request;
  request.cpu_limit_ms = 20;
  for (int i = 0; i < 40; ++i) {
    request.program = "import time\nwhile time.process_time() < " +
                      std::to_string(0.015 + 0.00025 * i) + ": pass\noutput = 1\n";
    const Result<RunReport> run = test_sandbox().run_request(request);
    ASSERT_TRUE(run.ok()) << to_string(run.error());
    const ExecutionVerdict verdict = run.value().execution.verdict;
    EXPECT_TRUE(verdict == ExecutionVerdict::Ok || verdict == ExecutionVerdict::CpuTimeLimit)
        << to_string(verdict);
    EXPECT_EQ(run_in_test_sandbox("output = 6 * 7\n").output_repr, "42");
  }
}

TEST(Load, TheSameProgramManyTimes) {
  RunRequest request;
  request.wants_facts = false;
  request.program = "input = {'n': 5}\noutput = input['n'] ** 2\nprint(output)\n";
  for (int i = 0; i < 300; ++i) {
    const Result<RunReport> run = test_sandbox().run_request(request);
    ASSERT_TRUE(run.ok()) << to_string(run.error());
    ASSERT_EQ(run.value().execution.output_repr, "25");
    ASSERT_EQ(run.value().execution.stdout_text, "25\n");
  }
}

}  // namespace
}  // namespace caco
