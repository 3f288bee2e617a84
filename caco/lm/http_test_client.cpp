// A small HTTP client for tests; see http_test_client.h.
#include "caco/lm/http_test_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

namespace caco::lm {
namespace {

constexpr int64_t kTimeoutSeconds = 60;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

HttpTestClient::HttpTestClient(int64_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  const timeval timeout = {.tv_sec = kTimeoutSeconds, .tv_usec = 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    abort();
  }
}

HttpTestClient::~HttpTestClient() {
  ::close(socket_);
}

void HttpTestClient::abort() {
  ::shutdown(socket_, SHUT_RDWR);
}

HttpAnswer HttpTestClient::get(const std::string& path, const Headers& headers) {
  std::string text = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n";
  for (const auto& [name, value] : headers)
    text += name + ": " + value + "\r\n";
  return send_raw(text + "\r\n");
}

HttpAnswer HttpTestClient::post(const std::string& path, const std::string& body,
                                const Headers& headers) {
  std::string text = "POST " + path + " HTTP/1.1\r\nHost: localhost\r\n";
  text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size());
  text += "\r\n";
  for (const auto& [name, value] : headers)
    text += name + ": " + value + "\r\n";
  return send_raw(text + "\r\n" + body);
}

HttpAnswer HttpTestClient::send_raw(const std::string& bytes) {
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t count = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) break;  // the answer may be there all the same
    sent += static_cast<size_t>(count);
  }
  return read_answer();
}

bool HttpTestClient::fill() {
  std::array<char, 16384> bytes{};
  const ssize_t count = ::recv(socket_, bytes.data(), bytes.size(), 0);
  if (count <= 0) return false;
  buffer_.append(bytes.data(), static_cast<size_t>(count));
  return true;
}

bool HttpTestClient::read_line(std::string& line) {
  size_t end = 0;
  while ((end = buffer_.find("\r\n")) == std::string::npos) {
    if (!fill()) return false;
  }
  line = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return true;
}

bool HttpTestClient::read_bytes(size_t count, std::string& bytes) {
  while (buffer_.size() < count) {
    if (!fill()) return false;
  }
  bytes = buffer_.substr(0, count);
  buffer_.erase(0, count);
  return true;
}

bool HttpTestClient::read_chunks(HttpAnswer& answer) {
  while (true) {
    std::string line;
    std::string chunk;
    if (!read_line(line)) return false;
    const size_t size = std::strtoul(line.c_str(), nullptr, 16);
    if (!read_bytes(size, chunk) || !read_line(line)) return false;
    if (size == 0) return true;
    answer.body += chunk;
    answer.chunks.push_back(std::move(chunk));
  }
}

HttpAnswer HttpTestClient::read_answer() {
  HttpAnswer answer;
  std::string line;
  if (!read_line(line) || !line.starts_with("HTTP/1.1 ")) return answer;
  answer.status = std::atoi(line.c_str() + 9);
  while (read_line(line) && !line.empty()) {
    const size_t colon = line.find(": ");
    if (colon != std::string::npos) {
      answer.headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
    }
  }
  if (answer.headers["transfer-encoding"] == "chunked") {
    answer.is_complete = read_chunks(answer);
  } else {
    const std::string& length = answer.headers["content-length"];
    answer.is_complete = read_bytes(std::strtoul(length.c_str(), nullptr, 10), answer.body);
  }
  return answer;
}

}  // namespace caco::lm
