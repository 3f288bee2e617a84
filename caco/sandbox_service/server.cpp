// The sandbox as an HTTP service; see server.h.
#include "caco/sandbox_service/server.h"

#include <chrono>
#include <thread>
#include <utility>

#include "caco/sandbox_service/access.h"
#include "caco/sandbox_service/api.h"
#include "caco/sandbox_service/batch.h"
#include "caco/sandbox_service/field_reader.h"
#include "caco/sandbox_service/http_server.h"
#include "caco/sandbox_service/metrics.h"
#include "caco/sandbox_service/program_runner.h"
#include "caco/sandbox_service/run_queue.h"

namespace caco {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int64_t kMaxBatches = 16;
constexpr int64_t kSpareConnections =
    64;  // for clients that are told to come again, and for metrics
constexpr std::chrono::milliseconds kStopCheck{20};
constexpr const char* kRoutes[] = {"/run_code",        "/v1/ping", "/api/v2/execute",
                                   "/api/v2/runtimes", "/execute", "/eval",
                                   "/run_batch",       "/health",  "/metrics"};

thread_local Clock::time_point request_began;

void send(httplib::Response& response, int status, const Json& body) {
  response.status = status;
  response.set_content(dump_json(body), "application/json");
}

// The words of a refusal that belongs to no API, where the clients of each look for them.
void send_refusal(httplib::Response& response, int status, const std::string& message) {
  send(response, status, {{"detail", message}, {"message", message}});
}

std::string route_label(const std::string& path) {
  for (const char* route : kRoutes) {
    if (path == route) return path;
  }
  return "other";
}

Result<std::string> ask_version(Sandbox& sandbox) {
  RunRequest request;
  request.program = "import platform\noutput = platform.python_version()\n";
  const RunReport report = TRY(sandbox.run_request(request));
  if (report.execution.output_value.is_string())
    return report.execution.output_value.get<std::string>();
  return Error{ErrorCode::Unavailable,
               "sandbox does not run programs: " + report.execution.error_message, ""};
}

HttpServerOptions http_options(const ServiceOptions& options) {
  HttpServerOptions http;
  http.max_connections =
      options.num_workers + options.max_waiting + kMaxBatches + kSpareConnections;
  http.max_body_bytes = options.max_body_bytes;
  return http;
}

}  // namespace

class SandboxServer::Implementation {
 public:
  Implementation(Sandbox& sandbox, ServiceOptions options, std::string version)
      : options_(std::move(options)),
        version_(std::move(version)),
        queue_(options_.num_workers, options_.max_waiting),
        runner_(sandbox, queue_, metrics_),
        http_(http_options(options_), [this] { metrics_.count_turned_away("connections"); }) {
    for (const SandboxCheck& check : sandbox.checks()) {
      if (!check.is_enforced) not_enforced_.push_back(check.name);
    }
    add_filters();
    add_routes();
  }

  Status bind() {
    if (options_.port == 0) {
      port_ = http_.bind_to_any_port(options_.host);
    } else if (http_.bind_to_port(options_.host, static_cast<int>(options_.port))) {
      port_ = options_.port;
    }
    if (port_ > 0 && http_.widen_backlog()) return {};
    return Error{ErrorCode::Unavailable,
                 "cannot listen: " + options_.host + ":" + std::to_string(options_.port),
                 "is the port taken?"};
  }

  int64_t port() const { return port_; }
  const std::string& version() const { return version_; }
  void run() { http_.listen_after_bind(); }

  void stop(int64_t grace_ms) {
    is_stopping_ = true;
    queue_.stop_admitting();
    const Clock::time_point deadline = Clock::now() + std::chrono::milliseconds(grace_ms);
    while (queue_.num_running() + queue_.num_waiting() + num_batches_ > 0) {
      if (Clock::now() >= deadline) break;
      std::this_thread::sleep_for(kStopCheck);
    }
    queue_.give_up();
    http_.close_connections();
    http_.stop();
  }

