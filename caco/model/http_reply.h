// What is said over HTTP to an OpenAI-style model endpoint, and what its answers mean. Pure
// functions without network: the body of a request, and the judgement of a response (good, bad
// request of one sample, try again, give up). http_model.cpp moves the bytes.
//
// The rules of trying again are those of the openai client: connection errors, 408, 409, 429 and
// 5xx; `x-should-retry` decides over everything; `retry-after-ms` and `retry-after` are honoured up
// to two minutes. Beyond it: 429 with insufficient_quota ends the work at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "caco/base/json.h"
#include "caco/base/result.h"
#include "caco/model/language_model.h"

namespace caco {

// Longest wait that a server may ask for; one that asks for longer is not asked again.
inline constexpr int64_t kMaxRetryAfterMs = 120'000;
// Longest wait of our own between two tries.
inline constexpr int64_t kMaxBackOffMs = 8'000;
// Most bytes of a response; more is an Error.
inline constexpr int64_t kMaxResponseBytes = int64_t{64} << 20;

// A response as it came; header values are empty when absent.
struct HttpResponse {
  int64_t status = 0;
  std::string body;
  std::string retry_after;
  std::string retry_after_ms;
  std::string should_retry;
};

enum class ResponseKind {
  Good,         // `reply` is filled
  BadRequest,   // this one request cannot be answered (prompt too long): a reply without choices
  TryAgain,     // `error` tells why; `wait_ms` is the server's wish, if any
  Malformed,    // status 200 and not what it should be; `error` tells why
  CannotBeUsed  // `error` tells why and what to do
};

struct JudgedResponse {
  ResponseKind kind = ResponseKind::CannotBeUsed;
  ModelReply reply;
  Error error;
  std::optional<int64_t> wait_ms;
};

// What stays the same in all requests to an endpoint.
struct RequestStyle {
  std::string model;  // the "model" field
  // Also send top_k, min_p and repetition_penalty. vLLM, SGLang and llama-server know them and have
  // defaults of their own for them; OpenAI refuses them.
  bool sends_extensions = true;
  Json extra_fields;  // an object whose fields are added to each body, or null
};

// Returns the JSON body of one request: chat when it has messages, otherwise raw completion. Every
// sampling field is always present.
std::string encode_request(const ModelRequest& request, const RequestStyle& style);

// Judges a response. `url` is only used in error texts; `now` (seconds since 1970) only where the
// server names a date to wait for.
JudgedResponse judge_response(const HttpResponse& response, std::string_view url, int64_t now);

// Returns how long the server wishes that we wait: `retry-after-ms` in milliseconds, else
// `retry-after` in seconds or as a date. Nothing when absent, unreadable or not above zero.
std::optional<int64_t> requested_wait_ms(const HttpResponse& response, int64_t now);

// Returns the wait before try `num_tries` + 1: base * 2^(num_tries - 1), at most kMaxBackOffMs,
// less up to a quarter by `jitter` in [0, 1).
int64_t back_off_ms(int64_t base_ms, int64_t num_tries, double jitter);

}  // namespace caco
