// A request for replies and what has become of it: the meeting point of the thread that asked and
// the engine's threads that answer.
//
// Choices are numbered through: choice i * n + j is reply j to prompt i. All members of Generation
// are thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "caco/lm/sampler.h"

namespace caco::lm {

struct GenerationRequest {
  std::vector<std::vector<int32_t>> prompts;  // each of at least one token
  int64_t num_replies = 1;                    // to each prompt
  int64_t max_tokens = 16;                    // of a reply; 0 only with wants_prompt_logprobs
  int64_t min_tokens = 0;                     // before them neither ids nor stop texts end a reply
  SamplingParams sampling;
  bool wants_prompt_logprobs = false;   // with sampling.wants_logprobs
  std::vector<std::string> stop;        // texts that end a reply, none empty
  std::vector<int32_t> stop_token_ids;  // beside the model's end ids and the special tokens
  bool includes_stop = false;           // the stop text or token stays in the text
  bool ignores_end = false;             // end ids and special tokens do not end a reply
  bool skips_special_tokens = true;     // special tokens have no text
  bool uses_calculator = false;         // see calculator.h
  // Ends a reply that goes round in circles: its last 128 tokens have a period of 32 or less.
  // Tiny models do this; the reply would fill max_tokens to no use, and ends as "length" early,
  // with "repetition" as its stop_reason.
  bool stops_repetition = true;
  bool is_streamed = false;  // text is handed over while it grows
};

enum class FinishReason { Stop, Length, Cancelled };

// Returns "stop", "length" or "cancelled".
const char* finish_reason_name(FinishReason reason);

struct Choice {
  std::string text;  // without special tokens and stop texts; may end within a UTF-8 character
  FinishReason finish_reason = FinishReason::Stop;
  std::string stop_reason;           // the stop text; "repetition"; empty otherwise
  std::optional<int32_t> stop_id;    // the one of stop_token_ids that ended the reply
  int64_t num_tokens = 0;            // sampled or forced, the one that ended the reply included
  std::vector<SampledToken> tokens;  // those of the text, when logprobs were wanted
  std::vector<SampledToken> prompt_tokens;  // when wanted; the first has no logprob
};

// A piece of a streamed reply.
struct TextDelta {
  int64_t choice = 0;
  std::string text;                         // whole UTF-8 characters until the reply ends
  std::vector<SampledToken> tokens;         // that came with the text, when logprobs were wanted
  std::vector<SampledToken> prompt_tokens;  // of the first delta, when they were wanted
  bool is_last = false;
};

class Generation {
 public:
  explicit Generation(GenerationRequest request);
  Generation(const Generation&) = delete;
  Generation& operator=(const Generation&) = delete;

  const GenerationRequest& request() const { return request_; }
  int64_t num_choices() const { return static_cast<int64_t>(choices_.size()); }

  // Waits for news, at most `timeout`. Returns whether all choices are finished.
  bool wait(std::chrono::milliseconds timeout);

  // Waits until all choices are finished.
  void wait_until_finished();

  // Returns and clears what was streamed since the last call.
  std::vector<TextDelta> take_deltas();

  // Asks the engine to give up what is unfinished; it does so within a step.
  void cancel() { is_cancelled_.store(true, std::memory_order_relaxed); }
  bool is_cancelled() const { return is_cancelled_.load(std::memory_order_relaxed); }

  // The finished replies. REQUIRES: wait() has returned true.
  const std::vector<Choice>& choices() const { return choices_; }

  // For the engine.
  void add_delta(TextDelta delta);
  void finish_choice(int64_t index, Choice choice);

 private:
  const GenerationRequest request_;
  std::atomic<bool> is_cancelled_{false};

  // State below is protected by mutex_; choices_ is free to read once num_unfinished_ is 0.
  std::mutex mutex_;
  std::condition_variable has_news_;
  int64_t num_unfinished_ = 0;
  std::vector<TextDelta> deltas_;
  std::vector<Choice> choices_;
};

}  // namespace caco::lm
