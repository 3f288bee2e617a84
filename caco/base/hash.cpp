#include "caco/base/hash.h"

#include <xxhash.h>

namespace caco {
namespace {

std::string to_hex(const XXH128_hash_t& hash) {
  std::string hex(32, '0');
  static constexpr char kDigits[] = "0123456789abcdef";
  for (size_t i = 0; i < 16; ++i) {
    hex[15 - i] = kDigits[(hash.high64 >> (4 * i)) & 15];
    hex[31 - i] = kDigits[(hash.low64 >> (4 * i)) & 15];
  }
  return hex;
}

}  // namespace

uint64_t hash_64(std::string_view text) {
  return XXH3_64bits(text.data(), text.size());
}

Hash128 hash_128(std::string_view text) {
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return {hash.high64, hash.low64};
}

std::string hash_hex(std::string_view text) {
  return to_hex(XXH3_128bits(text.data(), text.size()));
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

struct StreamHash::State {
  State() : xxh(XXH3_createState()) { XXH3_128bits_reset(xxh); }
  ~State() { XXH3_freeState(xxh); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  XXH3_state_t* xxh;
};

StreamHash::StreamHash() : state_(std::make_unique<State>()) {}
StreamHash::~StreamHash() = default;
StreamHash::StreamHash(StreamHash&& other) noexcept = default;
StreamHash& StreamHash::operator=(StreamHash&& other) noexcept = default;

void StreamHash::add(std::string_view piece) {
  XXH3_128bits_update(state_->xxh, piece.data(), piece.size());
}

std::string StreamHash::hex() const {
  return to_hex(XXH3_128bits_digest(state_->xxh));
}

}  // namespace caco
