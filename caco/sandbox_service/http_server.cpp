#include "caco/sandbox_service/http_server.h"

#include <sys/socket.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace caco {
namespace {

constexpr int kBacklog = 1024;
constexpr size_t kMaxRefusals = 64;  // connections that wait to be told that there is no room
constexpr int64_t kHeaderBytes = 64 << 10;  // of a request beside its body
constexpr int64_t kOversizeFactor = 4;      // bodies up to this many times the limit are read to
                                            // their end, so that their sender sees the answer
constexpr int64_t kIdleCheckMs = 200;

const std::string kRefusal =
    "HTTP/1.1 503 Service Unavailable\r\n"
    "Content-Type: application/json\r\nRetry-After: 1\r\nConnection: close\r\n"
    "Content-Length: 35\r\n\r\n"
    "{\"detail\":\"too many connections\"}\r\n";

// What becomes of a connection is decided where it is handed to a thread.
enum class Treatment { Serve, Refuse, Drop };
thread_local Treatment treatment = Treatment::Serve;
thread_local HttpConnection* served_connection = nullptr;

// Threads that start as they are needed.
class GrowingThreads final : public httplib::TaskQueue {
 public:
  explicit GrowingThreads(size_t max_threads) : max_threads_(max_threads) {
    threads_.emplace_back([this] { work(refusals_, Treatment::Refuse); });
  }

  void enqueue(std::function<void()> task) override {
    std::unique_lock<std::mutex> lock(mutex_);
    if (num_idle_ <= tasks_.size() && num_serving_threads_ < max_threads_) {
      ++num_serving_threads_;
      threads_.emplace_back([this] { work(tasks_, Treatment::Serve); });
      tasks_.push_back(std::move(task));
    } else if (num_idle_ > tasks_.size()) {
      tasks_.push_back(std::move(task));
    } else if (refusals_.size() < kMaxRefusals) {
      refusals_.push_back(std::move(task));
    } else {
      lock.unlock();
      treatment = Treatment::Drop;
      task();
      treatment = Treatment::Serve;
      return;
    }
    has_task_.notify_all();
  }

  void shutdown() override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      is_over_ = true;
    }
    has_task_.notify_all();
    for (std::thread& thread : threads_)
      thread.join();
  }

 private:
  void work(std::deque<std::function<void()>>& tasks, Treatment how) {
    treatment = how;
    const bool is_serving = how == Treatment::Serve;
    std::unique_lock<std::mutex> lock(mutex_);
    while (true) {
      num_idle_ += is_serving ? 1 : 0;
      has_task_.wait(lock, [&] { return !tasks.empty() || is_over_; });
      num_idle_ -= is_serving ? 1 : 0;
      if (tasks.empty()) return;
      const std::function<void()> task = std::move(tasks.front());
      tasks.pop_front();
      lock.unlock();
      task();
      lock.lock();
    }
  }

  const size_t max_threads_;
  std::mutex mutex_;
  std::condition_variable has_task_;
  std::deque<std::function<void()>> tasks_;
  std::deque<std::function<void()>> refusals_;
  std::vector<std::thread> threads_;
  size_t num_serving_threads_ = 0;
  size_t num_idle_ = 0;
  bool is_over_ = false;
};

}  // namespace

HttpServer::HttpServer(const HttpServerOptions& options, std::function<void()> on_refused)
    : options_(options), on_refused_(std::move(on_refused)) {
  const auto max_threads = static_cast<size_t>(options.max_connections);
  new_task_queue = [max_threads] {
    return new GrowingThreads(max_threads);
  };
  set_payload_max_length(static_cast<size_t>(options.max_body_bytes));
  set_tcp_nodelay(true);
}

HttpConnection* HttpServer::current_connection() {
  return served_connection;
}

bool HttpServer::widen_backlog() {
  return ::listen(svr_sock_, kBacklog) == 0;
}

void HttpServer::serve(HttpConnection& connection) {
  const int64_t max_bytes = kOversizeFactor * options_.max_body_bytes + kHeaderBytes;
  while (!connection.must_close()) {
    bool has_request = false;
    for (int64_t waited = 0; !has_request && waited < options_.keep_alive_ms && !is_closing_;
         waited += kIdleCheckMs) {
      has_request = connection.wait_for_request(kIdleCheckMs);
      if (!has_request && connection.is_gone()) return;
    }
    if (!has_request) return;
    connection.begin_request(max_bytes);
    bool is_closed = false;
    const bool is_last = is_closing_;
    if (!process_request(connection, is_last, is_closed, nullptr) || is_closed || is_last) return;
  }
}

bool HttpServer::process_and_close_socket(socket_t socket) {
  HttpConnection connection(socket, options_.read_timeout_ms, options_.write_timeout_ms);
  if (treatment == Treatment::Serve) {
    ++num_connections_;
    served_connection = &connection;
    serve(connection);
    served_connection = nullptr;
    --num_connections_;
  } else {
    on_refused_();
    if (treatment == Treatment::Refuse) connection.send_now(kRefusal);
  }
  if (treatment != Treatment::Drop) connection.finish();
  return true;
}

}  // namespace caco
