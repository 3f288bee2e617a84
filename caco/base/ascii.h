// Characters of ASCII, whatever the locale says.
#pragma once

#include <string>
#include <string_view>

namespace caco {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Returns the text with A to Z as a to z; other bytes as they are.
inline std::string lower_case(std::string_view text) {
  std::string low(text);
  for (char& c : low) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return low;
}

}  // namespace caco
