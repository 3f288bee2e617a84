// Exchange: one request for replies under way, and its answer as it is written.
//
// Lives from the request's acceptance to the answer's last byte, or until its client has gone; when
// it ends, the engine no longer works for it and its numbers are in the metrics.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "caco/base/json.h"
#include "caco/lm/generation.h"
#include "caco/lm/http_server.h"
#include "caco/lm/openai_reply.h"
#include "caco/lm/openai_request.h"
#include "caco/lm/server_metrics.h"

namespace caco::lm {

// What all exchanges of a server share.
struct ExchangeState {
  std::atomic<bool> is_stopping{false};   // nothing new is begun
  std::atomic<bool> is_giving_up{false};  // what is under way is broken off
  std::atomic<int64_t> num_exchanges{0};
};

class Exchange final : public HttpBody {
 public:
  // All but `request` and `header` must outlive the exchange. REQUIRES: it is counted in
  // state.num_exchanges; it takes itself off in the end.
  Exchange(ExchangeState& state, ServerMetrics& metrics, const Tokenizer& tokenizer,
           OpenAiRequest request, ReplyHeader header);
  ~Exchange() override;

  const OpenAiRequest& request() const { return request_; }

  // What the engine makes of the request; set before the first write.
  void set_generation(std::unique_ptr<Generation> generation) {
    generation_ = std::move(generation);
  }

  bool write(HttpStream& stream) override;

 private:
  void end_generation();
  bool write_whole(HttpStream& stream);
  bool write_events(HttpStream& stream);
  bool write_end(HttpStream& stream);
  static bool write_event(HttpStream& stream, const Json& body);

  ExchangeState& state_;
  ServerMetrics& metrics_;
  const OpenAiRequest request_;
  ReplyWriter writer_;
  std::unique_ptr<Generation> generation_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  double first_token_seconds_ = -1;
};

}  // namespace caco::lm
