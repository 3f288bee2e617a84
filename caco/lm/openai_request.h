// Requests of the OpenAI-style interface: JSON bodies into what the engine answers.
//
// Unknown fields are ignored, as clients send many. Known fields of the wrong type or out of range,
// and fields of the interface that would change the reply in a way that this server has not, are
// errors that name them. Pure, thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "caco/base/json.h"
#include "caco/lm/generation.h"
#include "caco/lm/openai_fields.h"
#include "caco/lm/tokenizer.h"

namespace caco::lm {

class ChatTemplate;

// What a request is read against.
struct RequestContext {
  const Tokenizer& tokenizer;
  const ChatTemplate* chat_template = nullptr;  // null: ChatML
  std::string model_name;                       // the only one that "model" may name
  int64_t max_context = 0;                      // tokens of prompt and reply
  uint64_t random_seed = 0;                     // of requests without one
  SamplingParams sampling{};                    // what fields that are absent stand for
};

struct OpenAiRequest {
  GenerationRequest generation;
  bool is_chat = false;
  bool includes_usage = false;  // stream_options.include_usage
  bool echoes_prompt = false;   // completions: the text begins with the prompt
};

// Reads the body of POST /v1/completions: prompt (text, texts, ids, lists of ids), n, max_tokens
// (16; 0 with echo and logprobs), temperature, top_p, top_k (0 or -1: off), min_p and
// repetition_penalty (else those of the context), presence_penalty, frequency_penalty, logit_bias,
// stop (text or texts),
// stop_token_ids, include_stop_str_in_output, min_tokens, ignore_eos, skip_special_tokens (true),
// seed, logprobs (number of alternatives), echo, add_special_tokens (true), truncate_prompt_tokens,
// stream, stream_options; extensions of this server: calculator, repetition_stop (true). The result
// means something only where `fields.ok()` afterwards.
OpenAiRequest read_completion_request(FieldReader& fields, const RequestContext& context);

// Reads the body of POST /v1/chat/completions: as above, with messages, max_completion_tokens (none
// and no max_tokens: up to the context), logprobs (a boolean), top_logprobs, add_generation_prompt
// (true) and, where the model has a template, chat_template_kwargs.
OpenAiRequest read_chat_request(FieldReader& fields, const RequestContext& context);

}  // namespace caco::lm
