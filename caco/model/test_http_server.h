// A small real HTTP server for tests, on plain sockets, so that it can misbehave in every way that
// servers in the field do: close connections, send half an answer, be slow, send garbage. One
// thread a connection, connections are kept alive.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace caco {

struct TestRequest {
  std::string method;
  std::string path;
  std::string head;  // the header lines, in lower case
  std::string body;
};

struct TestReply {
  int status = 200;
  std::string body;
  std::vector<std::string> headers;  // "Retry-After: 1"
  int64_t delay_ms = 0;              // before anything is sent
  bool closes_at_once = false;       // sends nothing
  bool closes_in_body = false;       // sends half of the body
};

class TestHttpServer {
 public:
  // `answer` is called from several threads at a time, with the number of the request from 0 on.
  using Answer = std::function<TestReply(const TestRequest& request, int64_t number)>;

  explicit TestHttpServer(Answer answer);
  ~TestHttpServer();
  TestHttpServer(const TestHttpServer&) = delete;
  TestHttpServer& operator=(const TestHttpServer&) = delete;

  int port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/v1"; }
  int64_t num_requests() const { return num_requests_; }
  int64_t num_connections() const { return num_connections_; }
  int64_t most_at_once() const { return most_at_once_; }

 private:
  void accept_connections();
  void serve(int connection);
  bool answer_one(int connection, std::string& buffer);

  const Answer answer_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> is_stopping_{false};
  std::atomic<int64_t> num_requests_{0};
  std::atomic<int64_t> num_connections_{0};
  std::atomic<int64_t> num_at_once_{0};
  std::atomic<int64_t> most_at_once_{0};
  std::mutex mutex_;
  std::vector<int> connections_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

// Returns the body of a good reply to a raw completion.
std::string completion_body(const std::string& text);

}  // namespace caco
