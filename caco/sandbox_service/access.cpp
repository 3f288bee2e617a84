#include "caco/sandbox_service/access.h"

#include "caco/sandbox_service/server.h"

namespace caco {
namespace {

constexpr std::string_view kBearer = "Bearer ";

// Takes the same time for all wrong tokens of one length.
bool is_same(const std::string& left, const std::string& right) {
  if (left.size() != right.size()) return false;
  unsigned char difference = 0;
  for (size_t i = 0; i < left.size(); ++i)
    difference |= static_cast<unsigned char>(left[i] ^ right[i]);
  return difference == 0;
}

bool has_token(const httplib::Request& request, const std::string& token) {
  const std::string header = request.get_header_value("Authorization");
  return header.rfind(kBearer, 0) == 0 && is_same(header.substr(kBearer.size()), token);
}

}  // namespace

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.rfind("127.", 0) == 0;
}

Status check_options(const ServiceOptions& options) {
  if (!is_loopback(options.host) && options.token.empty()) {
    return Error{ErrorCode::InvalidArgument,
                 "others can reach " + options.host + ", so a token is needed",
                 "give --token-file, or listen on 127.0.0.1"};
  }
  if (!options.token.empty() && static_cast<int64_t>(options.token.size()) < kMinTokenBytes) {
    return Error{ErrorCode::InvalidArgument,
                 "the token is too short: at least " + std::to_string(kMinTokenBytes) + " bytes",
                 "head -c 24 /dev/urandom | base64 makes one"};
  }
  return {};
}

std::optional<Refusal> check_access(const httplib::Request& request, const std::string& token) {
  if (request.path == "/health") return std::nullopt;
  if (!token.empty() && !has_token(request, token))
    return Refusal{401, "the token is missing or wrong: Authorization: Bearer TOKEN"};
  if (token.empty() && request.has_header("Origin"))
    return Refusal{403, "web pages may not ask a server that asks for no token"};
  if (request.method != "POST") return std::nullopt;
  if (request.has_header("Content-Encoding"))
    return Refusal{415, "compressed bodies are not taken"};
  if (request.get_header_value("Content-Type").find("json") == std::string::npos)
    return Refusal{415, "Content-Type must be application/json"};
  return std::nullopt;
}

std::string refusal_text(int status) {
  switch (status) {
    case 400:
      return "bad request";
    case 404:
      return "Not Found";
    case 413:
      return "the body is too big";
    case 429:
      return "as many programs wait as may: try again later";
    case 503:
      return "the server is stopping";
    case 504:
      return "no worker became free in time: try again";
    default:
      return status >= 500 ? "internal error" : "request refused";
  }
}

}  // namespace caco
