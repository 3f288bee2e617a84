// The byte alphabet of byte-level BPE files.
//
// vocab.json and tokenizer.json spell a token's bytes with 256 printable characters: bytes that
// are printable in Latin-1 stand for themselves, the other 68 are the characters from U+0100 on,
// in order ("Ġ" is the space). Source: GPT-2's vocabulary files. Pure functions, thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace caco::lm {

// Returns the code point that stands for each byte.
const std::array<uint32_t, 256>& byte_level_alphabet();

// Returns `bytes` spelled in the alphabet, as UTF-8.
std::string to_byte_level(std::string_view bytes);

// Returns the bytes that `text` spells, or nothing when a character is not of the alphabet.
std::optional<std::string> from_byte_level(std::string_view text);

// Returns how many bytes at the end of `text` begin a UTF-8 character that needs more bytes to be
// complete: 0 to 3. They are held back while a reply is streamed.
int64_t incomplete_utf8_tail(std::string_view text);

}  // namespace caco::lm
