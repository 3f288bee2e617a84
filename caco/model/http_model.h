// A model behind an OpenAI-style HTTP endpoint (vLLM, SGLang, llama-server, OpenAI, caco-lm).
//
// One thread of the model drives all transfers of all callers through one libcurl multi handle: so
// connections are reused, and the number of requests in flight is bounded for the endpoint, not for
// each caller. What is asked again and what ends the work: http_reply.h.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "caco/base/result.h"
#include "caco/model/http_reply.h"
#include "caco/model/language_model.h"

namespace caco {

struct HttpModelOptions {
  std::string url;       // base address without a trailing slash: "http://127.0.0.1:8000/v1"
  std::string identity;  // what identity() returns; empty: the model's name
  std::string api_key;   // sent as a bearer token when not empty; never shown
  RequestStyle style;
  int64_t max_in_flight = 16;            // requests at the endpoint at any time
  int64_t max_retries = 6;               // tries after the first, of one request
  int64_t max_malformed_retries = 1;     // of them after a reply that is not what it should be
  int64_t retry_delay_ms = 500;          // before the first retry; doubles each time
  int64_t connect_timeout_ms = 5'000;    // as the openai client
  int64_t request_timeout_ms = 600'000;  // as the openai client; a whole request, answer included
};

// Returns a model that talks to the endpoint. Nothing is sent before the first complete().
// InvalidArgument when `url` is not an http or https address.
//
// Its complete() fails with Unavailable when the endpoint cannot be reached or keeps failing,
// InvalidArgument or NotFound when it refuses the requests, ResourceExhausted when the account is
// out of quota, Cancelled when the model is destroyed meanwhile. When one request of a call fails,
// its other requests are dropped.
Result<std::unique_ptr<LanguageModel>> make_http_model(const HttpModelOptions& options);

// Fetches `url` once and returns the status and body; Unavailable when nothing answers within
// `timeout_ms`. For health checks. Thread-safe.
Result<HttpResponse> http_get(const std::string& url, int64_t timeout_ms);

}  // namespace caco
