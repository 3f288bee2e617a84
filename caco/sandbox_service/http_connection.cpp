#include "caco/sandbox_service/http_connection.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace caco {
namespace {

using Clock = std::chrono::steady_clock;

// How long, and for how many bytes, a connection that ends waits for its client to stop sending.
constexpr int64_t kLingerMs = 500;
constexpr int64_t kLingerBytes = 8 << 20;

int64_t ms_until(Clock::time_point deadline) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
}

}  // namespace

HttpConnection::~HttpConnection() {
  close(socket_);
}

bool HttpConnection::wait_for(short events, int64_t timeout_ms) const {
  const Clock::time_point deadline = Clock::now() + std::chrono::milliseconds(timeout_ms);
  while (true) {
    pollfd waiting{socket_, events, 0};
    const int count = poll(&waiting, 1, static_cast<int>(std::max<int64_t>(0, ms_until(deadline))));
    if (count < 0 && errno == EINTR) continue;
    return count > 0;
  }
}

bool HttpConnection::wait_for_request(int64_t timeout_ms) const {
  return wait_for(POLLIN, timeout_ms) && !is_gone();
}

void HttpConnection::begin_request(int64_t max_bytes) {
  deadline_ = Clock::now() + std::chrono::milliseconds(read_timeout_ms_);
  budget_ = max_bytes;
}

bool HttpConnection::is_gone() const {
  char byte = 0;
  const ssize_t count = recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR);
}

void HttpConnection::send_now(const std::string& bytes) const {
  const ssize_t ignored = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  static_cast<void>(ignored);
}

void HttpConnection::finish() const {
  shutdown(socket_, SHUT_WR);
  std::array<char, 16384> buffer{};
  const Clock::time_point deadline = Clock::now() + std::chrono::milliseconds(kLingerMs);
  for (int64_t bytes = 0; bytes < kLingerBytes;) {
    const int64_t left = ms_until(deadline);
    if (left <= 0 || !wait_for(POLLIN, left)) return;
    const ssize_t count = recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) return;
    bytes += std::max<ssize_t>(count, 0);
  }
}

bool HttpConnection::is_readable() const {
  return wait_for(POLLIN, std::max<int64_t>(0, ms_until(deadline_)));
}

bool HttpConnection::is_writable() const {
  return !is_gone() && wait_for(POLLOUT, write_timeout_ms_);
}

ssize_t HttpConnection::read(char* bytes, size_t size) {
  if (budget_ <= 0) {
    is_over_budget_ = true;
    return -1;
  }
  const size_t wanted = std::min(size, static_cast<size_t>(budget_));
  while (is_readable()) {
    const ssize_t count = recv(socket_, bytes, wanted, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    budget_ -= std::max<ssize_t>(count, 0);
    return count;
  }
  return -1;
}

ssize_t HttpConnection::write(const char* bytes, size_t size) {
  while (wait_for(POLLOUT, write_timeout_ms_)) {
    const ssize_t count = send(socket_, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    return count;
  }
  return -1;
}

void HttpConnection::get_remote_ip_and_port(std::string& ip, int& port) const {
  // Nothing that the service does depends on who asks.
  ip.clear();
  port = 0;
}

void HttpConnection::get_local_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}

}  // namespace caco
