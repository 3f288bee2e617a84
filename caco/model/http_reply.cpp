#include "caco/model/http_reply.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

namespace caco {
namespace {

// Most characters of a server's own words in an error text.
constexpr size_t kMaxQuotedBytes = 300;

// The error of a response body, in any of the forms that servers use; never assumes JSON.
struct ServerError {
  std::string message;
  std::string code;  // OpenAI's code, or its type
};

std::string text_of(const Json& object, const char* key) {
  if (!object.is_object()) return "";
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string shown(std::string_view text) {
  std::string line;
  for (const char c : text.substr(0, kMaxQuotedBytes)) {
    line.push_back(static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
  }
  return text.size() > kMaxQuotedBytes ? line + "..." : line;
}

ServerError server_error_of(const std::string& body) {
  const Result<Json> parsed = parse_json(body);
  if (!parsed.ok() || !parsed.value().is_object()) return {shown(body), ""};
  const Json& whole = parsed.value();
  const auto nested = whole.find("error");
  if (nested != whole.end() && nested->is_string()) return {shown(nested->get<std::string>()), ""};
  const Json& object = nested != whole.end() && nested->is_object() ? *nested : whole;
  ServerError error{text_of(object, "message"), text_of(object, "code")};
  if (error.message.empty()) error.message = text_of(whole, "detail");
  if (error.message.empty()) error.message = body;
  error.message = shown(error.message);
  if (error.code.empty()) error.code = text_of(object, "type");
  return error;
}

bool contains_any(std::string_view text, std::initializer_list<std::string_view> parts) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return lower.find(part) != std::string::npos; });
}

// Whether the fault lies in this one prompt: too long for the model, or refused by a content rule.
// The words are those of OpenAI, vLLM, SGLang and llama-server.
bool is_about_one_prompt(int64_t status, const ServerError& error) {
  if (status == 413) return true;
  if (status != 400 && status != 422 && status != 500) return false;
  if (contains_any(error.code, {"context_length_exceeded", "exceed_context_size", "content_filter",
                                "content_policy_violation"})) {
    return true;
  }
  return contains_any(error.message,
                      {"context length", "maximum context", "context size", "context window",
                       "exceeds the maximum length", "exceeds max_model_len"});
}

// What to do about a status that trying again does not help.
std::string hint_for(int64_t status, const ServerError& error) {
  switch (status) {
    case 401:
    case 403:
      return "check the key: set the environment variable that `api_key_env` names";
    case 404:
      return "check `url` (it usually ends in /v1) and `model`; GET URL/models lists the names";
    case 400:
    case 422:
      if (contains_any(error.message, {"unrecognized", "unsupported", "extra inputs",
                                       "extra fields", "top_k", "min_p", "repetition_penalty"})) {
        return "the server may not know top_k and min_p: set `extensions = false`";
      }
      return "the server refuses this kind of request: check `model` and the sampling options";
    default:
      return "look into the server's log; finished work is kept";
  }
}

JudgedResponse judge_failure(const HttpResponse& response, std::string_view url, int64_t now) {
  JudgedResponse judged;
  const ServerError found = server_error_of(response.body);
  if (is_about_one_prompt(response.status, found)) {
    judged.kind = ResponseKind::BadRequest;
    return judged;
  }
  judged.error.message = "model endpoint answered " + std::to_string(response.status) + ": " +
                         std::string(url) + ": " + found.message;
  const bool is_out_of_quota = contains_any(found.code, {"insufficient_quota", "billing"});
  if (is_out_of_quota) {
    judged.error.code = ErrorCode::ResourceExhausted;
    judged.error.hint = "add credit to this account or use another key; finished work is kept";
    return judged;
  }
  const int64_t status = response.status;
  bool tries_again = status == 408 || status == 409 || status == 429 || status >= 500;
  if (response.should_retry == "true") tries_again = true;
  if (response.should_retry == "false") tries_again = false;
  judged.wait_ms = requested_wait_ms(response, now);
  const bool waits_too_long = judged.wait_ms && *judged.wait_ms > kMaxRetryAfterMs;
  if (tries_again && !waits_too_long) {
    judged.kind = ResponseKind::TryAgain;
    judged.error.code = ErrorCode::Unavailable;
    judged.error.hint = status == 429
                            ? "lower `max_in_flight` or wait a while; finished work is kept"
                            : "look into the server's log and run again; finished work is kept";
    return judged;
  }
  if (waits_too_long) {
    judged.error.code = ErrorCode::Unavailable;
    judged.error.hint = "the server asks to wait " + std::to_string(*judged.wait_ms / 1000) +
                        " seconds: run again then; finished work is kept";
    return judged;
  }
  judged.error.code = status == 404   ? ErrorCode::NotFound
                      : status >= 500 ? ErrorCode::Unavailable
                                      : ErrorCode::InvalidArgument;
  judged.error.hint = hint_for(status, found);
  return judged;
}

// Returns the text of one choice of a chat or of a raw completion. A chat answer without content (a
// refusal, all tokens spent on thinking) is an empty text.
Result<std::string> text_of_choice(const Json& choice) {
  const auto message = choice.find("message");
  const bool is_chat = message != choice.end();
  if (is_chat && !message->is_object()) {
    return Error{ErrorCode::InvalidArgument, "`message` of a choice is not an object", ""};
  }
  const Json& holder = is_chat ? *message : choice;
  const auto found = holder.find(is_chat ? "content" : "text");
  if (is_chat && (found == holder.end() || found->is_null())) return std::string();
  if (found == holder.end() || !found->is_string()) {
    return Error{ErrorCode::InvalidArgument,
                 is_chat ? "`content` of a message is not a string" : "a choice has no `text`", ""};
  }
  return found->get<std::string>();
}

Result<ModelReply> decode_reply(const std::string& body) {
  const auto wrong = [](std::string what) {
    return Error{ErrorCode::InvalidArgument, std::move(what), ""};
  };
  const Json whole = TRY(parse_json(body));
  if (!whole.is_object()) return wrong("not a JSON object");
  if (whole.contains("error") && !whole["error"].is_null()) {
    return wrong("status 200 with an error: " + server_error_of(body).message);
  }
  const auto choices = whole.find("choices");
  if (choices == whole.end() || !choices->is_array()) return wrong("no `choices` list");
  if (choices->empty()) return wrong("empty `choices` list");
  ModelReply reply;
  for (const Json& choice : *choices) {
    if (!choice.is_object()) return wrong("a choice is not an object");
    ModelChoice made;
    made.text = TRY(text_of_choice(choice));
    made.finish_reason = text_of(choice, "finish_reason");
    reply.choices.push_back(std::move(made));
  }
  const auto usage = whole.find("usage");
  if (usage != whole.end() && usage->is_object()) {
    reply.prompt_tokens = TRY(read_int(*usage, "prompt_tokens"));
    reply.completion_tokens = TRY(read_int(*usage, "completion_tokens"));
  }
  return reply;
}

}  // namespace

