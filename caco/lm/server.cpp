// The OpenAI-style HTTP server; see server.h.
#include "caco/lm/server.h"

#include <httplib.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "caco/base/json.h"
#include "caco/lm/openai_reply.h"
#include "caco/lm/openai_request.h"

namespace caco::lm {
namespace {

constexpr size_t kMaxBodyBytes = size_t{32} << 20;
constexpr int kBacklog = 1024;
constexpr size_t kMaxRequestsOfConnection = size_t{1} << 30;
constexpr int64_t kKeepAliveSeconds = 5;
constexpr int64_t kWriteTimeoutSeconds = 30;
// How often a waiting request looks whether its client is still there.
constexpr std::chrono::milliseconds kClientCheck{200};

// The library's server with a backlog that holds a burst of connections; its own holds five, and
// the others would wait a second for the next try.
class HttpServer final : public httplib::Server {
 public:
  bool widen_backlog() { return ::listen(svr_sock_, kBacklog) == 0; }
};

void send(httplib::Response& response, int status, const Json& body) {
  response.status = status;
  response.set_content(dump_json(body), "application/json");
}

void send_error(httplib::Response& response, const ErrorReply& error) {
  if (error.status == 429 || error.status == 503) response.set_header("Retry-After", "1");
  send(response, error.status, error.body);
}

// One request under way: what the reply is made from. Lives as long as the response.
struct Exchange {
  Exchange(OpenAiRequest read_request, ReplyHeader header, const Tokenizer& tokenizer)
      : request(std::move(read_request)), writer(std::move(header), request, tokenizer) {}

  // A generation must not go before it is finished: the engine writes into it.
  ~Exchange() {
    if (!generation) return;
    generation->cancel();
    generation->wait_until_finished();
  }

  OpenAiRequest request;
  ReplyWriter writer;
  std::unique_ptr<Generation> generation;
  bool is_begun = false;  // streamed: the roles have been sent
};

bool is_any_cancelled(const Generation& generation) {
  for (const Choice& choice : generation.choices()) {
    if (choice.finish_reason == FinishReason::Cancelled) return true;
  }
  return false;
}

bool write(httplib::DataSink& sink, const std::string& text) {
  return sink.write(text.data(), text.size());
}

bool write_event(httplib::DataSink& sink, const Json& body) {
  return write(sink, "data: " + dump_json(body) + "\n\n");
}

// Writes the whole reply when it is there. Returns false to break the connection off: the client
// has gone, or the reply was cancelled.
bool write_whole(Exchange& exchange, const std::atomic<bool>& is_giving_up,
                 httplib::DataSink& sink) {
  Generation& generation = *exchange.generation;
  while (!generation.wait(kClientCheck)) {
    if (is_giving_up || !sink.is_writable()) return false;
  }
  if (is_any_cancelled(generation)) return false;
  if (!write(sink, dump_json(exchange.writer.reply(generation)))) return false;
  sink.done();
  return true;
}

// Writes the events that are there now; called again until the stream is done.
bool write_events(Exchange& exchange, httplib::DataSink& sink) {
  Generation& generation = *exchange.generation;
  if (!exchange.is_begun && exchange.request.is_chat) {
    for (int64_t choice = 0; choice < generation.num_choices(); ++choice) {
      if (!write_event(sink, exchange.writer.first_chunk(choice))) return false;
    }
  }
  exchange.is_begun = true;
  const bool is_finished = generation.wait(kClientCheck);
  for (const TextDelta& delta : generation.take_deltas()) {
    if (delta.text.empty() && delta.tokens.empty()) continue;
    if (!write_event(sink, exchange.writer.text_chunk(delta))) return false;
  }
  if (!is_finished) return sink.is_writable();
  if (is_any_cancelled(generation)) return false;
  for (int64_t choice = 0; choice < generation.num_choices(); ++choice) {
    if (!write_event(sink, exchange.writer.last_chunk(generation, choice))) return false;
  }
  if (exchange.request.includes_usage) {
    if (!write_event(sink, exchange.writer.usage_chunk(generation))) return false;
  }
  if (!write(sink, "data: [DONE]\n\n")) return false;
  sink.done();
  return true;
}

}  // namespace

class Server::Implementation {
 public:
  Implementation(DecodeEngine& engine, ServerOptions options)
      : engine_(engine), options_(std::move(options)), started_(std::time(nullptr)) {
    configure();
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
                 "cannot listen: " + options_.host + ":" + std::to_string(options_.port), ""};
  }

  int64_t port() const { return port_; }
  void run() { http_.listen_after_bind(); }

