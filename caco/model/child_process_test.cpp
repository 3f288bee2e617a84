#include "caco/model/child_process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>

namespace caco {
namespace {

Result<std::unique_ptr<ChildProcess>> start_shell(const std::string& script,
                                                  std::vector<std::string>* lines = nullptr) {
  ChildCommand command;
  command.arguments = {"/bin/sh", "-c", script};
  if (lines != nullptr) {
    command.on_line = [lines](std::string_view line) {
      lines->emplace_back(line);
    };
  }
  return ChildProcess::start(std::move(command));
}

TEST(ChildProcess, TellsHowItEndedAndWhatItWrote) {
  struct Row {
    std::string script;
    int exit_code, signal;
    std::string tail;
  };
  const Row rows[] = {
      {"exit 0", 0, 0, ""},
      {"echo out; echo err >&2; exit 7", 7, 0, "out\nerr\n"},
      {"kill -9 $$", -1, 9, ""},
      {"printf 'no line end'", 0, 0, "no line end\n"},
      {"printf 'a\\rb\\n\\nc\\n'", 0, 0, "a\nb\nc\n"},
      {"cat; echo $?", 0, 0, "0\n"},  // standard input is empty
  };
  for (const Row& row : rows) {
    std::vector<std::string> lines;
    const auto child = start_shell(row.script, &lines).value();
    ASSERT_TRUE(child->wait_for_end(20'000)) << row.script;
    EXPECT_FALSE(child->is_running());
    EXPECT_EQ(child->end().exit_code, row.exit_code) << row.script;
    EXPECT_EQ(child->end().signal, row.signal) << row.script;
    EXPECT_EQ(child->tail(), row.tail) << row.script;
  }
}

TEST(ChildProcess, KeepsOnlyTheLastLinesAndBoundsLongOnes) {
  const auto child = start_shell(
                         "i=0; while [ $i -lt 50 ]; do echo line $i; i=$((i+1)); done; "
                         "head -c 100000 /dev/zero | tr '\\0' x")
                         .value();
  ASSERT_TRUE(child->wait_for_end(20'000));
  const std::string tail = child->tail();
  EXPECT_EQ(std::count(tail.begin(), tail.end(), '\n'), std::ssize(std::string(20, ' ')));
  EXPECT_TRUE(tail.starts_with("line 31\n"));
  EXPECT_LT(tail.size(), ChildProcess::kMaxLineBytes + 1000);
}

TEST(ChildProcess, AMissingProgramIsNotFound) {
  for (const std::string path : {"/no/such/program", "/etc/passwd", "/"}) {
    ChildCommand command;
    command.arguments = {path};
    const auto child = ChildProcess::start(std::move(command));
    ASSERT_FALSE(child.ok()) << path;
    EXPECT_EQ(child.error().code, ErrorCode::NotFound) << path;
    EXPECT_NE(child.error().message.find(path), std::string::npos);
  }
}

TEST(ChildProcess, StopsPolitelyThenForCertain) {
  const auto polite =
      start_shell("trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done").value();
  while (polite->tail().empty())
    ASSERT_FALSE(polite->wait_for_end(10));
  polite->stop(10'000);
  EXPECT_EQ(polite->end().exit_code, 5);

  const auto stubborn =
      start_shell("trap '' TERM; echo ready; while :; do sleep 0.05; done").value();
  while (stubborn->tail().empty())
    ASSERT_FALSE(stubborn->wait_for_end(10));
  stubborn->stop(100);
  EXPECT_EQ(stubborn->end().signal, SIGKILL);
}

TEST(ChildProcess, ItsEndIsSeenAlthoughAGrandchildHoldsTheOutput) {
  const auto child = start_shell("sleep 30 & exit 4").value();
  ASSERT_TRUE(child->wait_for_end(10'000));
  EXPECT_EQ(child->end().exit_code, 4);
}

// The promise that matters: when this process is killed, the child is gone too.
TEST(ChildProcess, DoesNotOutliveAKilledParent) {
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    const auto child = start_shell("echo $$; sleep 60").value();
    while (child->tail().empty())
      (void)child->wait_for_end(10);
    const std::string number = child->tail();
    (void)!::write(pipe_ends[1], number.data(), number.size());
    while (true)
      ::pause();
  }
  char number[32] = {};
  ASSERT_GT(::read(pipe_ends[0], number, sizeof(number) - 1), 0);
  const pid_t grandchild = std::atoi(number);
  ASSERT_EQ(::kill(grandchild, 0), 0);
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  bool is_gone = false;
  for (int i = 0; i < 200 && !is_gone; ++i) {
    // Gone, or dead and not yet collected by the process that inherited it.
    std::ifstream status("/proc/" + std::to_string(grandchild) + "/stat");
    std::string id, name, state;
    status >> id >> name >> state;
    is_gone = !status || state == "Z" || state == "X";
    if (!is_gone) ::usleep(10'000);
  }
  EXPECT_TRUE(is_gone);
}

}  // namespace
}  // namespace caco
