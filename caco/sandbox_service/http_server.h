// HttpServer: the HTTP library's server with bounds on connections and threads, an honest answer to
// connections beyond them, and a backlog that holds a burst.
//
// Threads start as they are needed, one a connection, up to `max_connections`. A connection beyond
// these is answered with 503 by one thread that does nothing else, and one beyond what that thread
// can take is closed.
#pragma once

#include <httplib.h>

#include <atomic>
#include <cstdint>
#include <functional>

#include "caco/sandbox_service/http_connection.h"

namespace caco {

struct HttpServerOptions {
  int64_t max_connections = 320;
  int64_t max_body_bytes = 64 << 20;
  int64_t read_timeout_ms = 60'000;   // of a whole request
  int64_t write_timeout_ms = 60'000;  // of one write: a client that takes nothing
  int64_t keep_alive_ms = 10'000;
};

class HttpServer final : public httplib::Server {
 public:
  HttpServer(const HttpServerOptions& options, std::function<void()> on_refused);

  // Returns the connection that the calling thread serves; null outside of a request.
  static HttpConnection* current_connection();

  // Bind first. False when the socket cannot listen.
  bool widen_backlog();
  // Ends idle connections and, after their answers, the others.
  void close_connections() { is_closing_ = true; }
  int64_t num_connections() const { return num_connections_; }

 private:
  bool process_and_close_socket(socket_t socket) override;
  void serve(HttpConnection& connection);

  const HttpServerOptions options_;
  const std::function<void()> on_refused_;
  std::atomic<bool> is_closing_{false};
  std::atomic<int64_t> num_connections_{0};
};

}  // namespace caco
