#include "caco/answer/python_string.h"

#include <algorithm>
#include <cstdint>

#include "caco/answer/clean_text.h"

namespace caco {
namespace {

void append_utf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | ((code >> 18) & 7));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string decode_python_string(std::string_view inside) {
  std::string out;
  for (size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] != '\\' || i + 1 >= inside.size()) {
      out += inside[i];
      continue;
    }
    const char c = inside[++i];
    const size_t num_hex = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (num_hex > 0 && i + num_hex < inside.size()) {
      uint32_t code = 0;
      bool is_hex = true;
      for (size_t k = 1; k <= num_hex; ++k) {
        const int digit = hex_value(inside[i + k]);
        is_hex = is_hex && digit >= 0;
        code = code * 16 + static_cast<uint32_t>(std::max(digit, 0));
      }
      if (is_hex) {
        append_utf8(out, code);
        i += num_hex;
        continue;
      }
    }
    switch (c) {
      case 'n':
        out += '\n';
        break;
      case 't':
        out += '\t';
        break;
      case 'r':
        out += '\r';
        break;
      case '\\':
        out += '\\';
        break;
      case '\'':
        out += '\'';
        break;
      case '"':
        out += '"';
        break;
      default:
        out += '\\';
        out += c;
    }
  }
  return out;
}

std::optional<std::string> unescaped(std::string_view text) {
  if (text.find("\\\\") == std::string_view::npos) return std::nullopt;
  std::string written;
  written.reserve(text.size());
  bool has_command = false;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find_first_not_of('\\', at), text.size());
    const size_t num_backslashes = end - at;
    if (num_backslashes % 2 != 0) return std::nullopt;
    has_command = has_command || (num_backslashes == 2 && end + 1 < text.size() &&
                                  is_ascii_letter(text[end]) && is_ascii_letter(text[end + 1]));
    written.append(num_backslashes / 2, '\\');
    at = end;
    if (at < text.size()) written += text[at++];
  }
  return has_command ? std::optional<std::string>(std::move(written)) : std::nullopt;
}

}  // namespace caco
