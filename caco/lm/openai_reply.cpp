// Replies of the OpenAI-style interface; see openai_reply.h.
#include "caco/lm/openai_reply.h"

#include <utility>

namespace caco::lm {
namespace {

Json error_body(const std::string& message, const char* type, const Json& code) {
  return {{"error", {{"message", message}, {"type", type}, {"param", nullptr}, {"code", code}}}};
}

Json bytes_of(std::string_view text) {
  Json bytes = Json::array();
  for (char character : text)
    bytes.push_back(static_cast<unsigned char>(character));
  return bytes;
}

}  // namespace

ReplyWriter::ReplyWriter(ReplyHeader header, const OpenAiRequest& request,
                         const Tokenizer& tokenizer)
    : header_(std::move(header)), request_(request), tokenizer_(tokenizer) {}

Json ReplyWriter::envelope(const char* object) const {
  return {{"id", header_.id},
          {"object", object},
          {"created", header_.created},
          {"model", header_.model},
          {"choices", Json::array()}};
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
    object["logprobs"] = logprobs(choice.tokens);
    object["finish_reason"] = finish_reason_name(choice.finish_reason);
    if (!choice.stop_reason.empty()) object["stop_reason"] = choice.stop_reason;
    body["choices"].push_back(std::move(object));
  }
  body["usage"] = usage(generation);
  return body;
}

Json ReplyWriter::first_chunk(int64_t choice) const {
  Json body = envelope("chat.completion.chunk");
  Json object = choice_object(choice, "", "delta");
  object["delta"] = {{"role", "assistant"}, {"content", ""}};
  body["choices"].push_back(std::move(object));
  return body;
}

Json ReplyWriter::text_chunk(const TextDelta& delta) const {
  Json body = envelope(request_.is_chat ? "chat.completion.chunk" : "text_completion");
  Json object = choice_object(delta.choice, delta.text, "delta");
  object["logprobs"] = logprobs(delta.tokens);
  body["choices"].push_back(std::move(object));
  return body;
}

Json ReplyWriter::last_chunk(const Generation& generation, int64_t choice) const {
  const Choice& finished = generation.choices()[static_cast<size_t>(choice)];
  Json body = envelope(request_.is_chat ? "chat.completion.chunk" : "text_completion");
  Json object = choice_object(choice, "", "delta");
  if (request_.is_chat) object["delta"] = Json::object();
  object["finish_reason"] = finish_reason_name(finished.finish_reason);
  if (!finished.stop_reason.empty()) object["stop_reason"] = finished.stop_reason;
  body["choices"].push_back(std::move(object));
  return body;
}

Json ReplyWriter::usage_chunk(const Generation& generation) const {
  Json body = envelope(request_.is_chat ? "chat.completion.chunk" : "text_completion");
  body["usage"] = usage(generation);
  return body;
}

Json ReplyWriter::logprobs(const std::vector<SampledToken>& tokens) const {
  if (!request_.generation.sampling.wants_logprobs) return nullptr;
  if (request_.is_chat) return chat_logprobs(tokens);
  Json object = {{"tokens", Json::array()},
                 {"token_logprobs", Json::array()},
                 {"top_logprobs", Json::array()},
                 {"text_offset", Json::array()}};
  int64_t offset = 0;
  for (const SampledToken& token : tokens) {
    const std::string text(tokenizer_.token_bytes(token.chosen.id));
    object["tokens"].push_back(text);
    object["token_logprobs"].push_back(token.chosen.logprob);
    Json top = Json::object();
    for (const TokenLogprob& other : token.top) {
      top[std::string(tokenizer_.token_bytes(other.id))] = other.logprob;
    }
    object["top_logprobs"].push_back(std::move(top));
    object["text_offset"].push_back(offset);
    offset += static_cast<int64_t>(text.size());
  }
  return object;
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
  return {{"content", std::move(content)}};
}

ErrorReply error_reply(const Error& error) {
  const std::string message = to_string(error);
  switch (error.code) {
    case ErrorCode::InvalidArgument: {
      const bool is_length = error.message.starts_with("prompt is too long");
      const Json code = is_length ? Json("context_length_exceeded") : Json(nullptr);
      return {400, error_body(message, "invalid_request_error", code)};
    }
    case ErrorCode::NotFound:
      return {404, error_body(message, "not_found_error", nullptr)};
    case ErrorCode::ResourceExhausted:
      return {429, error_body(message, "rate_limit_error", "rate_limit_exceeded")};
    case ErrorCode::Unavailable:
    case ErrorCode::Cancelled:
      return {503, error_body(message, "service_unavailable_error", nullptr)};
    default:
      return {500, error_body(message, "server_error", nullptr)};
  }
}

ErrorReply error_reply_of_status(int status) {
  if (status == 404) return {404, error_body("no such path", "not_found_error", nullptr)};
  if (status >= 500) {
    return {status, error_body("the server failed to answer", "server_error", nullptr)};
  }
  return {status, error_body("the request is not valid HTTP for this server, or too large",
                             "invalid_request_error", nullptr)};
}

}  // namespace caco::lm
