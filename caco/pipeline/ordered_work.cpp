#include "caco/pipeline/ordered_work.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace caco {
namespace {

// One lock for everything but the work itself: making and taking are short beside it.
class OrderedRun {
 public:
  explicit OrderedRun(const OrderedWork& parts)
      : parts_(parts), window_(parts.num_threads * kMaxBatchesAheadPerThread) {}

  void run_thread() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return is_over_ || next_made_ - next_taken_ < window_; });
      if (is_over_) return;
      PassingBatch batch;
      const Result<bool> made = parts_.make(batch);
      if (!made.ok()) return fail(made.error());
      if (!made.value()) {
        is_over_ = true;
        changed_.notify_all();
        return;
      }
      const int64_t index = next_made_++;
      lock.unlock();
      const Status status = parts_.work(batch);
      lock.lock();
      if (!status.ok()) return fail(status.error());
      if (has_failed_) return;
      worked_.emplace(index, std::move(batch));
      const Status taken = take_ready();
      if (!taken.ok()) return fail(taken.error());
    }
  }

  Status status() const {
    if (has_failed_) return error_;
    return {};
  }

 private:
  void fail(const Error& error) {
    if (!has_failed_) error_ = error;
    has_failed_ = true;
    is_over_ = true;
    changed_.notify_all();
  }

  Status take_ready() {
    while (!worked_.empty() && worked_.begin()->first == next_taken_) {
      TRY(parts_.take(worked_.begin()->second));
      worked_.erase(worked_.begin());
      ++next_taken_;
      changed_.notify_all();
    }
    return {};
  }

  const OrderedWork& parts_;
  const int64_t window_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int64_t next_made_ = 0;  // guarded by mutex_, as all below
  int64_t next_taken_ = 0;
  std::map<int64_t, PassingBatch> worked_;  // worked on, not yet taken
  bool is_over_ = false;                    // no further batch is to be made
  bool has_failed_ = false;
  Error error_;
};

}  // namespace

Status run_in_order(const OrderedWork& parts) {
  OrderedRun run(parts);
  std::vector<std::thread> threads;
  for (int64_t i = 1; i < parts.num_threads; ++i)
    threads.emplace_back([&run] { run.run_thread(); });
  run.run_thread();
  for (std::thread& thread : threads)
    thread.join();
  return run.status();
}

}  // namespace caco
