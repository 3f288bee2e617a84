// Access: which requests are turned away by their head alone, before their body is read.
#pragma once

#include <httplib.h>

#include <optional>
#include <string>

namespace caco {

struct Refusal {
  int status = 0;
  std::string message;
};

// Returns why a request is turned away, or nothing:
//   401  a token is asked for and the request has not got it ("Authorization: Bearer TOKEN");
//        /health is open to all
//   403  no token is asked for and the request comes from a web page: any page could send one
//   415  a body that is compressed, or no JSON by its type
// Thread-safe.
std::optional<Refusal> check_access(const httplib::Request& request, const std::string& token);

// Returns what a status means, in words for a person.
std::string refusal_text(int status);

}  // namespace caco
