// The calculator of worked solutions: exact values for annotations `<<EXPR=VALUE>>`.
//
// GSM8K (Cobbe et al., arXiv 2110.14168, appendix C) lets a calculator overwrite what follows the
// `=` of an annotation. Here the value is exact or it is not given: rational arithmetic in 64-bit
// numerators and denominators, where every overflow, a division by zero, a quotient whose decimals
// do not end, or a text that is no expression means "nothing forced", and the model goes on alone.
// Pure functions, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace caco::lm {

// Returns the value of an expression over integers and decimals with + - * / // % ** and
// parentheses, with Python's precedence, floor division and modulus; nothing when there is no exact
// value that can be written with a finite number of decimals. Integers have no decimal point.
std::optional<std::string> calculate(std::string_view expression);

// Given the text of a reply so far, whose last `num_new_bytes` bytes are new: when the `=` of an
// open annotation `<<EXPR=` is among the new bytes, returns what has to follow the text, the value
// with `>>`, less what the new bytes already have of it ("=-" before "-4>>" leaves "4>>"). Nothing
// otherwise.
std::optional<std::string> annotation_completion(std::string_view text, size_t num_new_bytes);

}  // namespace caco::lm
