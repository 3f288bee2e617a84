#include "caco/sandbox_service/row_stream.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace caco {
namespace {

class RowStream {
 public:
  explicit RowStream(const RowWork& rows) : rows_(rows) {}

  bool run() {
    std::vector<std::thread> threads;
    const int64_t num_threads = std::max<int64_t>(1, rows_.num_threads);
    num_working_ = num_threads;
    for (int64_t i = 0; i < num_threads; ++i)
      threads.emplace_back([this] { work(); });
    const bool is_complete = give_out();
    for (std::thread& thread : threads)
      thread.join();
    return is_complete;
  }

 private:
  // Takes in the next line when there is room for its result. `input_mutex_` orders the lines and
  // is held while `next` waits for one; `mutex_` is not, so that results go out meanwhile.
  std::optional<std::pair<int64_t, std::string>> take_in() {
    const std::lock_guard<std::mutex> input_lock(input_mutex_);
    {
      std::unique_lock<std::mutex> lock(mutex_);
      has_room_.wait(lock, [this] {
        return is_stopping_ || num_taken_in_ < num_given_out_ + rows_.max_ahead;
      });
      if (is_stopping_ || is_at_end_) return std::nullopt;
    }
    std::optional<std::string> line = rows_.next();
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!line) {
      is_at_end_ = true;
      return std::nullopt;
    }
    return std::pair{++num_taken_in_, std::move(*line)};
  }

  void work() {
    while (const std::optional<std::pair<int64_t, std::string>> item = take_in()) {
      std::string result = rows_.work(item->first, item->second);
      const std::lock_guard<std::mutex> lock(mutex_);
      results_.emplace(item->first, std::move(result));
      has_result_.notify_one();
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    --num_working_;
    has_result_.notify_one();
  }

  bool is_next_ready() const {
    if (results_.empty()) return false;
    return !rows_.is_ordered || results_.begin()->first == num_given_out_ + 1;
  }

  bool give_out() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (true) {
      has_result_.wait_for(lock, std::chrono::milliseconds(rows_.idle_ms),
                           [this] { return is_next_ready() || num_working_ == 0; });
      const bool is_ready = is_next_ready();
      if (!is_ready && num_working_ == 0) return true;
      std::string result;
      if (is_ready) {
        result = std::move(results_.begin()->second);
        results_.erase(results_.begin());
        ++num_given_out_;
        has_room_.notify_all();
      }
      lock.unlock();
      const bool goes_on = rows_.emit(is_ready ? &result : nullptr);
      lock.lock();
      if (goes_on) continue;
      is_stopping_ = true;
      has_room_.notify_all();
      return false;
    }
  }

  const RowWork& rows_;
  std::mutex input_mutex_;
  std::mutex mutex_;
  std::condition_variable has_room_;
  std::condition_variable has_result_;
  std::map<int64_t, std::string> results_;
  int64_t num_taken_in_ = 0;
  int64_t num_given_out_ = 0;
  int64_t num_working_ = 0;
  bool is_at_end_ = false;
  bool is_stopping_ = false;
};

}  // namespace

bool run_rows(const RowWork& rows) {
  return RowStream(rows).run();
}

}  // namespace caco
