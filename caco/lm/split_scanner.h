// Hand-written scanners for the split expressions of the large families.
//
// They give the same pieces as the expressions, a piece in a few nanoseconds where an expression
// takes a hundred. split_scanner_test.cpp proves them equal on random Unicode strings. Pure
// functions, thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "caco/lm/unicode.h"

namespace caco::lm {

// The expressions of three families; see the comment of each rule in split_scanner.cpp. Qwen2's
// keeps every digit apart and is this project's default: arithmetic on numbers that are read digit
// by digit is regular.
extern const char* const kGpt2SplitPattern;
extern const char* const kQwen2SplitPattern;
extern const char* const kLlama3SplitPattern;

enum class SplitScanner { Gpt2, Qwen2, Llama3 };

// Returns the scanner that equals `pattern`, if there is one.
std::optional<SplitScanner> scanner_for(std::string_view pattern);

// Returns the end of the piece of `text` that begins at `begin`.
// REQUIRES: `text` is UTF-8, `begin` < text.size() begins a character, `classes` is
// character_classes().
size_t end_of_piece(SplitScanner scanner, const CharacterClass* classes, std::string_view text,
                    size_t begin);

}  // namespace caco::lm
