#include "caco/dedup/exact_index.h"

#include <cassert>
#include <cstddef>
#include <utility>

namespace caco {
namespace {

constexpr size_t kFirstSlots = 64;

}  // namespace

std::optional<int64_t> ExactIndex::add(std::string_view text, int64_t number) {
  assert(number >= 0);
  if (static_cast<size_t>(size_ + 1) * 8 > slots_.size() * 7) grow();
  const Hash128 key = hash_128(text);
  Slot& slot = slots_[slot_of(key)];
  if (slot.number >= 0) return slot.number;
  slot = Slot{key, number};
  ++size_;
  return std::nullopt;
}

std::optional<int64_t> ExactIndex::find(std::string_view text) const {
  if (slots_.empty()) return std::nullopt;
  const Slot& slot = slots_[slot_of(hash_128(text))];
  if (slot.number < 0) return std::nullopt;
  return slot.number;
}

int64_t ExactIndex::bytes_used() const {
  return static_cast<int64_t>(slots_.capacity() * sizeof(Slot));
}

size_t ExactIndex::slot_of(const Hash128& key) const {
  const size_t mask = slots_.size() - 1;
  size_t at = static_cast<size_t>(key.low) & mask;
  while (slots_[at].number >= 0 && slots_[at].key != key)
    at = (at + 1) & mask;
  return at;
}

void ExactIndex::grow() {
  std::vector<Slot> old = std::exchange(slots_, {});
  slots_.resize(old.empty() ? kFirstSlots : old.size() * 2);
  for (const Slot& slot : old) {
    if (slot.number >= 0) slots_[slot_of(slot.key)] = slot;
  }
}

}  // namespace caco
