// The wall time that one program may take: a backstop for programs that sleep. What it waited for a
// core, on a busy machine, is not held against it, unless its caller waits for so long and no
// longer.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>

namespace caco {

// What becomes of the time that a program waited for a core.
enum class CoreWaiting {
  TakenOff,  // verdicts do not depend on load
  Counted    // a run takes no longer than its limit
};

// Not thread-safe.
class WallLimit {
 public:
  static constexpr int64_t kMaxStretch = 10;  // a limit never becomes longer than so many times

  // Begins now, for the one child that process `parent` has or is about to have.
  WallLimit(pid_t parent, int64_t limit_us, CoreWaiting waiting = CoreWaiting::TakenOff);

  // Returns whether the program was there for longer than its limit, without waiting for a core
  // where that is taken off: the kernel is asked when the limit seems to be over, and then again
  // when it can be.
  bool is_over();

  // Returns the milliseconds until is_over should be asked; at least 1.
  int64_t left_ms() const;

 private:
  int64_t elapsed_us() const;

  pid_t parent_;
  int64_t limit_us_;
  CoreWaiting waiting_;
  int64_t ask_at_us_;
  std::chrono::steady_clock::time_point start_;
};

// Returns for how many microseconds the one child of a process was ready to run but did not, or 0
// where the kernel does not say. Up to one turn of the scheduler is not counted yet. Thread-safe.
int64_t waiting_us_of_child(pid_t parent);

}  // namespace caco
