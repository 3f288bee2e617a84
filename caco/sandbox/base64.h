// Base64 (RFC 4648, section 4): how bytes travel in JSON, between the sandbox and its children and
// between the service and its clients.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace caco {

std::string base64_encode(std::string_view bytes);

// Returns the bytes, or nothing when the text is not base64: a foreign character (white space too),
// wrong padding, bits beyond the last byte.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace caco
