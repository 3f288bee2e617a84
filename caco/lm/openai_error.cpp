// Errors of the OpenAI-style interface; see openai_error.h.
#include "caco/lm/openai_error.h"

#include <utility>

#include "caco/base/json.h"

namespace caco::lm {
namespace {

constexpr const char* kInvalidRequest = "invalid_request_error";

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

}  // namespace

std::string OpenAiError::body() const {
  return dump_json({{"error",
                     {{"message", message},
                      {"type", type},
                      {"param", text_or_null(param)},
                      {"code", text_or_null(code)}}}});
}

OpenAiError bad_field(std::string param, std::string message, std::string code) {
  return {400, kInvalidRequest, std::move(code), std::move(param), std::move(message)};
}

OpenAiError unknown_model(const std::string& name) {
  return {404, kInvalidRequest, "model_not_found", "model", "model does not exist here: " + name};
}

OpenAiError wrong_api_key() {
  return {401, kInvalidRequest, "invalid_api_key", "",
          "API key is missing or wrong: send it as Authorization: Bearer KEY"};
}

OpenAiError openai_error(const Error& error) {
  const std::string message = to_string(error);
  switch (error.code) {
    case ErrorCode::InvalidArgument:
      return bad_field("", message);
    case ErrorCode::NotFound:
      return {404, kInvalidRequest, "not_found", "", message};
    case ErrorCode::ResourceExhausted:
      return {429, "rate_limit_error", "rate_limit_exceeded", "", message};
    case ErrorCode::Unavailable:
    case ErrorCode::Cancelled:
      return {503, "service_unavailable_error", "service_unavailable", "", message};
    default:
      return {500, "server_error", "internal_error", "", message};
  }
}

OpenAiError openai_error_of_status(int status, std::string_view method, std::string_view path) {
  const std::string what = std::string(method) + " " + std::string(path);
  switch (status) {
    case 404:
      return {404, kInvalidRequest, "unknown_url", "", "no such path: " + what};
    case 405:
      return {405, kInvalidRequest, "method_not_supported", "",
              "method is not allowed here: " + what};
    case 413:
      return {413, kInvalidRequest, "request_too_large", "", "request body is too large"};
    default:
      break;
  }
  if (status >= 500) {
    return {status, "server_error", "internal_error", "", "the server failed to answer"};
  }
  return {status, kInvalidRequest, "", "", "the request is not valid HTTP for this server"};
}

}  // namespace caco::lm
