// The OpenAI-style HTTP server; see server.h.
#include "caco/lm/server.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "caco/base/json.h"
#include "caco/lm/exchange.h"
#include "caco/lm/http_server.h"
#include "caco/lm/openai_error.h"
#include "caco/lm/openai_fields.h"
#include "caco/lm/openai_request.h"
#include "caco/lm/server_metrics.h"

namespace caco::lm {
namespace {

constexpr std::string_view kModels = "/v1/models";
constexpr std::string_view kModelPrefix = "/v1/models/";
constexpr size_t kMaxRequestId = 128;
constexpr const char* kRetryAfterSeconds = "1";
constexpr std::chrono::milliseconds kStopCheck{20};

HttpReply json_reply(const Json& body) {
  HttpReply reply;
  reply.text = dump_json(body);
  return reply;
}

HttpReply error_reply(const OpenAiError& error) {
  HttpReply reply;
  reply.status = error.status;
  reply.text = error.body();
  if (error.status == 429 || error.status == 503) {
    reply.headers.emplace_back("Retry-After", kRetryAfterSeconds);
  }
  if (error.status == 401) reply.headers.emplace_back("WWW-Authenticate", "Bearer");
  return reply;
}

OpenAiError stopping_error() {
  return openai_error(Error{ErrorCode::Unavailable, "server is stopping", ""});
}

// Compares without telling by its time where texts differ.
bool is_same_secret(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (size_t i = 0; i < a.size(); ++i)
    difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  return difference == 0;
}

bool is_fit_for_header(const std::string& text) {
  return !text.empty() && text.size() <= kMaxRequestId &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

class Server::Implementation {
 public:
  Implementation(DecodeEngine& engine, ServerOptions options)
      : engine_(engine),
        options_(std::move(options)),
        started_(std::time(nullptr)),
        metrics_(options_.model_name) {}

  Status bind() {
    http_ = TRY(HttpServer::create(
        {.host = options_.host,
         .port = options_.port,
         .num_threads = options_.num_http_threads,
         .max_body_bytes = options_.max_body_bytes},
        [this](HttpRequest request) { return answer(request); },
        [this](int status, const std::string& method, const std::string& path) {
          metrics_.count_answer("other", status);
          return error_reply(openai_error_of_status(status, method, path));
        }));
    return {};
  }

  int64_t port() const { return http_->port(); }
  void run() { http_->run(); }

  void stop(int64_t grace_ms) {
    state_.is_stopping = true;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(grace_ms);
    while (state_.num_exchanges > 0 && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(kStopCheck);
    }
    state_.is_giving_up = true;
    http_->stop();
  }

 private:
  struct Route {
    std::string_view method;
    std::string_view path;
    bool is_open;  // needs no API key
    HttpReply (Implementation::*answer)(const HttpRequest&);
  };
  using Reader = OpenAiRequest (*)(FieldReader&, const RequestContext&);

  static constexpr size_t kNumRoutes = 8;
  static const Route kRoutes[kNumRoutes];

  HttpReply answer(const HttpRequest& request) {
    const bool is_of_model = request.path.starts_with(kModelPrefix);
    const std::string_view path = is_of_model ? kModelPrefix : std::string_view(request.path);
    // Not of a temporary string, which the operands would otherwise make.
    const std::string_view method =
        request.method == "HEAD" ? "GET" : std::string_view(request.method);
    const auto has_path = [&](const Route& route) {
      return route.path == path;
    };
    const Route* const end = kRoutes + kNumRoutes;
    const Route* const found = std::find_if(kRoutes, end, [&](const Route& route) {
      return has_path(route) && route.method == method;
    });
    HttpReply reply;
    if (found == end) {
      const int status = std::any_of(kRoutes, end, has_path) ? 405 : 404;
      reply = error_reply(openai_error_of_status(status, request.method, request.path));
    } else if (!found->is_open && !is_allowed(request)) {
      reply = error_reply(wrong_api_key());
    } else {
      reply = (this->*found->answer)(request);
    }
    metrics_.count_answer(found == end ? "other" : std::string(path), reply.status);
    reply.headers.emplace_back("x-request-id", is_fit_for_header(request.request_id)
                                                   ? request.request_id
                                                   : next_id("req-"));
    return reply;
  }

  bool is_allowed(const HttpRequest& request) const {
    return options_.api_key.empty() ||
           is_same_secret(request.authorization, "Bearer " + options_.api_key);
  }

  std::string next_id(const char* prefix) {
    return prefix + std::to_string(started_) + "-" + std::to_string(next_id_++);
  }

  HttpReply answer_health(const HttpRequest&) {
    return state_.is_stopping ? error_reply(stopping_error()) : json_reply({{"status", "ok"}});
  }

  HttpReply answer_metrics(const HttpRequest&) {
    ServerGauges gauges;
    gauges.num_running = engine_.num_growing();
    gauges.num_waiting = std::max<int64_t>(engine_.num_unfinished() - gauges.num_running, 0);
    gauges.max_running = engine_.max_batch();
    gauges.uptime_seconds = std::difftime(std::time(nullptr), started_);
    HttpReply reply;
    reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
    reply.text = metrics_.to_text(gauges);
    return reply;
  }

  Json model_object() const {
    return {{"id", options_.model_name},
            {"object", "model"},
            {"created", started_},
            {"owned_by", "caco-lm"},
            {"max_model_len", engine_.max_context()}};
  }

  HttpReply answer_models(const HttpRequest&) {
    return json_reply({{"object", "list"}, {"data", Json::array({model_object()})}});
  }

  HttpReply answer_model(const HttpRequest& request) {
    const std::string name = request.path.substr(kModelPrefix.size());
    if (name == options_.model_name) return json_reply(model_object());
    return error_reply(unknown_model(name));
  }

  HttpReply answer_tokenize(const HttpRequest& request) {
    const Result<Json> body = parse_json(request.body);
    if (!body.ok()) return error_reply(openai_error(body.error()));
    FieldReader fields(body.value());
    const bool parses = fields.boolean("parse_special", true);
    const bool adds_special_tokens = fields.boolean("add_special_tokens", true);
    const std::string prompt = fields.text("prompt", "");
    if (fields.find("prompt") == nullptr) fields.fail("prompt", "prompt is missing");
    if (!fields.ok()) return error_reply(fields.error());
    const Tokenizer& tokenizer = engine_.tokenizer();
    std::vector<int32_t> ids =
        tokenizer.encode(prompt, parses ? SpecialTokens::Parse : SpecialTokens::Ignore);
    if (adds_special_tokens) ids = tokenizer.with_special_tokens(std::move(ids));
    return json_reply(
        {{"count", ids.size()}, {"max_model_len", engine_.max_context()}, {"tokens", ids}});
  }

  HttpReply answer_detokenize(const HttpRequest& request) {
    const Result<Json> body = parse_json(request.body);
    if (!body.ok()) return error_reply(openai_error(body.error()));
    FieldReader fields(body.value());
    if (fields.find("tokens") == nullptr) fields.fail("tokens", "tokens is missing");
    const std::vector<int32_t> ids = fields.ids("tokens", engine_.tokenizer().vocab_size());
    if (!fields.ok()) return error_reply(fields.error());
    return json_reply({{"prompt", engine_.tokenizer().decode(ids)}});
  }

  HttpReply answer_completion(const HttpRequest& request) {
    return begin_replies(request, read_completion_request, "cmpl-");
  }

  HttpReply answer_chat(const HttpRequest& request) {
    return begin_replies(request, read_chat_request, "chatcmpl-");
  }

  HttpReply begin_replies(const HttpRequest& request, Reader reader, const char* id_prefix) {
    const Result<Json> body = parse_json(request.body);
    if (!body.ok()) return error_reply(openai_error(body.error()));
    FieldReader fields(body.value());
    const RequestContext context = {.tokenizer = engine_.tokenizer(),
                                    .chat_template = options_.chat_template,
                                    .model_name = options_.model_name,
                                    .max_context = engine_.max_context(),
                                    .random_seed = std::random_device{}(),
                                    .sampling = options_.sampling};
    OpenAiRequest read_request = reader(fields, context);
    if (!fields.ok()) return error_reply(fields.error());
    // Counted before it asks whether the server is stopping, so that stop() waits for every
    // exchange that was let in.
    ++state_.num_exchanges;
    auto exchange = std::make_unique<Exchange>(
        state_, metrics_, engine_.tokenizer(), std::move(read_request),
        ReplyHeader{next_id(id_prefix), options_.model_name, std::time(nullptr)});
    if (state_.is_stopping) return error_reply(stopping_error());
    Result<std::unique_ptr<Generation>> generation = engine_.start(exchange->request().generation);
    if (!generation.ok()) return error_reply(openai_error(generation.error()));
    exchange->set_generation(std::move(generation).value());
    HttpReply reply;
    if (exchange->request().generation.is_streamed) {
      reply.content_type = "text/event-stream";
      reply.headers.emplace_back("Cache-Control", "no-cache");
    }
    reply.body = std::move(exchange);
    return reply;
  }

  DecodeEngine& engine_;
  const ServerOptions options_;
  const std::time_t started_;
  ServerMetrics metrics_;
  ExchangeState state_;
  std::atomic<int64_t> next_id_{1};
  std::unique_ptr<HttpServer> http_;  // last: its threads use all of the above
};

const Server::Implementation::Route Server::Implementation::kRoutes[] = {
    {"POST", "/v1/completions", false, &Implementation::answer_completion},
    {"POST", "/v1/chat/completions", false, &Implementation::answer_chat},
    {"GET", kModels, false, &Implementation::answer_models},
    {"GET", kModelPrefix, false, &Implementation::answer_model},
    {"GET", "/health", true, &Implementation::answer_health},
    {"GET", "/metrics", true, &Implementation::answer_metrics},
    {"POST", "/tokenize", false, &Implementation::answer_tokenize},
    {"POST", "/detokenize", false, &Implementation::answer_detokenize},
};

Server::Server(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::create(DecodeEngine& engine, ServerOptions options) {
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