std::string encode_request(const ModelRequest& request, const RequestStyle& style) {
  Json body = Json::object();
  body["model"] = style.model;
  if (request.messages.empty()) {
    body["prompt"] = request.prompt;
  } else {
    Json messages = Json::array();
    for (const Message& message : request.messages) {
      messages.push_back({{"role", message.role}, {"content", message.content}});
    }
    body["messages"] = std::move(messages);
  }
  body["n"] = request.num_choices;
  body["max_tokens"] = request.max_tokens;
  body["temperature"] = request.temperature;
  body["top_p"] = request.top_p;
  body["presence_penalty"] = 0;
  body["frequency_penalty"] = 0;
  // Servers read a signed number.
  body["seed"] = static_cast<int64_t>(request.seed & 0x7fff'ffff'ffff'ffffULL);
  body["stream"] = false;
  if (!request.stop.empty()) body["stop"] = request.stop;
  if (style.sends_extensions) {
    // -1 is the one value that all servers read as "off".
    body["top_k"] = request.top_k > 0 ? request.top_k : -1;
    body["min_p"] = request.min_p;
    body["repetition_penalty"] = 1.0;
  }
  if (request.calculator) body["calculator"] = true;
  if (style.extra_fields.is_object()) {
    for (const auto& [key, value] : style.extra_fields.items())
      body[key] = value;
  }
  return dump_json(body);
}

JudgedResponse judge_response(const HttpResponse& response, std::string_view url, int64_t now) {
  if (response.status < 200 || response.status > 299) return judge_failure(response, url, now);
  Result<ModelReply> reply = decode_reply(response.body);
  JudgedResponse judged;
  if (reply.ok()) {
    judged.kind = ResponseKind::Good;
    judged.reply = std::move(reply).value();
    return judged;
  }
  judged.kind = ResponseKind::Malformed;
  judged.error =
      Error{ErrorCode::InvalidArgument,
            "model endpoint sent a malformed reply: " + std::string(url) + ": " +
                reply.error().message + ": " + shown(response.body),
            "check that `url` is that of an OpenAI-style server (it usually ends in /v1)"};
  return judged;
}

std::optional<int64_t> requested_wait_ms(const HttpResponse& response, int64_t now) {
  const auto number_of = [](const std::string& text) -> std::optional<double> {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (end == text.c_str() || *end != '\0' || !std::isfinite(value)) return std::nullopt;
    return value;
  };
  double wait_ms = 0;
  if (const std::optional<double> milliseconds = number_of(response.retry_after_ms)) {
    wait_ms = *milliseconds;
  } else if (const std::optional<double> seconds = number_of(response.retry_after)) {
    wait_ms = *seconds * 1000;
  } else if (!response.retry_after.empty()) {
    const time_t date = ::curl_getdate(response.retry_after.c_str(), nullptr);
    if (date < 0) return std::nullopt;
    wait_ms = static_cast<double>(date - now) * 1000;
  }
  if (wait_ms <= 0) return std::nullopt;
  return static_cast<int64_t>(std::min(std::ceil(wait_ms), 1e15));
}

int64_t back_off_ms(int64_t base_ms, int64_t num_tries, double jitter) {
  const double doubled =
      static_cast<double>(base_ms) * std::pow(2.0, static_cast<double>(num_tries - 1));
  const double bounded = std::min(doubled, static_cast<double>(kMaxBackOffMs));
  return static_cast<int64_t>(bounded * (1 - 0.25 * jitter));
}

}  // namespace caco
