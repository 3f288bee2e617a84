#include "caco/sandbox/wall_limit.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace caco {
namespace {

// Starts a process that calls `work` for ever, on core 0 with everything else there.
pid_t start(void (*work)()) {
  const pid_t pid = fork();
  if (pid != 0) return pid;
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(0, &cores);
  sched_setaffinity(0, sizeof(cores), &cores);
  while (true)
    work();
}

void spin() {
  getppid();
}

void sleep_long() {
  sleep(1000);
}

void pause_ms(int64_t ms) {
  const timespec time{ms / 1000, ms % 1000 * 1'000'000};
  nanosleep(&time, nullptr);
}

void end(pid_t pid) {
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
}

TEST(WallLimit, EndsForAChildThatSleeps) {
  const pid_t pid = start(sleep_long);
  WallLimit limit(getpid(), 100'000);
  EXPECT_FALSE(limit.is_over());
  EXPECT_LE(limit.left_ms(), 101);
  for (int i = 0; i < 100 && !limit.is_over(); ++i)
    pause_ms(20);
  EXPECT_TRUE(limit.is_over());
  EXPECT_GE(limit.left_ms(), 1);
  end(pid);
}

TEST(WallLimit, EndsWhereThereIsNoChild) {
  const pid_t childless = start(sleep_long);
  WallLimit limit(childless, 10'000);
  pause_ms(20);
  EXPECT_TRUE(limit.is_over());
  end(childless);
}

// Four spinning processes share a core: each waits for about three quarters of the time. Their
// parent is a process of its own, as the one that is looked at has one child alone.
TEST(WallLimit, CountsWhatAChildWaits) {
  std::vector<pid_t> rivals;
  for (int i = 0; i < 3; ++i)
    rivals.push_back(start(spin));
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t parent = fork();
  if (parent == 0) {
    start(spin);
    EXPECT_EQ(write(ready[1], "x", 1), 1);
    pause();
    _exit(0);
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  WallLimit limit(parent, 300'000);
  WallLimit strict(parent, 300'000, CoreWaiting::Counted);
  pause_ms(400);
  EXPECT_GT(waiting_us_of_child(parent), 100'000);
  EXPECT_FALSE(limit.is_over());
  EXPECT_TRUE(strict.is_over());
  for (const pid_t pid : rivals)
    end(pid);
  int64_t child = 0;
  FILE* file = fopen(
      ("/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent) + "/children").c_str(),
      "re");
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(fscanf(file, "%ld", &child), 1);
  fclose(file);
  kill(static_cast<pid_t>(child), SIGKILL);
  end(parent);
  close(ready[0]);
  close(ready[1]);
}

}  // namespace
}  // namespace caco
