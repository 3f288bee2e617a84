// Grows one reply from sampled tokens; see reply_builder.h.
#include "caco/lm/reply_builder.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "caco/lm/byte_level.h"
#include "caco/lm/calculator.h"

namespace caco::lm {
namespace {

constexpr int64_t kRepetitionWindow = 128;
constexpr int64_t kLongestPeriod = 32;

// Returns the length of the longest end of `text` that begins, but is not, one of `stops`.
size_t partial_stop_length(std::string_view text, const std::vector<std::string>& stops) {
  size_t longest = 0;
  for (const std::string& stop : stops) {
    for (size_t length = std::min(stop.size() - 1, text.size()); length > longest; --length) {
      if (text.ends_with(std::string_view(stop).substr(0, length))) longest = length;
    }
  }
  return longest;
}

}  // namespace

ReplyBuilder::ReplyBuilder(const Tokenizer& tokenizer, const GenerationRequest& request,
                           std::span<const int32_t> end_ids)
    : tokenizer_(tokenizer), request_(request), end_ids_(end_ids) {
  for (const std::string& stop : request.stop) {
    assert(!stop.empty());
    longest_stop_ = std::max(longest_stop_, stop.size());
  }
}

std::vector<int32_t> ReplyBuilder::accept(const SampledToken& token) {
  append(token);
  if (is_finished_ || !request_.uses_calculator) return {};
  const size_t num_new_bytes = text_of(token.chosen.id).size();
  const std::optional<std::string> completion = annotation_completion(choice_.text, num_new_bytes);
  if (!completion) return {};
  return tokenizer_.encode(*completion, SpecialTokens::Ignore);
}

// A forced token was not chosen by the model: it has the logprob 0 of a certain event.
void ReplyBuilder::accept_forced(int32_t token) {
  append({.chosen = {token, 0.0f}, .top = {}});
}

bool ReplyBuilder::is_stop_id(int32_t id) const {
  const std::vector<int32_t>& stops = request_.stop_token_ids;
  return std::find(stops.begin(), stops.end(), id) != stops.end();
}

bool ReplyBuilder::is_end_id(int32_t id) const {
  return tokenizer_.is_special(id) ||
         std::find(end_ids_.begin(), end_ids_.end(), id) != end_ids_.end();
}

// Returns what a token that does not end the reply adds to the text.
std::string_view ReplyBuilder::text_of(int32_t id) const {
  if (request_.skips_special_tokens && tokenizer_.is_special(id)) return {};
  return tokenizer_.token_bytes(id);
}

void ReplyBuilder::append(const SampledToken& token) {
  assert(!is_finished_);
  const int32_t id = token.chosen.id;
  // A forced token may end a reply that must go on; the sampler never draws one.
  const bool may_end = !must_go_on();
  ++choice_.num_tokens;
  const bool is_stop = may_end && is_stop_id(id);
  const bool is_end = is_stop || (may_end && !request_.ignores_end && is_end_id(id));
  if (is_stop) choice_.stop_id = id;
  if (is_end && !request_.includes_stop) return finish(FinishReason::Stop);
  const std::string_view bytes = text_of(id);
  choice_.text += bytes;
  ids_.push_back(id);
  if (request_.sampling.wants_logprobs) choice_.tokens.push_back(token);
  if (is_end) return finish(FinishReason::Stop);
  if (may_end) search_stop_text(bytes.size());
  if (is_finished_) return;
  if (choice_.num_tokens >= request_.max_tokens) return finish(FinishReason::Length);
  if (request_.stops_repetition && goes_in_circles()) {
    choice_.stop_reason = "repetition";
    finish(FinishReason::Length);
  }
}

// Cuts the text before (or, as asked, behind) the leftmost stop text that ends in the new bytes.
void ReplyBuilder::search_stop_text(size_t num_new_bytes) {
  if (longest_stop_ == 0) return;
  const size_t reach = num_new_bytes + longest_stop_ - 1;
  const size_t from = choice_.text.size() > reach ? choice_.text.size() - reach : 0;
  size_t found = std::string::npos;
  for (const std::string& stop : request_.stop) {
    // The search may begin within text that came before the least length: a stop text that ended
    // there is none.
    size_t at = choice_.text.find(stop, from);
    while (at != std::string::npos && at + stop.size() <= choice_.text.size() - num_new_bytes) {
      at = choice_.text.find(stop, at + 1);
    }
    if (at >= found) continue;
    found = at;
    choice_.stop_reason = stop;
  }
  if (found == std::string::npos) return;
  const size_t cut = request_.includes_stop ? found + choice_.stop_reason.size() : found;
  choice_.text.resize(cut);
  // Tokens of which nothing is left in the text go too.
  size_t end = 0;
  size_t kept = 0;
  while (kept < ids_.size() && end < cut)
    end += text_of(ids_[kept++]).size();
  ids_.resize(kept);
  if (choice_.tokens.size() > kept) choice_.tokens.resize(kept);
  finish(FinishReason::Stop);
}

bool ReplyBuilder::goes_in_circles() const {
  const int64_t size = static_cast<int64_t>(ids_.size());
  // Looking every 16 tokens is soon enough.
  if (size < kRepetitionWindow || size % 16 != 0) return false;
  const int32_t* window = ids_.data() + (size - kRepetitionWindow);
  for (int64_t period = 1; period <= kLongestPeriod; ++period) {
    if (std::equal(window + period, window + kRepetitionWindow, window)) return true;
  }
  return false;
}

void ReplyBuilder::finish(FinishReason reason) {
  is_finished_ = true;
  choice_.finish_reason = reason;
}

std::optional<TextDelta> ReplyBuilder::take_delta() {
  size_t ready = choice_.text.size();
  if (!is_finished_) {
    const size_t held_stop = partial_stop_length(choice_.text, request_.stop);
    const std::string_view rest(choice_.text.data(), ready - held_stop);
    ready = rest.size() - static_cast<size_t>(incomplete_utf8_tail(rest));
  }
  const bool has_prompt = !has_streamed_prompt_ && !choice_.prompt_tokens.empty();
  if (ready <= num_streamed_bytes_ && !is_finished_ && !has_prompt) return std::nullopt;
  TextDelta delta;
  delta.is_last = is_finished_;
  if (has_prompt) delta.prompt_tokens = choice_.prompt_tokens;
  has_streamed_prompt_ = true;
  ready = std::max(ready, num_streamed_bytes_);
  delta.text = choice_.text.substr(num_streamed_bytes_, ready - num_streamed_bytes_);
  num_streamed_bytes_ = ready;
  // Tokens go with the text that completes them, so that none is given that a stop text cuts off.
  while (num_streamed_tokens_ < choice_.tokens.size()) {
    const SampledToken& token = choice_.tokens[num_streamed_tokens_];
    const size_t end = num_token_bytes_ + text_of(token.chosen.id).size();
    if (end > ready && !is_finished_) break;
    num_token_bytes_ = end;
    ++num_streamed_tokens_;
    delta.tokens.push_back(token);
  }
  return delta;
}

Choice ReplyBuilder::take_choice() {
  assert(is_finished_);
  return std::move(choice_);
}

}  // namespace caco::lm
