// Content hashes (XXH3): ids of samples, receipts and journal keys. Not cryptographic: they protect
// against mistakes, not against attackers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace caco {

// Returns 64 bits of the text's hash. Stable between versions and machines.
uint64_t hash_64(std::string_view text);

// Returns the 128-bit hash as 32 lower-case hexadecimal digits.
std::string hash_hex(std::string_view text);

// Returns the hash of several texts as one; each is prefixed with its length, so that {"ab","c"}
// and {"a","bc"} differ.
std::string hash_hex_of(const std::vector<std::string_view>& parts);

}  // namespace caco
