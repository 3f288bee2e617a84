// ExactIndex: which texts were seen before, and where first. Texts are kept as 128-bit hashes, so
// that tens of millions fit (24 bytes each, table at most 7/8 full) and a false duplicate is out of
// reach (about 1e-23 among 1e8 texts). Callers normalise the text first: programs by
// ProgramFacts::normal_form, questions by normalise_question.
//
// Near duplicates are another index with the same shape of interface (add a text, learn the first
// one that it matches); this one is its cheap first pass. Not thread-safe: order decides which text
// is the first.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "caco/base/hash.h"

namespace caco {

class ExactIndex {
 public:
  // Remembers the text under the caller's number (of a sample, say) if it is new. Returns nothing
  // then, and otherwise the number under which the same text was added first.
  // REQUIRES: number >= 0
  std::optional<int64_t> add(std::string_view text, int64_t number);

  // Returns the number under which the text was added, or nothing.
  std::optional<int64_t> find(std::string_view text) const;

  int64_t size() const { return size_; }
  int64_t bytes_used() const;

 private:
  struct Slot {
    Hash128 key;
    int64_t number = -1;  // -1: free
  };

  // Returns the slot that holds the key, or the free one where it belongs. REQUIRES: a free slot
  size_t slot_of(const Hash128& key) const;
  void grow();

  std::vector<Slot> slots_;  // a power of two, linear probing
  int64_t size_ = 0;
};

}  // namespace caco
