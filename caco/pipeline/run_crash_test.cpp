// Kill the run at every durable write, and fill the disk at every durable write; then run again.
// The bytes are those of an undisturbed run each time.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "caco/base/file.h"
#include "caco/pipeline/run.h"
#include "caco/pipeline/test_steps.h"

namespace caco {
namespace {

enum class Ending { Finished, Failed, Killed };

class RunCrashTest : public testing::Test {
 protected:
  RunCrashTest() : root_(test::make_test_folder("run_crash_test")) {}
  void TearDown() override { std::filesystem::remove_all(root_); }

  Status run(const std::string& name) const {
    test::PlanOptions options;
    options.num_seeds = 20;
    options.num_generated = 12;
    RunControls controls;
    controls.shard_size = 8;
    const RunDirectory directory(root_ / name);
    const auto results = run_steps(test::make_plan(options, directory.root()), directory, controls);
    if (!results.ok()) return results.error();
    return {};
  }

  // Runs in a child process in which the `countdown`-th write meets the fault.
  Ending run_with_fault(const std::string& name, WriteFault fault, int64_t countdown) const {
    const pid_t child = ::fork();
    if (child == 0) {
      set_write_fault(fault, countdown);
      const Status status = run(name);
      const bool is_full = !status.ok() && status.error().code == ErrorCode::ResourceExhausted;
      ::_exit(status.ok() ? 0 : is_full ? 1 : 2);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status)) {
      EXPECT_EQ(WTERMSIG(status), SIGKILL);
      return Ending::Killed;
    }
    EXPECT_NE(WEXITSTATUS(status), 2) << "a full disk was not said to be one";
    return WEXITSTATUS(status) == 0 ? Ending::Finished : Ending::Failed;
  }

  // Meets the fault at the first write, the second, ... until a run gets through.
  void check(WriteFault fault, Ending expected) const {
    ASSERT_TRUE(run("undisturbed").ok());
    const auto good = test::read_run(root_ / "undisturbed");
    int64_t countdown = 1;
    for (;; ++countdown) {
      ASSERT_LT(countdown, 500);
      std::filesystem::remove_all(root_ / "a");
      const Ending ending = run_with_fault("a", fault, countdown);
      if (ending == Ending::Finished) break;
      ASSERT_EQ(ending, expected) << "at write " << countdown;
      ASSERT_TRUE(run("a").ok()) << "after write " << countdown;
      ASSERT_EQ(test::read_run(root_ / "a"), good) << "after write " << countdown;
    }
    EXPECT_GT(countdown, 40) << "the plan writes more files than that";
  }

  std::filesystem::path root_;
};

TEST_F(RunCrashTest, KilledAtEveryWrite) {
  check(WriteFault::Kill, Ending::Killed);
}

TEST_F(RunCrashTest, FullDiskAtEveryWrite) {
  check(WriteFault::DiskFull, Ending::Failed);
}

TEST_F(RunCrashTest, KilledAgainAndAgainStillEnds) {
  ASSERT_TRUE(run("undisturbed").ok());
  // A barrier without a cache begins anew each time, so a run must live for as many writes as its
  // longest barrier makes.
  constexpr int64_t kWrites = 20;
  int64_t num_kills = 0;
  while (run_with_fault("a", WriteFault::Kill, kWrites) == Ending::Killed)
    ASSERT_LT(++num_kills, 100) << "a run that is killed makes no headway";
  EXPECT_EQ(test::read_run(root_ / "a"), test::read_run(root_ / "undisturbed"));
}

}  // namespace
}  // namespace caco
