// Ordered parallel work: items are made one after the other, worked on by several threads, and
// their results are taken in the order of the items. So whatever the number of threads, the output
// is the same.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "caco/base/result.h"

namespace caco {

// Calls work(i) for i in [0, count) on up to `num_threads` threads and waits for all. The first
// Error (by index) is returned; after an Error no further items are started. `work` must be safe to
// call concurrently. num_threads <= 1 runs on the calling thread.
Status parallel_for(int64_t count, int64_t num_threads,
                    const std::function<Status(int64_t index)>& work);

// Returns {work(0), ..., work(count - 1)}, as parallel_for.
template <typename T>
Result<std::vector<T>> parallel_map(int64_t count, int64_t num_threads,
                                    const std::function<Result<T>(int64_t index)>& work) {
  std::vector<T> results(static_cast<size_t>(count));
  const Status status = parallel_for(count, num_threads, [&](int64_t index) -> Status {
    results[static_cast<size_t>(index)] = TRY(work(index));
    return {};
  });
  if (!status.ok()) return status.error();
  return results;
}

}  // namespace caco