 private:
  using Request = httplib::Request;
  using Response = httplib::Response;
  using Handling = httplib::Server::HandlerResponse;
  using Read = std::function<ReadCall(const Json&)>;
  using Write = std::function<ApiReply(const ApiCall&, const Result<RunReport>&)>;
  using Malformed = std::function<ApiReply(const std::string&)>;

  void add_filters() {
    http_.set_pre_routing_handler([this](const Request& request, Response& response) {
      request_began = Clock::now();
      const std::optional<Refusal> refusal = check_access(request, options_.token);
      if (!refusal) return Handling::Unhandled;
      // What the client has sent beyond the head is not read.
      HttpServer::current_connection()->close_after_answer();
      if (refusal->status == 401) response.set_header("WWW-Authenticate", "Bearer");
      send_refusal(response, refusal->status, refusal->message);
      return Handling::Handled;
    });
    http_.set_error_handler([](const Request&, Response& response) {
      if (!response.body.empty()) return;
      HttpConnection& connection = *HttpServer::current_connection();
      if (connection.is_over_budget()) response.status = 413;
      if (response.status == 413) connection.close_after_answer();
      send_refusal(response, response.status, refusal_text(response.status));
    });
    http_.set_exception_handler([](const Request&, Response& response, std::exception_ptr) {
      send_refusal(response, 500, refusal_text(500));
    });
    http_.set_logger([this](const Request& request, const Response& response) {
      const std::chrono::duration<double> took = Clock::now() - request_began;
      metrics_.count_request(route_label(request.path), response.status, took.count());
    });
  }

  void add_routes() {
    const ServiceLimits& limits = options_.limits;
    const std::string& version = version_;
    add_api(
        "/run_code", [&limits](const Json& body) { return read_fusion_call(body, limits); },
        write_fusion_reply,
        [](const std::string& why) {
          return ApiReply{422, validation_body({{"json_invalid", "", why}})};
        });
    add_api(
        "/api/v2/execute",
        [&limits, &version](const Json& body) { return read_piston_call(body, limits, version); },
        [&version](const ApiCall& call, const Result<RunReport>& outcome) {
          return write_piston_reply(call, outcome, version);
        },
        [](const std::string& why) {
          return ApiReply{400, {{"message", why}}};
        });
    add_api(
        "/execute", [&limits](const Json& body) { return read_nemo_call(body, limits); },
        write_nemo_reply,
        [](const std::string& why) {
          return ApiReply{400, {{"error", why}}};
        });
    add_api(
        "/eval", [&limits](const Json& body) { return read_snekbox_call(body, limits); },
        write_snekbox_reply,
        [](const std::string& why) {
          return ApiReply{400, {{"title", "400 Bad Request"}, {"description", why}}};
        });
    http_.Post("/run_batch", [this](const Request& request, Response& response) {
      begin_batch(request, response);
    });
    http_.Get("/v1/ping", [](const Request&, Response& response) { send(response, 200, "pong"); });
    http_.Get("/api/v2/runtimes", [this](const Request&, Response& response) {
      send(response, 200, piston_runtimes(version_));
    });
    http_.Get("/health", [this](const Request&, Response& response) {
      send(response, is_stopping_ ? 503 : 200, health());
    });
    http_.Get("/metrics", [this](const Request&, Response& response) {
      response.set_content(metrics_.to_text(gauges()), "text/plain; version=0.0.4");
    });
  }

  void add_api(const char* route, Read read, Write write, Malformed malformed) {
    http_.Post(route,
               [this, read = std::move(read), write = std::move(write),
                malformed = std::move(malformed)](const Request& request, Response& response) {
                 const Result<Json> body = parse_json(request.body);
                 if (!body.ok()) {
                   const ApiReply reply = malformed(body.error().message);
                   return send(response, reply.status, reply.body);
                 }
                 const ReadCall read_call = read(body.value());
                 if (const ApiReply* const reply = std::get_if<ApiReply>(&read_call))
                   return send(response, reply->status, reply->body);
                 const ApiCall& call = std::get<ApiCall>(read_call);
                 const RunOutcome outcome = runner_.run(call.request, caller());
                 if (!outcome.result) return turn_away(response, outcome.admission);
                 const ApiReply reply = write(call, *outcome.result);
                 send(response, reply.status, reply.body);
               });
  }

