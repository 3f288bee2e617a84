// HTTP for a service that sees only requests and replies; see http_server.h.
#include "caco/lm/http_server.h"

#include <httplib.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <thread>

namespace caco::lm {
namespace {

constexpr int kBacklog = 1024;
constexpr size_t kMaxRequestsOfConnection = size_t{1} << 30;
constexpr int64_t kKeepAliveSeconds = 5;
constexpr int64_t kReadTimeoutSeconds = 30;
constexpr int64_t kWriteTimeoutSeconds = 30;
constexpr std::chrono::milliseconds kStartCheck{1};

// The library's server with a backlog that holds a burst of connections; its own holds five, and
// the others would wait a second for the next try.
class LibraryServer final : public httplib::Server {
 public:
  bool widen_backlog() { return ::listen(svr_sock_, kBacklog) == 0; }
};

class SinkStream final : public HttpStream {
 public:
  explicit SinkStream(httplib::DataSink& sink) : sink_(sink) {}
  bool write(std::string_view bytes) override { return sink_.write(bytes.data(), bytes.size()); }
  bool is_client_there() override { return sink_.is_writable(); }

 private:
  httplib::DataSink& sink_;
};

void set_reply(HttpReply reply, httplib::Response& response) {
  response.status = reply.status;
  for (const auto& [name, value] : reply.headers)
    response.set_header(name.c_str(), value);
  if (!reply.body) {
    response.set_content(std::move(reply.text), reply.content_type.c_str());
    return;
  }
  // The library's callbacks must be copyable: they hold a plain pointer, and the last one, which it
  // always calls, ends the body.
  HttpBody* const body = reply.body.release();
  response.set_chunked_content_provider(
      reply.content_type.c_str(),
      [body](size_t, httplib::DataSink& sink) {
        SinkStream stream(sink);
        if (!body->write(stream)) return false;
        sink.done();
        return true;
      },
      [body](bool) { delete body; });
}

}  // namespace

class HttpServer::Implementation {
 public:
  Implementation(const HttpServerOptions& options, HttpHandler handler,
                 HttpErrorHandler error_handler)
      : options_(options), handler_(std::move(handler)), error_handler_(std::move(error_handler)) {
    configure();
    const httplib::Server::Handler answer = [this](const httplib::Request& request,
                                                   httplib::Response& response) {
      set_reply(handler_({.method = request.method,
                          .path = request.path,
                          .body = request.body,
                          .authorization = request.get_header_value("Authorization"),
                          .request_id = request.get_header_value("X-Request-Id")}),
                response);
    };
    http_.Get(".*", answer);
    http_.Post(".*", answer);
    http_.Put(".*", answer);
    http_.Patch(".*", answer);
    http_.Delete(".*", answer);
    http_.Options(".*", answer);
  }

  Status bind() {
    if (options_.port == 0) {
      port_ = http_.bind_to_any_port(options_.host.c_str());
    } else if (http_.bind_to_port(options_.host.c_str(), static_cast<int>(options_.port))) {
      port_ = options_.port;
    }
    if (port_ > 0 && http_.widen_backlog()) return {};
    return Error{ErrorCode::Unavailable,
                 "cannot listen: " + options_.host + ":" + std::to_string(options_.port),
                 "choose another --port, or 0 for any free one"};
  }

  int64_t port() const { return port_; }

  void run() {
    is_entered_ = true;
    if (!is_stopping_) http_.listen_after_bind();
    is_over_ = true;
  }

  // The library forgets a stop that comes before its loop has begun, so that is waited for.
  void stop() {
    is_stopping_ = true;
    while (is_entered_ && !is_over_ && !http_.is_running())
      std::this_thread::sleep_for(kStartCheck);
    http_.stop();
  }

 private:
  void configure() {
    const size_t num_threads = static_cast<size_t>(options_.num_threads);
    http_.new_task_queue = [num_threads] {
      return new httplib::ThreadPool(num_threads);
    };
    http_.set_payload_max_length(static_cast<size_t>(options_.max_body_bytes));
    http_.set_keep_alive_max_count(kMaxRequestsOfConnection);
    http_.set_keep_alive_timeout(kKeepAliveSeconds);
    http_.set_read_timeout(kReadTimeoutSeconds);
    http_.set_write_timeout(kWriteTimeoutSeconds);
    http_.set_tcp_nodelay(true);
    http_.set_error_handler([this](const httplib::Request& request, httplib::Response& response) {
      if (!response.body.empty()) return;
      set_reply(error_handler_(response.status, request.method, request.path), response);
    });
    http_.set_exception_handler(
        [this](const httplib::Request& request, httplib::Response& response, std::exception_ptr) {
          set_reply(error_handler_(500, request.method, request.path), response);
        });
  }

  const HttpServerOptions options_;
  const HttpHandler handler_;
  const HttpErrorHandler error_handler_;
  int64_t port_ = 0;
  std::atomic<bool> is_stopping_{false};
  std::atomic<bool> is_entered_{false};  // run() was called
  std::atomic<bool> is_over_{false};     // and has ended
  LibraryServer http_;
};

HttpServer::HttpServer(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::create(const HttpServerOptions& options,
                                                       HttpHandler handler,
                                                       HttpErrorHandler error_handler) {
  if (options.num_threads < 1 || options.num_threads > 4096) {
    return Error{ErrorCode::InvalidArgument, "number of HTTP threads is not from 1 to 4096", ""};
  }
  auto implementation =
      std::make_unique<Implementation>(options, std::move(handler), std::move(error_handler));
  TRY(implementation->bind());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(implementation)));
}

int64_t HttpServer::port() const {
  return implementation_->port();
}
void HttpServer::run() {
  implementation_->run();
}
void HttpServer::stop() {
  implementation_->stop();
}

}  // namespace caco::lm
