// Replies of the OpenAI-style interface: what the engine answered as JSON. Pure, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "caco/base/json.h"
#include "caco/base/result.h"
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
// `tokenizer` must outlive it.
class ReplyWriter {
 public:
  ReplyWriter(ReplyHeader header, const OpenAiRequest& request, const Tokenizer& tokenizer);

  // The whole reply. REQUIRES: all choices are finished.
  Json reply(const Generation& generation) const;

  // The first object of a streamed chat choice, which carries the role.
  Json first_chunk(int64_t choice) const;
  // A piece of text. Its finish_reason is null.
  Json text_chunk(const TextDelta& delta) const;
  // The object that ends a choice.
  Json last_chunk(const Generation& generation, int64_t choice) const;
  // The object with the usage, without choices.
  Json usage_chunk(const Generation& generation) const;

 private:
  Json envelope(const char* object) const;
  Json usage(const Generation& generation) const;
  Json choice_object(int64_t index, const std::string& text, const std::string& part) const;
  Json logprobs(const std::vector<SampledToken>& tokens) const;
  Json chat_logprobs(const std::vector<SampledToken>& tokens) const;
  std::string prompt_text(const Generation& generation, int64_t choice) const;

  const ReplyHeader header_;
  const OpenAiRequest& request_;
  const Tokenizer& tokenizer_;
};

// An error as the interface has it: HTTP status and body.
struct ErrorReply {
  int status = 500;
  Json body;
};

// 400 for a bad request, with the code context_length_exceeded where that is the reason; 429 for a
// full queue; 503 while the server stops; 500 otherwise.
ErrorReply error_reply(const Error& error);

// The same for errors that HTTP itself knows: 404, 405, 413 ...
ErrorReply error_reply_of_status(int status);

}  // namespace caco::lm
