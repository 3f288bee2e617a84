// Content hashes (XXH3): ids of samples, receipts and journal keys. Not cryptographic: they protect
// against mistakes, not against attackers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace caco {

// Returns 64 bits of the text's hash. Stable between versions and machines.
uint64_t hash_64(std::string_view text);

// 128 bits of hash: for sets of tens of millions of texts, where 64 bits would begin to collide.
struct Hash128 {
  uint64_t high = 0;
  uint64_t low = 0;
  bool operator==(const Hash128&) const = default;
};

// Returns the 128-bit hash of the text; the same bits as hash_hex.
Hash128 hash_128(std::string_view text);

// Returns the 128-bit hash as 32 lower-case hexadecimal digits.
std::string hash_hex(std::string_view text);

// Returns the hash of several texts as one; each is prefixed with its length, so that {"ab","c"}
// and {"a","bc"} differ.
std::string hash_hex_of(const std::vector<std::string_view>& parts);

// The hash of a text that comes in pieces. Not thread-safe.
class StreamHash {
 public:
  StreamHash();
  ~StreamHash();
  StreamHash(StreamHash&& other) noexcept;
  StreamHash& operator=(StreamHash&& other) noexcept;

  void add(std::string_view piece);

  // Returns what hash_hex returns for all pieces so far joined.
  std::string hex() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace caco
