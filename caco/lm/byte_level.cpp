// The byte alphabet of byte-level BPE files; see byte_level.h.
#include "caco/lm/byte_level.h"

#include <algorithm>

namespace caco::lm {
namespace {

constexpr uint32_t kFirstSubstitute = 0x100;
constexpr uint32_t kNumSubstitutes = 68;

bool stands_for_itself(uint32_t byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

// Byte of each code point below 0x100 + 68; -1 where the alphabet has none.
std::array<int32_t, kFirstSubstitute + kNumSubstitutes> make_inverse() {
  std::array<int32_t, kFirstSubstitute + kNumSubstitutes> inverse{};
  inverse.fill(-1);
  for (uint32_t byte = 0; byte < 256; ++byte) {
    inverse[byte_level_alphabet()[byte]] = static_cast<int32_t>(byte);
  }
  return inverse;
}

}  // namespace

const std::array<uint32_t, 256>& byte_level_alphabet() {
  static const std::array<uint32_t, 256> alphabet = [] {
    std::array<uint32_t, 256> result{};
    uint32_t next = kFirstSubstitute;
    for (uint32_t byte = 0; byte < 256; ++byte) {
      result[byte] = stands_for_itself(byte) ? byte : next++;
    }
    return result;
  }();
  return alphabet;
}

std::string to_byte_level(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (char character : bytes) {
    // All code points of the alphabet are below 0x800: one or two bytes of UTF-8.
    uint32_t code = byte_level_alphabet()[static_cast<unsigned char>(character)];
    if (code < 0x80) {
      text.push_back(static_cast<char>(code));
    } else {
      text.push_back(static_cast<char>(0xC0 | (code >> 6)));
      text.push_back(static_cast<char>(0x80 | (code & 0x3F)));
    }
  }
  return text;
}

std::optional<std::string> from_byte_level(std::string_view text) {
  static const auto inverse = make_inverse();
  std::string bytes;
  bytes.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    uint32_t code = static_cast<unsigned char>(text[i]);
    if (code >= 0x80) {
      if ((code & 0xE0) != 0xC0 || i + 1 == text.size()) return std::nullopt;
      uint32_t low = static_cast<unsigned char>(text[++i]);
      if ((low & 0xC0) != 0x80) return std::nullopt;
      code = ((code & 0x1F) << 6) | (low & 0x3F);
    }
    if (code >= inverse.size() || inverse[code] < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(inverse[code]));
  }
  return bytes;
}

int64_t incomplete_utf8_tail(std::string_view text) {
  int64_t size = static_cast<int64_t>(text.size());
  for (int64_t back = 1; back <= std::min<int64_t>(3, size); ++back) {
    unsigned char byte = static_cast<unsigned char>(text[static_cast<size_t>(size - back)]);
    if ((byte & 0xC0) == 0x80) continue;  // a continuation byte: its leader is further left
    int64_t length = byte >= 0xF0 && byte < 0xF8 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC2 ? 2 : 1;
    if (byte >= 0xF5) length = 1;  // never a leader
    return length > back ? back : 0;
  }
  return 0;
}

}  // namespace caco::lm
