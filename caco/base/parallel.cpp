#include "caco/base/parallel.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

namespace caco {

Status parallel_for(int64_t count, int64_t num_threads,
                    const std::function<Status(int64_t)>& work) {
  std::atomic<int64_t> next{0};
  std::mutex mutex;
  int64_t failed_index = count;  // guarded by mutex
  Error first_error;             // guarded by mutex
  const auto run = [&] {
    for (int64_t index = next.fetch_add(1); index < count; index = next.fetch_add(1)) {
      const Status status = work(index);
      if (status.ok()) continue;
      const std::lock_guard<std::mutex> lock(mutex);
      if (index < failed_index) {
        failed_index = index;
        first_error = status.error();
      }
      next = count;
    }
  };
  if (num_threads <= 1 || count <= 1) {
    run();
  } else {
    std::vector<std::thread> threads;
    for (int64_t i = 0; i < std::min(num_threads, count); ++i)
      threads.emplace_back(run);
    for (std::thread& thread : threads)
      thread.join();
  }
  if (failed_index < count) return first_error;
  return {};
}

}  // namespace caco
