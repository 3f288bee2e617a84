// HttpConnection: one client's connection as the HTTP library reads and writes it, with what the
// library does not bound: the time that a request may take to come in, and its bytes. It can also
// tell, while a request is being worked on, whether the client is still there.
//
// Used by one thread at a time.
#pragma once

#include <httplib.h>

#include <chrono>
#include <cstdint>
#include <string>

namespace caco {

class HttpConnection final : public httplib::Stream {
 public:
  // Takes over the socket and closes it in the end.
  HttpConnection(socket_t socket, int64_t read_timeout_ms, int64_t write_timeout_ms)
      : socket_(socket), read_timeout_ms_(read_timeout_ms), write_timeout_ms_(write_timeout_ms) {}
  ~HttpConnection() override;
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  // Waits for the first byte of a request. False when none came or the client went away.
  bool wait_for_request(int64_t timeout_ms) const;
  // From here on a request may take the read timeout in all, and so many bytes.
  void begin_request(int64_t max_bytes);
  void set_budget(int64_t max_bytes) { budget_ = max_bytes; }
  bool is_over_budget() const { return is_over_budget_; }

  // The connection is of no use after this answer: what the client still sends is not read.
  void close_after_answer() { must_close_ = true; }
  bool must_close() const { return must_close_; }

  // Returns whether the client closed its end.
  bool is_gone() const;
  // Sends these bytes, as far as the client takes them at once.
  void send_now(const std::string& bytes) const;
  // Ends the connection so that what was written arrives although the client may still be sending.
  void finish() const;

  bool is_readable() const override;
  bool is_writable() const override;
  ssize_t read(char* bytes, size_t size) override;
  ssize_t write(const char* bytes, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

 private:
  bool wait_for(short events, int64_t timeout_ms) const;

  const socket_t socket_;
  const int64_t read_timeout_ms_;
  const int64_t write_timeout_ms_;
  std::chrono::steady_clock::time_point deadline_;
  int64_t budget_ = 0;
  bool is_over_budget_ = false;
  bool must_close_ = false;
};

}  // namespace caco
