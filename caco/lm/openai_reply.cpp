// Replies of the OpenAI-style interface; see openai_reply.h.
#include "caco/lm/openai_reply.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "caco/lm/unicode.h"

namespace caco::lm {
namespace {

Json bytes_of(std::string_view text) {
  Json bytes = Json::array();
  for (char character : text)
    bytes.push_back(static_cast<unsigned char>(character));
  return bytes;
}

// Returns the number of characters: of bytes that do not continue one.
int64_t count_characters(std::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

Json stop_reason(const Choice& choice) {
  if (choice.stop_id) return *choice.stop_id;
  if (!choice.stop_reason.empty()) return choice.stop_reason;
  return nullptr;
}

}  // namespace

ReplyWriter::ReplyWriter(ReplyHeader header, const OpenAiRequest& request,
                         const Tokenizer& tokenizer)
    : header_(std::move(header)), request_(request), tokenizer_(tokenizer) {
  const int64_t num_prompts = static_cast<int64_t>(request.generation.prompts.size());
  offsets_.resize(static_cast<size_t>(num_prompts * request.generation.num_replies));
}

Json ReplyWriter::envelope(const char* object) const {
  return {{"id", header_.id},
          {"object", object},
          {"created", header_.created},
          {"model", header_.model},
          {"choices", Json::array()}};
}

// With the usage announced, every chunk but the last has none.
Json ReplyWriter::chunk_envelope() const {
  Json body = envelope(request_.is_chat ? "chat.completion.chunk" : "text_completion");
  if (request_.includes_usage) body["usage"] = nullptr;
  return body;
}

Json ReplyWriter::usage(const Generation& generation) const {
  int64_t num_prompt_tokens = 0;
  for (const std::vector<int32_t>& prompt : generation.request().prompts) {
    num_prompt_tokens += static_cast<int64_t>(prompt.size());
  }
  int64_t num_tokens = 0;
  for (const Choice& choice : generation.choices())
    num_tokens += choice.num_tokens;
  return {{"prompt_tokens", num_prompt_tokens},
          {"completion_tokens", num_tokens},
          {"total_tokens", num_prompt_tokens + num_tokens}};
}

// A choice without its end. `part` is "message" or "delta" for chats, whose text is a member of it.
Json ReplyWriter::choice_object(int64_t index, const std::string& text,
                                const std::string& part) const {
  Json object = {{"index", index}};
  if (!request_.is_chat) {
    object["text"] = text;
  } else if (part == "message") {
    object[part] = {{"role", "assistant"}, {"content", text}, {"refusal", nullptr}};
  } else {
    object[part] = {{"content", text}};
  }
  object["logprobs"] = nullptr;
  object["finish_reason"] = nullptr;
  return object;
}

std::string ReplyWriter::prompt_text(const Generation& generation, int64_t choice) const {
  if (!request_.echoes_prompt) return "";
  const int64_t prompt = choice / generation.request().num_replies;
  return tokenizer_.decode(generation.request().prompts[static_cast<size_t>(prompt)]);
}

Json ReplyWriter::reply(const Generation& generation) const {
  Json body = envelope(request_.is_chat ? "chat.completion" : "text_completion");
  for (int64_t index = 0; index < generation.num_choices(); ++index) {
    const Choice& choice = generation.choices()[static_cast<size_t>(index)];
    Json object = choice_object(index, prompt_text(generation, index) + choice.text, "message");
    int64_t offset =
        choice.prompt_tokens.empty() ? count_characters(prompt_text(generation, index)) : 0;
    object["logprobs"] = logprobs(choice.prompt_tokens, choice.tokens, offset);
    object["finish_reason"] = finish_reason_name(choice.finish_reason);
    object["stop_reason"] = stop_reason(choice);
    body["choices"].push_back(std::move(object));
  }
  body["usage"] = usage(generation);
  return body;
}

std::optional<Json> ReplyWriter::first_chunk(const Generation& generation, int64_t choice) {
  const bool echoes = request_.echoes_prompt && !generation.request().wants_prompt_logprobs;
  if (!request_.is_chat && !echoes) return std::nullopt;
  const std::string text = prompt_text(generation, choice);
  Json object = choice_object(choice, text, "delta");
  if (request_.is_chat) object["delta"] = {{"role", "assistant"}, {"content", ""}};
  offsets_[static_cast<size_t>(choice)] += count_characters(text);
  Json body = chunk_envelope();
  body["choices"].push_back(std::move(object));
  return body;
}

Json ReplyWriter::text_chunk(const Generation& generation, const TextDelta& delta) {
  const std::string echoed =
      delta.prompt_tokens.empty() ? "" : prompt_text(generation, delta.choice);
  Json object = choice_object(delta.choice, echoed + delta.text, "delta");
  object["logprobs"] =
      logprobs(delta.prompt_tokens, delta.tokens, offsets_[static_cast<size_t>(delta.choice)]);
  Json body = chunk_envelope();
  body["choices"].push_back(std::move(object));
  return body;
}

Json ReplyWriter::last_chunk(const Generation& generation, int64_t choice) const {
  const Choice& finished = generation.choices()[static_cast<size_t>(choice)];
  Json object = choice_object(choice, "", "delta");
  if (request_.is_chat) object["delta"] = Json::object();
  object["finish_reason"] = finish_reason_name(finished.finish_reason);
  object["stop_reason"] = stop_reason(finished);
  Json body = chunk_envelope();
  body["choices"].push_back(std::move(object));
  return body;
}

Json ReplyWriter::usage_chunk(const Generation& generation) const {
  Json body = chunk_envelope();
  body["usage"] = usage(generation);
  return body;
}

Json ReplyWriter::logprobs(const std::vector<SampledToken>& prompt,
                           const std::vector<SampledToken>& tokens, int64_t& offset) const {
  if (!request_.generation.sampling.wants_logprobs) return nullptr;
  if (request_.is_chat) return chat_logprobs(tokens);
  Json names = Json::array();
  Json token_logprobs = Json::array();
  Json top_logprobs = Json::array();
  Json offsets = Json::array();
  const auto add = [&](const SampledToken& token, bool has_logprob) {
    names.push_back(token_name(token.chosen.id));
    token_logprobs.push_back(has_logprob ? Json(token.chosen.logprob) : Json(nullptr));
    Json top = has_logprob ? Json::object() : Json(nullptr);
    for (const TokenLogprob& other : token.top)
      top[token_name(other.id)] = other.logprob;
    top_logprobs.push_back(std::move(top));
    offsets.push_back(offset);
    offset += count_characters(tokenizer_.token_bytes(token.chosen.id));
  };
  // Nothing comes before the first token of a prompt, so it has no chance.
  for (size_t i = 0; i < prompt.size(); ++i)
    add(prompt[i], /*has_logprob=*/i > 0);
  for (const SampledToken& token : tokens)
    add(token, /*has_logprob=*/true);
  return {{"tokens", std::move(names)},
          {"token_logprobs", std::move(token_logprobs)},
          {"top_logprobs", std::move(top_logprobs)},
          {"text_offset", std::move(offsets)}};
}

std::string ReplyWriter::token_name(int32_t id) const {
  const std::string_view bytes = tokenizer_.token_bytes(id);
  if (is_utf8(bytes)) return std::string(bytes);
  std::string name = "bytes:";
  for (char character : bytes) {
    constexpr const char* kDigits = "0123456789abcdef";
    const unsigned char byte = static_cast<unsigned char>(character);
    name += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return name;
}

Json ReplyWriter::chat_logprobs(const std::vector<SampledToken>& tokens) const {
  const auto entry = [&](const TokenLogprob& token) {
    const std::string text(tokenizer_.token_bytes(token.id));
    return Json{{"token", text}, {"logprob", token.logprob}, {"bytes", bytes_of(text)}};
  };
  Json content = Json::array();
  for (const SampledToken& token : tokens) {
    Json object = entry(token.chosen);
    object["top_logprobs"] = Json::array();
    for (const TokenLogprob& other : token.top)
      object["top_logprobs"].push_back(entry(other));
    content.push_back(std::move(object));
  }
  return {{"content", std::move(content)}, {"refusal", nullptr}};
}

}  // namespace caco::lm
