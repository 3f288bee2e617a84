// Learns a byte-level BPE vocabulary from texts, with the semantics of the field's BpeTrainer.
//
// Ids are given in this order: special tokens, the 256 byte symbols by the code point that spells
// them, then one id a merge. The pair with the highest count is merged first; among equal counts
// the pair with the smaller ids. A merge whose text already has an id uses that id. Training ends
// when the vocabulary is full or no pair occurs `min_frequency` times. The result depends on the
// multiset of words alone, not on the order of the texts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/pre_tokenizer.h"
#include "caco/lm/tokenizer.h"

namespace caco::lm {

struct BpeTrainerOptions {
  int64_t vocab_size = 2048;  // special tokens and bytes included
  int64_t min_frequency = 2;  // fewest occurrences of a pair that is merged
  std::vector<std::string> special_tokens = {"<|endoftext|>", "<|im_start|>", "<|im_end|>"};
  std::vector<std::string> split_patterns = {kQwen2SplitPattern};
};

// Counts the words of texts, then learns merges. Not thread-safe.
class BpeTrainer {
 public:
  // InvalidArgument: a vocabulary smaller than special tokens and bytes, a pattern that is refused.
  static Result<BpeTrainer> create(BpeTrainerOptions options);

  // Counts the words of `text`; special tokens in it separate words and are not counted.
  void add_text(std::string_view text);

  // Returns the tokenizer learnt from all texts so far.
  Result<Tokenizer> train() const;

  int64_t num_distinct_words() const { return static_cast<int64_t>(word_counts_.size()); }

 private:
  BpeTrainer(BpeTrainerOptions options, PreTokenizer pre_tokenizer)
      : options_(std::move(options)), pre_tokenizer_(std::move(pre_tokenizer)) {}

  BpeTrainerOptions options_;
  PreTokenizer pre_tokenizer_;
  std::unordered_map<std::string, int64_t> word_counts_;
};

}  // namespace caco::lm
