#include "caco/base/hash.h"

#include <xxhash.h>

namespace caco {

uint64_t hash_64(std::string_view text) {
  return XXH3_64bits(text.data(), text.size());
}

std::string hash_hex(std::string_view text) {
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  std::string hex(32, '0');
  static constexpr char kDigits[] = "0123456789abcdef";
  for (size_t i = 0; i < 16; ++i) {
    hex[15 - i] = kDigits[(hash.high64 >> (4 * i)) & 15];
    hex[31 - i] = kDigits[(hash.low64 >> (4 * i)) & 15];
  }
  return hex;
}

std::string hash_hex_of(const std::vector<std::string_view>& parts) {
  std::string joined;
  for (const std::string_view part : parts) {
    joined += std::to_string(part.size());
    joined += ':';
    joined += part;
  }
  return hash_hex(joined);
}

}  // namespace caco
