// Requests of the OpenAI-style interface: JSON bodies into what the engine answers.
//
// Unknown fields are ignored, as clients send many. Known fields of the wrong type, and fields that
// would change the reply and are not implemented, are errors that name them. Pure, thread-safe.
#pragma once

#include <cstdint>

#include "caco/base/json.h"
#include "caco/base/result.h"
#include "caco/lm/generation.h"
#include "caco/lm/tokenizer.h"

namespace caco::lm {

struct OpenAiRequest {
  GenerationRequest generation;
  bool is_chat = false;
  bool includes_usage = false;  // stream_options.include_usage
  bool echoes_prompt = false;   // completions: the text begins with the prompt
};

// Reads the body of POST /v1/completions. Fields: prompt (text, texts, ids, lists of ids), n,
// max_tokens (16), temperature (1), top_p, top_k (0 or -1: off), min_p, stop (text or texts),
// stop_token_ids, seed (`random_seed` when absent), logprobs (number of alternatives), echo,
// stream, stream_options; extensions: calculator, repetition_stop (true).
Result<OpenAiRequest> read_completion_request(const Json& body, const Tokenizer& tokenizer,
                                              uint64_t random_seed);

// Reads the body of POST /v1/chat/completions. As above, with messages, max_completion_tokens
// (none: up to the context), logprobs (a boolean) and top_logprobs.
Result<OpenAiRequest> read_chat_request(const Json& body, const Tokenizer& tokenizer,
                                        uint64_t random_seed);

}  // namespace caco::lm
