#include "caco/model/test_http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cstdlib>

#include "caco/base/json.h"

namespace caco {
namespace {

// Appends what has come to `buffer`; false at the end of the connection.
bool receive_more(int connection, std::string& buffer) {
  char bytes[4096];
  const ssize_t count = ::recv(connection, bytes, sizeof(bytes), 0);
  if (count <= 0) return false;
  buffer.append(bytes, static_cast<size_t>(count));
  return true;
}

void send_all(int connection, const std::string& text) {
  size_t sent = 0;
  while (sent < text.size()) {
    const ssize_t count = ::send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return;
    sent += static_cast<size_t>(count);
  }
}

}  // namespace

TestHttpServer::TestHttpServer(Answer answer) : answer_(std::move(answer)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  [[maybe_unused]] const bool is_bound =
      ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
      ::listen(listener_, 128) == 0 &&
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  assert(is_bound);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_connections(); });
}

TestHttpServer::~TestHttpServer() {
  is_stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int connection : connections_)
      ::shutdown(connection, SHUT_RDWR);
  }
  for (std::thread& thread : threads_)
    thread.join();
  for (const int connection : connections_)
    ::close(connection);
  ::close(listener_);
}

void TestHttpServer::accept_connections() {
  while (!is_stopping_) {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    ++num_connections_;
    const std::lock_guard lock(mutex_);
    connections_.push_back(connection);
    threads_.emplace_back([this, connection] { serve(connection); });
  }
}

void TestHttpServer::serve(int connection) {
  std::string buffer;
  while (!is_stopping_ && answer_one(connection, buffer)) {
  }
  ::shutdown(connection, SHUT_RDWR);
}

// Returns whether the connection goes on.
bool TestHttpServer::answer_one(int connection, std::string& buffer) {
  size_t head_end = 0;
  while ((head_end = buffer.find("\r\n\r\n")) == std::string::npos) {
    if (!receive_more(connection, buffer)) return false;
  }
  TestRequest request;
  request.head = buffer.substr(0, head_end);
  request.method = request.head.substr(0, request.head.find(' '));
  const size_t path_start = request.method.size() + 1;
  request.path = request.head.substr(path_start, request.head.find(' ', path_start) - path_start);
  std::transform(request.head.begin(), request.head.end(), request.head.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const size_t length_at = request.head.find("content-length: ");
  const size_t length =
      length_at == std::string::npos
          ? 0
          : static_cast<size_t>(std::atoll(request.head.c_str() + length_at + 16));
  buffer.erase(0, head_end + 4);
  while (buffer.size() < length) {
    if (!receive_more(connection, buffer)) return false;
  }
  request.body = buffer.substr(0, length);
  buffer.erase(0, length);

  const int64_t at_once = ++num_at_once_;
  int64_t most = most_at_once_;
  while (at_once > most && !most_at_once_.compare_exchange_weak(most, at_once)) {
  }
  const TestReply reply = answer_(request, num_requests_++);
  if (reply.delay_ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(reply.delay_ms));
  --num_at_once_;
  if (reply.closes_at_once) return false;
  std::string head = "HTTP/1.1 " + std::to_string(reply.status) +
                     " Status\r\nContent-Length: " + std::to_string(reply.body.size()) + "\r\n";
  for (const std::string& header : reply.headers)
    head += header + "\r\n";
  if (reply.closes_in_body) {
    send_all(connection, head + "\r\n" + reply.body.substr(0, reply.body.size() / 2));
    return false;
  }
  send_all(connection, head + "\r\n" + reply.body);
  return true;
}

std::string completion_body(const std::string& text) {
  return dump_json({{"object", "text_completion"},
                    {"choices", {{{"index", 0}, {"text", text}, {"finish_reason", "stop"}}}},
                    {"usage", {{"prompt_tokens", 3}, {"completion_tokens", 5}}}});
}

}  // namespace caco