  void stop(int64_t grace_ms) {
    is_stopping_ = true;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(grace_ms);
    while (num_exchanges_ > 0 && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    is_giving_up_ = true;
    http_.stop();
  }

 private:
  using Reader = Result<OpenAiRequest> (*)(const Json&, const Tokenizer&, uint64_t);

  void configure() {
    const size_t num_threads = static_cast<size_t>(options_.num_http_threads);
    http_.new_task_queue = [num_threads] {
      return new httplib::ThreadPool(num_threads);
    };
    http_.set_payload_max_length(kMaxBodyBytes);
    http_.set_keep_alive_max_count(kMaxRequestsOfConnection);
    http_.set_keep_alive_timeout(kKeepAliveSeconds);
    http_.set_write_timeout(kWriteTimeoutSeconds);
    http_.set_tcp_nodelay(true);
    http_.set_error_handler([](const httplib::Request&, httplib::Response& response) {
      if (response.body.empty()) send_error(response, error_reply_of_status(response.status));
    });
    http_.set_exception_handler(
        [](const httplib::Request&, httplib::Response& response, std::exception_ptr) {
          send_error(response, error_reply_of_status(500));
        });
  }

  void add_routes() {
    http_.Get("/health", [](const httplib::Request&, httplib::Response& response) {
      send(response, 200, {{"status", "ok"}});
    });
    http_.Get("/v1/models", [this](const httplib::Request&, httplib::Response& response) {
      const Json model = {{"id", options_.model_name},
                          {"object", "model"},
                          {"created", started_},
                          {"owned_by", "caco-lm"},
                          {"max_model_len", engine_.max_context()}};
      send(response, 200, {{"object", "list"}, {"data", Json::array({model})}});
    });
    http_.Post("/v1/completions",
               [this](const httplib::Request& request, httplib::Response& response) {
                 complete(request, response, read_completion_request, "cmpl-");
               });
    http_.Post("/v1/chat/completions",
               [this](const httplib::Request& request, httplib::Response& response) {
                 complete(request, response, read_chat_request, "chatcmpl-");
               });
    http_.Post("/tokenize", [this](const httplib::Request& request, httplib::Response& response) {
      answer(response, tokenize(request.body));
    });
    http_.Post("/detokenize", [this](const httplib::Request& request, httplib::Response& response) {
      answer(response, detokenize(request.body));
    });
  }

  static void answer(httplib::Response& response, const Result<Json>& result) {
    if (!result.ok()) return send_error(response, error_reply(result.error()));
    send(response, 200, result.value());
  }

  Result<Json> tokenize(const std::string& text) const {
    const Json body = TRY(parse_json(text));
    if (!body.is_object() || !body.contains("prompt")) {
      return Error{ErrorCode::InvalidArgument, "prompt is missing", ""};
    }
    const std::string prompt = TRY(read_string(body, "prompt"));
    const bool parses = TRY(read_bool(body, "parse_special", true));
    const std::vector<int32_t> ids =
        engine_.tokenizer().encode(prompt, parses ? SpecialTokens::Parse : SpecialTokens::Ignore);
    return Json{{"count", ids.size()}, {"max_model_len", engine_.max_context()}, {"tokens", ids}};
  }

  Result<Json> detokenize(const std::string& text) const {
    const Json body = TRY(parse_json(text));
    std::vector<int32_t> ids;
    const bool has_list = body.is_object() && body.contains("tokens") && body["tokens"].is_array();
    if (!has_list) return Error{ErrorCode::InvalidArgument, "tokens is missing or no list", ""};
    for (const Json& id : body["tokens"]) {
      const bool is_id = id.is_number_integer() && id >= 0 && id < engine_.tokenizer().vocab_size();
      if (!is_id) return Error{ErrorCode::InvalidArgument, "not a token: " + dump_json(id), ""};
      ids.push_back(id.get<int32_t>());
    }
    return Json{{"prompt", engine_.tokenizer().decode(ids)}};
  }

  Result<std::unique_ptr<Exchange>> begin(const std::string& text, Reader reader,
                                          const char* id_prefix) {
    if (is_stopping_) return Error{ErrorCode::Unavailable, "server is stopping", ""};
    const Json body = TRY(parse_json(text));
    OpenAiRequest read_request = TRY(reader(body, engine_.tokenizer(), std::random_device{}()));
    ReplyHeader header;
    header.id = id_prefix + std::to_string(started_) + "-" + std::to_string(next_id_++);
    header.model = options_.model_name;
    header.created = std::time(nullptr);
    auto exchange =
        std::make_unique<Exchange>(std::move(read_request), std::move(header), engine_.tokenizer());
    exchange->generation = TRY(engine_.start(exchange->request.generation));
    return exchange;
  }

  void complete(const httplib::Request& request, httplib::Response& response, Reader reader,
                const char* id_prefix) {
    // Counted before it asks whether the server is stopping, so that stop() waits for every
    // exchange that was let in.
    ++num_exchanges_;
    Result<std::unique_ptr<Exchange>> begun = begin(request.body, reader, id_prefix);
    if (!begun.ok()) {
      --num_exchanges_;
      return send_error(response, error_reply(begun.error()));
    }
    // The library's callbacks must be copyable: they hold a plain pointer, and the last one, which
    // it always calls, ends the exchange.
    Exchange* exchange = std::move(begun).value().release();
    const bool is_streamed = exchange->request.generation.is_streamed;
    response.set_chunked_content_provider(
        is_streamed ? "text/event-stream" : "application/json",
        [this, exchange, is_streamed](size_t, httplib::DataSink& sink) {
          if (is_giving_up_) return false;
          return is_streamed ? write_events(*exchange, sink)
                             : write_whole(*exchange, is_giving_up_, sink);
        },
        [this, exchange](bool) {
          delete exchange;
          --num_exchanges_;
        });
  }

  DecodeEngine& engine_;
  const ServerOptions options_;
  const std::time_t started_;
  int64_t port_ = 0;
  std::atomic<bool> is_stopping_{false};
  std::atomic<bool> is_giving_up_{false};
  std::atomic<int64_t> num_exchanges_{0};
  std::atomic<int64_t> next_id_{1};
  HttpServer http_;
};

Server::Server(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::create(DecodeEngine& engine, ServerOptions options) {
  if (options.num_http_threads < 1 || options.num_http_threads > 4096) {
    return Error{ErrorCode::InvalidArgument, "number of HTTP threads is not from 1 to 4096", ""};
  }
  auto implementation = std::make_unique<Implementation>(engine, std::move(options));
  TRY(implementation->bind());
  return std::unique_ptr<Server>(new Server(std::move(implementation)));
}

int64_t Server::port() const {
  return implementation_->port();
}
void Server::run() {
  implementation_->run();
}
void Server::stop(int64_t grace_ms) {
  implementation_->stop(grace_ms);
}

}  // namespace caco::lm
