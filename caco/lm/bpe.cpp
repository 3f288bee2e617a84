// The BPE model; see bpe.h.
#include "caco/lm/bpe.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <queue>

#include "caco/lm/tokenizer_error.h"

namespace caco::lm {
namespace {

// Up to this many bytes a word is merged in a flat array; beyond it a heap keeps the cost at
// n log n, so that a hostile run of letters is not quadratic.
constexpr size_t kMaxShortWord = 96;
constexpr int32_t kNoRank = std::numeric_limits<int32_t>::max();

uint64_t pair_key(int32_t left, int32_t right) {
  return (static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32) | static_cast<uint32_t>(right);
}

// Mixes the bits of a pair (the finalizer of SplitMix64), so that the table's low bits are used.
uint64_t mix(uint64_t key) {
  key = (key ^ (key >> 30)) * 0xBF58476D1CE4E5B9U;
  key = (key ^ (key >> 27)) * 0x94D049BB133111EBU;
  return key ^ (key >> 31);
}

// A hash for short words, inlined: FNV-1a over eight bytes at a time, mixed at the end.
uint64_t word_hash(std::string_view word) {
  uint64_t hash = 0xCBF29CE484222325U ^ word.size();
  size_t i = 0;
  for (; i + 8 <= word.size(); i += 8) {
    uint64_t chunk = 0;
    std::copy_n(word.data() + i, 8, reinterpret_cast<char*>(&chunk));
    hash = mix(hash ^ chunk);
  }
  for (; i < word.size(); ++i) {
    hash = (hash ^ static_cast<unsigned char>(word[i])) * 0x100000001B3U;
  }
  return mix(hash);
}

}  // namespace

Result<Bpe> Bpe::create(std::vector<std::string> tokens, std::vector<MergePair> merges,
                        bool ignore_merges) {
  Bpe bpe;
  bpe.tokens_ = std::move(tokens);
  bpe.merges_ = std::move(merges);
  bpe.ignore_merges_ = ignore_merges;
  if (bpe.tokens_.size() > static_cast<size_t>(std::numeric_limits<int32_t>::max() / 2)) {
    return invalid_tokenizer("vocabulary is too large: " + std::to_string(bpe.tokens_.size()));
  }
  bpe.id_of_byte_.fill(-1);
  for (size_t id = 0; id < bpe.tokens_.size(); ++id) {
    const std::string& token = bpe.tokens_[id];
    if (token.size() != 1) continue;
    bpe.id_of_byte_[static_cast<unsigned char>(token[0])] = static_cast<int32_t>(id);
  }
  for (size_t byte = 0; byte < 256; ++byte) {
    if (bpe.id_of_byte_[byte] >= 0) continue;
    bpe.has_all_bytes_ = false;
    if (byte < 0xC0 || (byte > 0xC1 && byte < 0xF5)) {
      return invalid_tokenizer("vocabulary has no token for the byte: " + std::to_string(byte));
    }
  }
  TRY(bpe.build_merge_table());
  bpe.build_word_table();
  return bpe;
}

Status Bpe::build_merge_table() {
  std::vector<std::pair<std::string_view, int32_t>> id_of_token;
  id_of_token.reserve(tokens_.size());
  for (size_t id = 0; id < tokens_.size(); ++id) {
    if (!tokens_[id].empty()) id_of_token.emplace_back(tokens_[id], static_cast<int32_t>(id));
  }
  std::sort(id_of_token.begin(), id_of_token.end());
  for (size_t i = 1; i < id_of_token.size(); ++i) {
    if (id_of_token[i].first == id_of_token[i - 1].first) {
      return invalid_tokenizer(
          "two ids have the same token: " + std::to_string(id_of_token[i - 1].second) + " and " +
          std::to_string(id_of_token[i].second));
    }
  }

  merge_slots_.assign(std::bit_ceil(std::max<size_t>(16, merges_.size() * 2)), MergeSlot{});
  const size_t mask = merge_slots_.size() - 1;
  const int32_t num_tokens = static_cast<int32_t>(tokens_.size());
  for (size_t rank = 0; rank < merges_.size(); ++rank) {
    const auto [left, right] = merges_[rank];
    const std::string where = " of merge " + std::to_string(rank);
    if (left < 0 || left >= num_tokens || right < 0 || right >= num_tokens) {
      return invalid_tokenizer("a part has no id" + where);
    }
    const std::string merged =
        tokens_[static_cast<size_t>(left)] + tokens_[static_cast<size_t>(right)];
    auto found = std::lower_bound(id_of_token.begin(), id_of_token.end(),
                                  std::make_pair(std::string_view(merged), int32_t{-1}));
    if (found == id_of_token.end() || found->first != merged) {
      return invalid_tokenizer("the result has no id" + where);
    }
    size_t slot = mix(pair_key(left, right)) & mask;
    while (merge_slots_[slot].pair != kNoPair && merge_slots_[slot].pair != pair_key(left, right)) {
      slot = (slot + 1) & mask;
    }
    merge_slots_[slot] = {pair_key(left, right), static_cast<int32_t>(rank), found->second};
  }
  return {};
}

void Bpe::build_word_table() {
  const std::vector<WordSlot> empty(std::bit_ceil(std::max<size_t>(16, tokens_.size() * 2)));
  std::vector<WordSlot> slots = empty;
  const size_t mask = slots.size() - 1;
  std::vector<int32_t> ids;
  for (size_t id = 0; id < tokens_.size(); ++id) {
    const std::string& token = tokens_[id];
    if (token.empty()) continue;
    ids.clear();
    // The table is still empty: by merges. A token with a byte that UTF-8 never has, and that has
    // no token, is not reached.
    const bool has_bytes = std::all_of(token.begin(), token.end(), [&](char byte) {
      return id_of_byte_[static_cast<unsigned char>(byte)] >= 0;
    });
    if (!ignore_merges_ && has_bytes) encode_word(token, ids);
    const bool is_reached = ids.size() == 1 && ids[0] == static_cast<int32_t>(id);
    if (!ignore_merges_ && !is_reached) continue;
    const uint64_t hash = word_hash(token);
    size_t slot = hash & mask;
    while (slots[slot].id >= 0)
      slot = (slot + 1) & mask;
    slots[slot] = {hash, static_cast<int32_t>(id)};
  }
  word_slots_ = std::move(slots);
}

const Bpe::MergeSlot* Bpe::find_merge(int32_t left, int32_t right) const {
  const uint64_t key = pair_key(left, right);
  const size_t mask = merge_slots_.size() - 1;
  for (size_t slot = mix(key) & mask;; slot = (slot + 1) & mask) {
    if (merge_slots_[slot].pair == key) return &merge_slots_[slot];
    if (merge_slots_[slot].pair == kNoPair) return nullptr;
  }
}

int32_t Bpe::find_word(std::string_view word) const {
  if (word_slots_.empty()) return -1;
  const uint64_t hash = word_hash(word);
  const size_t mask = word_slots_.size() - 1;
  for (size_t slot = hash & mask; word_slots_[slot].id >= 0; slot = (slot + 1) & mask) {
    const WordSlot& candidate = word_slots_[slot];
    if (candidate.hash == hash && tokens_[static_cast<size_t>(candidate.id)] == word) {
      return candidate.id;
    }
  }
  return -1;
}

void Bpe::encode_word(std::string_view word, std::vector<int32_t>& ids) const {
  if (word.empty()) return;
  const int32_t whole = find_word(word);
  if (whole >= 0) {
    ids.push_back(whole);
  } else if (word.size() <= kMaxShortWord) {
    merge_short(word, ids);
  } else {
    merge_long(word, ids);
  }
}

void Bpe::merge_short(std::string_view word, std::vector<int32_t>& ids) const {
  struct Part {
    int32_t id = 0;
    int32_t rank = kNoRank;  // of the merge with the next part
    int32_t merged = 0;
  };
  std::array<Part, kMaxShortWord> parts;
  size_t count = word.size();
  const auto rank_with_next = [&](size_t i) {
    parts[i].rank = kNoRank;
    if (i + 1 >= count) return;
    const MergeSlot* merge = find_merge(parts[i].id, parts[i + 1].id);
    if (merge == nullptr) return;
    parts[i].rank = merge->rank;
    parts[i].merged = merge->merged;
  };
  for (size_t i = 0; i < count; ++i) {
    parts[i].id = id_of_byte_[static_cast<unsigned char>(word[i])];
  }
  for (size_t i = 0; i < count; ++i)
    rank_with_next(i);
  while (count > 1) {
    size_t best = 0;
    for (size_t i = 1; i + 1 < count; ++i) {
      if (parts[i].rank < parts[best].rank) best = i;
    }
    if (parts[best].rank == kNoRank) break;
    parts[best].id = parts[best].merged;
    std::copy(parts.begin() + static_cast<std::ptrdiff_t>(best) + 2,
              parts.begin() + static_cast<std::ptrdiff_t>(count),
              parts.begin() + static_cast<std::ptrdiff_t>(best) + 1);
    --count;
    rank_with_next(best);
    if (best > 0) rank_with_next(best - 1);
  }
  for (size_t i = 0; i < count; ++i)
    ids.push_back(parts[i].id);
}

void Bpe::merge_long(std::string_view word, std::vector<int32_t>& ids) const {
  struct Part {
    int32_t id = 0;
    int64_t previous = -1;
    int64_t next = -1;  // -1 at the end
    bool is_alive = true;
  };
  struct Candidate {
    int32_t rank = 0;
    int64_t position = 0;
    int32_t left = 0;
    int32_t right = 0;
    int32_t merged = 0;
    bool operator>(const Candidate& other) const {
      return std::pair(rank, position) > std::pair(other.rank, other.position);
    }
  };
  const int64_t size = static_cast<int64_t>(word.size());
  std::vector<Part> parts(word.size());
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
  const auto part = [&](int64_t i) -> Part& {
    return parts[static_cast<size_t>(i)];
  };
  const auto propose = [&](int64_t i) {
    if (i < 0 || part(i).next < 0) return;
    const int32_t right = part(part(i).next).id;
    const MergeSlot* merge = find_merge(part(i).id, right);
    if (merge != nullptr) queue.push({merge->rank, i, part(i).id, right, merge->merged});
  };
  for (int64_t i = 0; i < size; ++i) {
    part(i).id = id_of_byte_[static_cast<unsigned char>(word[static_cast<size_t>(i)])];
    part(i).previous = i - 1;
    part(i).next = i + 1 < size ? i + 1 : -1;
  }
  for (int64_t i = 0; i + 1 < size; ++i)
    propose(i);
  while (!queue.empty()) {
    const Candidate candidate = queue.top();
    queue.pop();
    const int64_t i = candidate.position;
    // A candidate is stale when one of its parts has been merged since.
    if (!part(i).is_alive || part(i).id != candidate.left || part(i).next < 0) continue;
    const int64_t next = part(i).next;
    if (part(next).id != candidate.right) continue;
    part(i).id = candidate.merged;
    part(i).next = part(next).next;
    part(next).is_alive = false;
    if (part(i).next >= 0) part(part(i).next).previous = i;
    propose(part(i).previous);
    propose(i);
  }
  for (int64_t i = 0; i >= 0; i = part(i).next)
    ids.push_back(part(i).id);
}

}  // namespace caco::lm
