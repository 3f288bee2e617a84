// Chat messages as the prompt of a model: the ChatML template, by token ids.
//
// Each message is a block `<|im_start|>ROLE\nCONTENT<|im_end|>\n`; the reply is the block of the
// assistant, which is left open. The marks are placed as ids and the content is encoded with
// special tokens ignored, so that no content can end its block or open another. Pure, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/tokenizer.h"

namespace caco::lm {

struct ChatMessage {
  std::string role;  // system, developer, user, assistant, tool
  std::string content;
};

// Returns the prompt that asks for the assistant's next message. InvalidArgument: no messages, an
// unknown role, a tokenizer without the marks.
Result<std::vector<int32_t>> render_chat(const Tokenizer& tokenizer,
                                         const std::vector<ChatMessage>& messages);

}  // namespace caco::lm
