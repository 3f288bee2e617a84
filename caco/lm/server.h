// The OpenAI-style HTTP server over one model.
//
//   POST /v1/completions, /v1/chat/completions   with n, streaming, logprobs, usage
//   GET  /v1/models, /v1/models/NAME, /health, /metrics
//   POST /tokenize, /detokenize
//
// A request occupies a thread of the pool from its first byte to its last; the work is done by the
// decode engine's threads. Special tokens are parsed in raw prompts, which come from this project's
// own programs, and never in the messages of a chat. A client that goes away cancels its request.
// A full queue is answered with 429 and Retry-After, requests while the server stops with 503, and
// so is /health then. With an API key, all but /health and /metrics ask for it. Every reply carries
// x-request-id: the client's own, or a new one.
//
// Sampling that a request does not name is that of ServerOptions, for caco-lm the recommendation of
// the model's generation_config.json, as in vLLM; a field that is named wins, also with its neutral
// value. Replies end at the model's eos ids and at special tokens (decode_engine.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "caco/base/result.h"
#include "caco/lm/decode_engine.h"

namespace caco::lm {

class ChatTemplate;

struct ServerOptions {
  std::string host = "127.0.0.1";
  int64_t port = 0;                             // 0: any free port
  std::string model_name{};                     // in replies and /v1/models
  const ChatTemplate* chat_template = nullptr;  // outlives the server; null: ChatML
  SamplingParams sampling{};                    // of requests that do not name it
  std::string api_key{};                        // asked for as a bearer token; empty: none
  int64_t num_http_threads = 320;               // most requests that wait at the same time
  int64_t max_body_bytes = int64_t{32} << 20;
};

class Server {
 public:
  // Binds the port. `engine` must outlive the server. Unavailable: the port cannot be bound.
  // InvalidArgument: a number of threads that is out of range.
  static Result<std::unique_ptr<Server>> create(DecodeEngine& engine, ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  int64_t port() const;

  // Answers requests until stop() is called and the requests under way are answered.
  void run();

  // Ends run(): refuses new requests, lets those under way finish for up to `grace_ms`, then
  // cancels them. Thread-safe.
  void stop(int64_t grace_ms);

 private:
  class Implementation;

  explicit Server(std::unique_ptr<Implementation> implementation);

  std::unique_ptr<Implementation> implementation_;
};

}  // namespace caco::lm
