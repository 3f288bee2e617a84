// What a tokenizer needs of Unicode: reading UTF-8, classes of characters, normal forms, lower
// case.
//
// The tables say what the format's own library says (golden/make_unicode_tables.py asks it), so
// that a tokenizer gives the same ids on every machine. Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace caco::lm {

// What the split expressions of the known tokenizers tell apart.
enum class CharacterClass : uint8_t {
  Other,
  Letter,      // \p{L}
  Number,      // \p{N}
  WhiteSpace,  // \s (the property White_Space) without the two below
  LineEnd,     // \r and \n
};

inline constexpr uint32_t kNumCodePoints = 0x110000;

// Returns the table of the class of each code point, kNumCodePoints long.
const CharacterClass* character_classes();

// A code point and the number of bytes that spell it.
struct CodePoint {
  uint32_t value = 0;
  uint32_t size = 1;
};

// Returns the code point that begins at `text[position]`.
// REQUIRES: `text` is UTF-8 and `position` begins a character.
inline CodePoint code_point_at(std::string_view text, size_t position) {
  const auto byte = [&](size_t offset) {
    return static_cast<uint32_t>(static_cast<unsigned char>(text[position + offset]));
  };
  const uint32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  if (lead < 0xE0) return {((lead & 0x1F) << 6) | (byte(1) & 0x3F), 2};
  if (lead < 0xF0) {
    return {((lead & 0x0F) << 12) | ((byte(1) & 0x3F) << 6) | (byte(2) & 0x3F), 3};
  }
  return {
      ((lead & 0x07) << 18) | ((byte(1) & 0x3F) << 12) | ((byte(2) & 0x3F) << 6) | (byte(3) & 0x3F),
      4};
}

// Returns how many bytes at the start of `text` are UTF-8 (no surrogates, no overlong forms).
size_t valid_utf8_prefix(std::string_view text);

inline bool is_utf8(std::string_view text) {
  return valid_utf8_prefix(text) == text.size();
}

// Returns `text` with each maximal broken part (Unicode 14.0, section 3.9) as one U+FFFD.
std::string replace_invalid_utf8(std::string_view text);

void append_utf8(std::string& text, uint32_t code_point);

bool is_white_space(uint32_t code_point);

// Canonical composition (NFC) and decomposition (NFD) of Unicode Standard Annex 15.
// REQUIRES: `text` is UTF-8.
std::string to_nfc(std::string_view text);
std::string to_nfd(std::string_view text);

// Each character's lower case without regard to its neighbours: no final sigma, as in the format's
// Lowercase. REQUIRES: `text` is UTF-8.
std::string to_lower_case(std::string_view text);

// The members of these functions are written as the inside of a class of an expression:
// "\x{41}-\x{5A}...".

// Characters that the library of the format counts to a property ("L", "Lu", "Alphabetic",
// "sc:Han") and Unicode 14.0, which PCRE2 10.42 knows, does not; often empty.
std::string additions_to_property(std::string_view property);

// What the format's Digits and Punctuation take for a digit and for punctuation. Each has its own
// version of Unicode.
std::string numeric_characters();
std::string punctuation_characters();

}  // namespace caco::lm
