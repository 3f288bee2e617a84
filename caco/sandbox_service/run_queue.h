// RunQueue: who may run a program now, who waits, who is turned away.
//
// A caller enters with its own thread, waits for its turn in the order of arrival, runs its program
// and leaves. At most `num_workers` run at a time and at most `max_waiting` wait; a caller whose
// client has gone away drops out. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>

namespace caco {

enum class Admission {
  Granted,    // it is the caller's turn: call leave() when done
  Full,       // as many wait as may
  Stopping,   // the server takes nothing new
  Cancelled,  // the client went away
  TooLate,    // its turn did not come within its longest wait
};

class RunQueue {
 public:
  RunQueue(int64_t num_workers, int64_t max_waiting)
      : num_workers_(num_workers), max_waiting_(max_waiting) {}

  // What a caller is when it enters.
  struct Caller {
    std::function<bool()> is_gone;  // asked now and then while it waits
    int64_t max_wait_ms = 0;        // 0: as long as its client stays
    bool is_part_of_batch = false;  // the batch was let in as a whole: never Full, never Stopping
  };

  Admission enter(const Caller& caller);
  void leave();

  // From here on new callers are turned away; those that wait get their turn.
  void stop_admitting();
  // Those that wait are turned away too.
  void give_up();

  int64_t num_running() const;
  int64_t num_waiting() const;
  int64_t num_workers() const { return num_workers_; }
  int64_t max_waiting() const { return max_waiting_; }

 private:
  struct Waiter {
    std::condition_variable woken;
    bool has_turn = false;
  };

  Admission wait_for_turn(std::unique_lock<std::mutex>& lock, const Caller& caller);
  void grant_turns();

  const int64_t num_workers_;
  const int64_t max_waiting_;
  mutable std::mutex mutex_;
  std::list<Waiter*> waiters_;
  int64_t num_running_ = 0;
  bool is_stopping_ = false;
  bool has_given_up_ = false;
};

}  // namespace caco
