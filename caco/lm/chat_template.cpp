// Chat messages as the prompt of a model; see chat_template.h.
#include "caco/lm/chat_template.h"

#include <algorithm>
#include <array>
#include <optional>

namespace caco::lm {
namespace {

constexpr std::array<const char*, 5> kRoles = {"system", "developer", "user", "assistant", "tool"};

void append(std::vector<int32_t>& ids, const std::vector<int32_t>& more) {
  ids.insert(ids.end(), more.begin(), more.end());
}

}  // namespace

Result<std::vector<int32_t>> render_chat(const Tokenizer& tokenizer,
                                         const std::vector<ChatMessage>& messages) {
  const std::optional<int32_t> start = tokenizer.special_id("<|im_start|>");
  const std::optional<int32_t> end = tokenizer.special_id("<|im_end|>");
  if (!start || !end) {
    return Error{ErrorCode::InvalidArgument, "model has no chat template",
                 "its tokenizer lacks <|im_start|> or <|im_end|>; use /v1/completions"};
  }
  if (messages.empty()) return Error{ErrorCode::InvalidArgument, "messages is empty", ""};
  std::vector<int32_t> ids;
  for (const ChatMessage& message : messages) {
    if (std::find(kRoles.begin(), kRoles.end(), message.role) == kRoles.end()) {
      return Error{ErrorCode::InvalidArgument, "unknown role: " + message.role, ""};
    }
    ids.push_back(*start);
    append(ids, tokenizer.encode(message.role + "\n" + message.content, SpecialTokens::Ignore));
    ids.push_back(*end);
    append(ids, tokenizer.encode("\n", SpecialTokens::Ignore));
  }
  ids.push_back(*start);
  append(ids, tokenizer.encode("assistant\n", SpecialTokens::Ignore));
  return ids;
}

}  // namespace caco::lm
