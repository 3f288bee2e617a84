#include "caco/record/field_codec.h"

namespace caco {

// Text with bytes above 127 takes the library's way, which checks UTF-8.
void append_json_string(std::string& line, std::string_view text) {
  static constexpr char kHexDigits[] = "0123456789abcdef";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x7f) {
      line += dump_json(Json(text));
      return;
    }
  }
  line += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        line += "\\\"";
        break;
      case '\\':
        line += "\\\\";
        break;
      case '\n':
        line += "\\n";
        break;
      case '\t':
        line += "\\t";
        break;
      case '\r':
        line += "\\r";
        break;
      case '\b':
        line += "\\b";
        break;
      case '\f':
        line += "\\f";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          line += "\\u00";
          line += kHexDigits[static_cast<unsigned char>(c) >> 4];
          line += kHexDigits[static_cast<unsigned char>(c) & 15];
        } else {
          line += c;
        }
    }
  }
  line += '"';
}

}  // namespace caco
