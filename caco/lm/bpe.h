// The BPE model: a vocabulary of byte strings and ranked merges, applied to one word at a time.
//
// A word begins as its single bytes; the adjacent pair with the lowest rank is merged, again and
// again, until no pair has a rank. Words that are themselves a token are the common case and take
// one table look-up; the others are merged in a flat array, quadratic in the length of the word
// for short words and with a heap for long ones. Source: Sennrich et al., arXiv 1508.07909; the
// byte-level form: GPT-2.
//
// Immutable after construction; encode_word may be called from several threads.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "caco/base/result.h"

namespace caco::lm {

// A merge of two tokens, by id. Its rank is its place in the list.
struct MergePair {
  int32_t left = 0;
  int32_t right = 0;
};

class Bpe {
 public:
  // `tokens[id]` holds the bytes of token `id`; an empty string is an id that words never produce
  // (an added token). InvalidArgument: a byte that UTF-8 uses has no token, two ids with the same
  // bytes, a merge whose parts or whose result has no id. Of a merge listed twice the last rank
  // counts, as in the format's library.
  // `ignore_merges`: a word that is a token becomes that token, whatever the merges say (Llama 3).
  static Result<Bpe> create(std::vector<std::string> tokens, std::vector<MergePair> merges,
                            bool ignore_merges);

  // Appends the ids of `word` to `ids`. REQUIRES: has_all_bytes(), or `word` is a part of UTF-8.
  void encode_word(std::string_view word, std::vector<int32_t>& ids) const;

  const std::vector<std::string>& tokens() const { return tokens_; }
  const std::vector<MergePair>& merges() const { return merges_; }
  bool ignore_merges() const { return ignore_merges_; }

  // Whether the bytes that UTF-8 never has (0xC0, 0xC1, 0xF5 to 0xFF) have tokens too.
  bool has_all_bytes() const { return has_all_bytes_; }

 private:
  // An open-addressing table from a pair of ids to (rank, merged id): the inner loop's one look-up.
  struct MergeSlot {
    uint64_t pair = kNoPair;
    int32_t rank = 0;
    int32_t merged = 0;
  };
  struct WordSlot {
    uint64_t hash = 0;
    int32_t id = -1;
  };
  static constexpr uint64_t kNoPair = ~uint64_t{0};

  Bpe() = default;
  Status build_merge_table();
  void build_word_table();
  const MergeSlot* find_merge(int32_t left, int32_t right) const;
  int32_t find_word(std::string_view word) const;
  void merge_short(std::string_view word, std::vector<int32_t>& ids) const;
  void merge_long(std::string_view word, std::vector<int32_t>& ids) const;

  std::vector<std::string> tokens_;
  std::vector<MergePair> merges_;
  bool ignore_merges_ = false;
  bool has_all_bytes_ = true;
  std::array<int32_t, 256> id_of_byte_{};
  std::vector<MergeSlot> merge_slots_;
  std::vector<WordSlot> word_slots_;  // tokens that their own merges produce
};

}  // namespace caco::lm
