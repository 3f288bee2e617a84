// Errors of the OpenAI-style interface: what was wrong, with which field, in the words and the
// shape that its clients turn into exceptions:
//
//   {"error": {"message", "type", "param": field or null, "code": text or null}}
//
// Plain data and pure functions; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "caco/base/result.h"

namespace caco::lm {

struct OpenAiError {
  int status = 500;
  std::string type;     // "invalid_request_error" ...
  std::string code;     // "context_length_exceeded" ...; empty: null
  std::string param;    // the field; empty: null
  std::string message;  // what is wrong, values last

  // The JSON body.
  std::string body() const;
};

// 400 about a field of the request; `param` may be empty.
OpenAiError bad_field(std::string param, std::string message, std::string code = "");

// 404: no such model here.
OpenAiError unknown_model(const std::string& name);

// 401: the API key is missing or another one.
OpenAiError wrong_api_key();

// 400 for InvalidArgument, 404 for NotFound, 429 for a full queue (ResourceExhausted), 503 while
// the server stops (Unavailable, Cancelled), 500 otherwise.
OpenAiError openai_error(const Error& error);

// The error of a status that HTTP itself knows: 404, 405, 413 ... `method` and `path` are named.
OpenAiError openai_error_of_status(int status, std::string_view method, std::string_view path);

}  // namespace caco::lm
