// Grows one reply from sampled tokens: text, stop conditions, forced tokens, streaming.
//
// Stop texts are searched in the text, so they match across tokens and within one. What is streamed
// holds back the beginning of a possible stop text and incomplete characters until they are
// decided. Before the least length is reached, nothing ends a reply but its length, and stop texts
// are not looked for. Belongs to one engine thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "caco/lm/generation.h"
#include "caco/lm/tokenizer.h"

namespace caco::lm {

class ReplyBuilder {
 public:
  // `end_ids` end a reply as the tokenizer's special tokens do. All must outlive the builder.
  ReplyBuilder(const Tokenizer& tokenizer, const GenerationRequest& request,
               std::span<const int32_t> end_ids = {});

  // Takes a token. Returns the tokens that have to follow it, by the calculator; mostly none. They
  // are taken by accept_forced, in order, by the caller.
  std::vector<int32_t> accept(const SampledToken& token);

  // Takes a token that the calculator gave.
  void accept_forced(int32_t token);

  // Takes what the prompt's tokens had for a chance, in order.
  void add_prompt_token(SampledToken token) { choice_.prompt_tokens.push_back(std::move(token)); }

  bool is_finished() const { return is_finished_; }

  // Returns whether the reply is shorter than it must be, so that no token may end it.
  bool must_go_on() const { return choice_.num_tokens < request_.min_tokens; }

  // Ends the reply from outside: no room for more tokens, or nobody waits for it any longer.
  void finish(FinishReason reason);

  // Moves out what may be streamed and has not been yet; nothing when there is no new text.
  std::optional<TextDelta> take_delta();

  // REQUIRES: is_finished()
  Choice take_choice();

 private:
  void append(const SampledToken& token);
  bool is_stop_id(int32_t id) const;
  bool is_end_id(int32_t id) const;
  std::string_view text_of(int32_t id) const;
  void search_stop_text(size_t num_new_bytes);
  bool goes_in_circles() const;

  const Tokenizer& tokenizer_;
  const GenerationRequest& request_;
  const std::span<const int32_t> end_ids_;
  size_t longest_stop_ = 0;
  bool is_finished_ = false;
  Choice choice_;
  std::vector<int32_t> ids_;  // of the text
  size_t num_streamed_bytes_ = 0;
  size_t num_streamed_tokens_ = 0;
  bool has_streamed_prompt_ = false;
  size_t num_token_bytes_ = 0;  // of the streamed tokens
};

}  // namespace caco::lm
