// ChildProcess: a program of ours (caco-lm) run as a child that can never outlive this process.
//
// The kernel kills the child when the *thread* that forked it ends (PR_SET_PDEATHSIG), and engine
// threads come and go. So each child has a keeper thread of its own that forks it, reads what it
// writes, and waits for it: the keeper lives exactly as long as the child. If this process is
// killed, the keeper dies with it and the kernel kills the child.
//
// Standard input is empty; standard output and error are read together, line by line. The child is
// in its own process group, so that an interrupt typed at the terminal reaches only this process,
// which then stops its children in order. Thread-safe.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "caco/base/result.h"

namespace caco {

struct ChildCommand {
  std::vector<std::string> arguments;  // the program's path, then its arguments
  // Told of each line that the child writes, without its line end, from the keeper thread.
  std::function<void(std::string_view line)> on_line;
};

// How a child ended.
struct ChildEnd {
  int exit_code = 0;  // -1 when a signal ended it
  int signal = 0;
  bool is_success() const { return exit_code == 0 && signal == 0; }
};

// Returns "exited with status 3" or "was ended by signal 9 (Killed)".
std::string to_string(const ChildEnd& end);

class ChildProcess {
 public:
  // Longest line that is kept; the rest of a longer one is dropped.
  static constexpr size_t kMaxLineBytes = 8192;
  // Number of last lines kept for error messages.
  static constexpr size_t kNumTailLines = 20;

  // Starts the program. NotFound when it is not there or cannot be executed, ResourceExhausted when
  // no process can be made.
  static Result<std::unique_ptr<ChildProcess>> start(ChildCommand command);

  // Stops the child with stop(kDefaultGraceMs) if it still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  bool is_running() const;

  // Waits until the child has ended, at most `timeout_ms`; returns whether it has.
  bool wait_for_end(int64_t timeout_ms) const;

  // REQUIRES: the child has ended.
  ChildEnd end() const;

  // Asks the child to end (SIGTERM) and kills it (SIGKILL) when it has not within `grace_ms`.
  // Returns when it has ended.
  void stop(int64_t grace_ms);

  // Sends a signal unless the child has already ended.
  void send_signal(int number);

  // The last lines that the child wrote, each with a line end.
  std::string tail() const;

  static constexpr int64_t kDefaultGraceMs = 5000;

 private:
  explicit ChildProcess(ChildCommand command) : command_(std::move(command)) {}

  Status launch(int output_end);          // forks; keeper thread only
  void keep(int output, int output_end);  // body of the keeper thread
  void read_output(int output);
  bool has_exited() const;
  void take_bytes(std::string_view bytes, std::string& line);
  void finish_line(std::string& line);

  ChildCommand command_;
  std::thread keeper_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool is_launched_ = false;  // launch() has returned
  bool has_ended_ = false;    // reaped; pid_ must not be used any more
  Status launch_status_;
  ChildEnd end_;
  pid_t pid_ = -1;
  std::deque<std::string> tail_;
};

}  // namespace caco