  RunQueue::Caller caller() const {
    RunQueue::Caller caller;
    caller.is_gone = [connection = HttpServer::current_connection()] {
      return connection->is_gone();
    };
    caller.max_wait_ms = options_.max_wait_ms;
    return caller;
  }

  void turn_away(Response& response, Admission admission) {
    const int status = admission == Admission::Full      ? 429
                       : admission == Admission::TooLate ? 504
                                                         : 503;
    if (status != 504)
      response.set_header("Retry-After", std::to_string(runner_.seconds_until_turn()));
    if (admission == Admission::Cancelled) HttpServer::current_connection()->close_after_answer();
    send_refusal(response, status, refusal_text(status));
  }

  void begin_batch(const Request& request, Response& response) {
    if (is_stopping_) return turn_away(response, Admission::Stopping);
    if (++num_batches_ > kMaxBatches) {
      --num_batches_;
      metrics_.count_turned_away("batches");
      return turn_away(response, Admission::Full);
    }
    const std::string* const body = &request.body;  // lives until the answer is written
    const bool is_ordered = request.get_param_value("ordered") != "false";
    response.set_chunked_content_provider(
        "application/x-ndjson",
        [this, body, is_ordered](size_t, httplib::DataSink& sink) {
          BatchOptions batch;
          batch.is_ordered = is_ordered;
          batch.num_threads = options_.num_workers;
          batch.limits = options_.limits;
          batch.write = [&sink](const std::string& text) {
            return sink.write(text.data(), text.size());
          };
          batch.is_gone = [&sink] {
            return !sink.is_writable();
          };
          const bool is_complete = run_batch(*body, runner_, batch);
          if (is_complete) sink.done();
          return is_complete;
        },
        [this](bool) { --num_batches_; });
  }

  Json health() const {
    return {{"status", is_stopping_ ? "stopping" : "ok"},
            {"python", version_},
            {"workers", options_.num_workers},
            {"running", queue_.num_running()},
            {"waiting", queue_.num_waiting()},
            {"max_waiting", options_.max_waiting},
            {"not_enforced", not_enforced_}};
  }

  ServiceMetrics::Gauges gauges() const {
    ServiceMetrics::Gauges gauges;
    gauges.num_workers = options_.num_workers;
    gauges.num_running = queue_.num_running();
    gauges.num_waiting = queue_.num_waiting();
    gauges.max_waiting = options_.max_waiting;
    gauges.num_connections = http_.num_connections();
    gauges.uptime_seconds = std::chrono::duration<double>(Clock::now() - started_).count();
    return gauges;
  }

  const ServiceOptions options_;
  const std::string version_;
  const Clock::time_point started_ = Clock::now();
  std::vector<std::string> not_enforced_;
  int64_t port_ = 0;
  std::atomic<bool> is_stopping_{false};
  std::atomic<int64_t> num_batches_{0};
  ServiceMetrics metrics_;
  RunQueue queue_;
  ProgramRunner runner_;
  HttpServer http_;
};

SandboxServer::SandboxServer(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

SandboxServer::~SandboxServer() = default;

Result<std::unique_ptr<SandboxServer>> SandboxServer::create(Sandbox& sandbox,
                                                             ServiceOptions options) {
  TRY(check_options(options));
  std::string version = TRY(ask_version(sandbox));
  auto implementation =
      std::make_unique<Implementation>(sandbox, std::move(options), std::move(version));
  TRY(implementation->bind());
  return std::unique_ptr<SandboxServer>(new SandboxServer(std::move(implementation)));
}

int64_t SandboxServer::port() const {
  return implementation_->port();
}
const std::string& SandboxServer::python_version() const {
  return implementation_->version();
}
void SandboxServer::run() {
  implementation_->run();
}
void SandboxServer::stop(int64_t grace_ms) {
  implementation_->stop(grace_ms);
}

}  // namespace caco
