// Replies of the OpenAI-style interface: what the engine answered as JSON.
//
// In completions, the text of a token that is no whole character by itself is written as OpenAI
// does, "bytes:\\xe2\\x82", so that different tokens have different names; offsets count characters
// of the choice's text. In chats, such a token's text has U+FFFD, and its bytes are beside it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "caco/base/json.h"
#include "caco/lm/generation.h"
#include "caco/lm/openai_request.h"
#include "caco/lm/tokenizer.h"

namespace caco::lm {

// What all objects of one reply have in common.
struct ReplyHeader {
  std::string id;       // "cmpl-..." or "chatcmpl-..."
  std::string model;    // the served model's name
  int64_t created = 0;  // seconds since 1970
};

// Turns a finished or growing generation into the objects of the interface. `request` and
// `tokenizer` must outlive it. Belongs to one thread: it counts the characters of streamed texts.
class ReplyWriter {
 public:
  ReplyWriter(ReplyHeader header, const OpenAiRequest& request, const Tokenizer& tokenizer);

  // The whole reply. REQUIRES: all choices are finished.
  Json reply(const Generation& generation) const;

  // The object that begins a streamed choice, where there is one: the role of a chat, or the prompt
  // that is echoed without logprobs.
  std::optional<Json> first_chunk(const Generation& generation, int64_t choice);
  // A piece of text. Its finish_reason is null.
  Json text_chunk(const Generation& generation, const TextDelta& delta);
  // The object that ends a choice.
  Json last_chunk(const Generation& generation, int64_t choice) const;
  // The object with the usage, without choices.
  Json usage_chunk(const Generation& generation) const;

 private:
  Json envelope(const char* object) const;
  Json chunk_envelope() const;
  Json usage(const Generation& generation) const;
  Json choice_object(int64_t index, const std::string& text, const std::string& part) const;
  // `prompt` and `tokens` in a row; `offset`: characters before them, moved behind them.
  Json logprobs(const std::vector<SampledToken>& prompt, const std::vector<SampledToken>& tokens,
                int64_t& offset) const;
  Json chat_logprobs(const std::vector<SampledToken>& tokens) const;
  std::string token_name(int32_t id) const;
  std::string prompt_text(const Generation& generation, int64_t choice) const;

  const ReplyHeader header_;
  const OpenAiRequest& request_;
  const Tokenizer& tokenizer_;
  std::vector<int64_t> offsets_;  // characters of each streamed choice
};

}  // namespace caco::lm
