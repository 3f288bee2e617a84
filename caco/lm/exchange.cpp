// One request for replies under way; see exchange.h.
#include "caco/lm/exchange.h"

#include <optional>
#include <utility>

#include "caco/lm/openai_error.h"

namespace caco::lm {
namespace {

// How often a waiting request looks whether its client is still there.
constexpr std::chrono::milliseconds kClientCheck{200};

bool is_any_cancelled(const Generation& generation) {
  for (const Choice& choice : generation.choices()) {
    if (choice.finish_reason == FinishReason::Cancelled) return true;
  }
  return false;
}

double seconds_since(std::chrono::steady_clock::time_point moment) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - moment).count();
}

}  // namespace

Exchange::Exchange(ExchangeState& state, ServerMetrics& metrics, const Tokenizer& tokenizer,
                   OpenAiRequest request, ReplyHeader header)
    : state_(state),
      metrics_(metrics),
      request_(std::move(request)),
      writer_(std::move(header), request_, tokenizer) {}

Exchange::~Exchange() {
  if (generation_) end_generation();
  --state_.num_exchanges;
}

void Exchange::end_generation() {
  // A generation must not go before it is finished: the engine writes into it.
  generation_->cancel();
  generation_->wait_until_finished();
  FinishedRequest finished;
  for (const std::vector<int32_t>& prompt : generation_->request().prompts)
    finished.num_prompt_tokens += static_cast<int64_t>(prompt.size());
  for (const Choice& choice : generation_->choices()) {
    finished.num_reply_tokens += choice.num_tokens;
    const bool is_cancelled = choice.finish_reason == FinishReason::Cancelled;
    finished.finish_reasons.emplace_back(is_cancelled ? "abort"
                                                      : finish_reason_name(choice.finish_reason));
  }
  finished.seconds = seconds_since(began_);
  finished.first_token_seconds = first_token_seconds_;
  metrics_.count_request(finished);
}

bool Exchange::write(HttpStream& stream) {
  return request_.generation.is_streamed ? write_events(stream) : write_whole(stream);
}

// Writes the reply when it is there. The status has been sent by then, so a reply that was
// cancelled can only be broken off.
bool Exchange::write_whole(HttpStream& stream) {
  while (!generation_->wait(kClientCheck)) {
    if (state_.is_giving_up || !stream.is_client_there()) return false;
  }
  if (is_any_cancelled(*generation_)) return false;
  return stream.write(dump_json(writer_.reply(*generation_)));
}

bool Exchange::write_events(HttpStream& stream) {
  for (int64_t choice = 0; choice < generation_->num_choices(); ++choice) {
    const std::optional<Json> first = writer_.first_chunk(*generation_, choice);
    if (first && !write_event(stream, *first)) return false;
  }
  while (true) {
    const bool is_finished = generation_->wait(kClientCheck);
    for (const TextDelta& delta : generation_->take_deltas()) {
      if (delta.text.empty() && delta.tokens.empty() && delta.prompt_tokens.empty()) continue;
      if (first_token_seconds_ < 0) first_token_seconds_ = seconds_since(began_);
      if (!write_event(stream, writer_.text_chunk(*generation_, delta))) return false;
    }
    if (is_finished) return write_end(stream);
    if (state_.is_giving_up) {
      const Error error{ErrorCode::Unavailable, "server is stopping", "ask again"};
      return stream.write("data: " + openai_error(error).body() + "\n\n");
    }
    if (!stream.is_client_there()) return false;
  }
}

bool Exchange::write_end(HttpStream& stream) {
  if (is_any_cancelled(*generation_)) return false;
  for (int64_t choice = 0; choice < generation_->num_choices(); ++choice) {
    if (!write_event(stream, writer_.last_chunk(*generation_, choice))) return false;
  }
  if (request_.includes_usage && !write_event(stream, writer_.usage_chunk(*generation_))) {
    return false;
  }
  return stream.write("data: [DONE]\n\n");
}

bool Exchange::write_event(HttpStream& stream, const Json& body) {
  return stream.write("data: " + dump_json(body) + "\n\n");
}

}  // namespace caco::lm
