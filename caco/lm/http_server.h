// HttpServer: HTTP for a service that sees only requests and replies.
//
// The HTTP library is named in http_server.cpp alone, so that its header, which is slow to compile,
// is read once. Each connection has a thread of a pool; a request occupies it from its first byte
// to its last. Bodies above the limit are answered with 413 before they are read to their end.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "caco/base/result.h"

namespace caco::lm {

struct HttpRequest {
  std::string method;
  std::string path;  // decoded, without the query
  std::string body;
  std::string authorization;  // headers that matter here
  std::string request_id;
};

// Where a body goes that is written while it comes into being.
class HttpStream {
 public:
  virtual ~HttpStream() = default;
  // Returns false when the client has gone or takes nothing.
  virtual bool write(std::string_view bytes) = 0;
  // Returns false when the client has gone.
  virtual bool is_client_there() = 0;
};

// A body that is written while it comes into being.
class HttpBody {
 public:
  virtual ~HttpBody() = default;
  // Writes all of it. Returns false to break the connection off.
  virtual bool write(HttpStream& stream) = 0;
};

struct HttpReply {
  int status = 200;
  std::string content_type = "application/json";
  std::string text;                // the body, unless there is a `body`
  std::unique_ptr<HttpBody> body;  // lives until it is written or the client has gone
  std::vector<std::pair<std::string, std::string>> headers;
};

struct HttpServerOptions {
  std::string host = "127.0.0.1";
  int64_t port = 0;  // 0: any free port
  int64_t num_threads = 320;
  int64_t max_body_bytes = int64_t{32} << 20;
};

// Answers one request; called from several threads at a time.
using HttpHandler = std::function<HttpReply(HttpRequest)>;
// Answers what is no request that the handler could see: its status, method and path.
using HttpErrorHandler =
    std::function<HttpReply(int status, const std::string& method, const std::string& path)>;

class HttpServer {
 public:
  // Binds the port. Unavailable: it cannot be bound.
  static Result<std::unique_ptr<HttpServer>> create(const HttpServerOptions& options,
                                                    HttpHandler handler,
                                                    HttpErrorHandler error_handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int64_t port() const;

  // Answers requests until stop() is called and those under way are answered.
  void run();
  // Takes no new connections and ends run(). Thread-safe.
  void stop();

 private:
  class Implementation;
  explicit HttpServer(std::unique_ptr<Implementation> implementation);

  std::unique_ptr<Implementation> implementation_;
};

}  // namespace caco::lm
