// Learns a byte-level BPE vocabulary; see bpe_trainer.h.
//
// Cost: one pass over the texts, then per merge the words that hold the pair. Counts in the heap
// may be out of date; an entry is checked against the table when it comes up and put back with its
// true count, which is right because counts of existing pairs only ever fall.
#include "caco/lm/bpe_trainer.h"

#include <algorithm>
#include <queue>
#include <unordered_set>
#include <utility>

#include "caco/lm/byte_level.h"

namespace caco::lm {
namespace {

constexpr int64_t kNumBytes = 256;

uint64_t key_of(int32_t left, int32_t right) {
  return (static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32) | static_cast<uint32_t>(right);
}

struct Word {
  std::vector<int32_t> ids;
  int64_t count = 0;
};

struct HeapEntry {
  int64_t count = 0;
  uint64_t pair = 0;
  // The top of the heap is the highest count, then the smallest pair.
  bool operator<(const HeapEntry& other) const {
    return count != other.count ? count < other.count : pair > other.pair;
  }
};

// The state of learning: words as ids, and for every pair its count and the words that hold it.
class MergeLearner {
 public:
  MergeLearner(std::vector<std::string> tokens, std::vector<Word> words)
      : tokens_(std::move(tokens)), words_(std::move(words)) {
    for (size_t id = 0; id < tokens_.size(); ++id) {
      if (!tokens_[id].empty()) id_of_token_[tokens_[id]] = static_cast<int32_t>(id);
    }
    for (size_t index = 0; index < words_.size(); ++index) {
      const Word& word = words_[index];
      for (size_t i = 0; i + 1 < word.ids.size(); ++i) {
        change(key_of(word.ids[i], word.ids[i + 1]), word.count, index);
      }
    }
    for (const auto& [pair, count] : count_of_pair_)
      heap_.push({count, pair});
  }

  void learn(int64_t vocab_size, int64_t min_frequency) {
    while (static_cast<int64_t>(tokens_.size()) < vocab_size && !heap_.empty()) {
      HeapEntry top = heap_.top();
      heap_.pop();
      const int64_t count = count_of_pair_[top.pair];
      if (count < std::max<int64_t>(1, min_frequency)) continue;
      if (count != top.count) {
        heap_.push({count, top.pair});
      } else {
        merge(static_cast<int32_t>(top.pair >> 32), static_cast<int32_t>(top.pair & 0xFFFFFFFFU));
      }
    }
  }

  std::vector<std::string> take_tokens() { return std::move(tokens_); }
  std::vector<MergePair> take_merges() { return std::move(merges_); }

 private:
  void change(uint64_t pair, int64_t difference, size_t word) {
    count_of_pair_[pair] += difference;
    if (difference > 0) words_of_pair_[pair].insert(word);
  }

  int32_t id_for(const std::string& token) {
    const auto [place, is_new] =
        id_of_token_.try_emplace(token, static_cast<int32_t>(tokens_.size()));
    if (is_new) tokens_.push_back(token);
    return place->second;
  }

  void merge(int32_t left, int32_t right) {
    const int32_t merged =
        id_for(tokens_[static_cast<size_t>(left)] + tokens_[static_cast<size_t>(right)]);
    merges_.push_back({left, right});
    const std::unordered_set<size_t> holders = std::move(words_of_pair_[key_of(left, right)]);
    words_of_pair_.erase(key_of(left, right));
    std::unordered_set<uint64_t> grown;
    for (size_t index : holders)
      merge_in_word(index, {left, right}, merged, grown);
    count_of_pair_[key_of(left, right)] = 0;
    for (uint64_t pair : grown) {
      if (count_of_pair_[pair] > 0) heap_.push({count_of_pair_[pair], pair});
    }
  }

  // Replaces the pair in one word from left to right and accounts for its neighbours.
  void merge_in_word(size_t index, MergePair pair, int32_t merged,
                     std::unordered_set<uint64_t>& grown) {
    std::vector<int32_t>& ids = words_[index].ids;
    const int64_t count = words_[index].count;
    for (size_t i = 0; i + 1 < ids.size(); ++i) {
      if (ids[i] != pair.left || ids[i + 1] != pair.right) continue;
      if (i > 0) {
        change(key_of(ids[i - 1], pair.left), -count, index);
        change(key_of(ids[i - 1], merged), count, index);
        grown.insert(key_of(ids[i - 1], merged));
      }
      if (i + 2 < ids.size()) {
        change(key_of(pair.right, ids[i + 2]), -count, index);
        change(key_of(merged, ids[i + 2]), count, index);
        grown.insert(key_of(merged, ids[i + 2]));
      }
      ids[i] = merged;
      ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    }
  }

  std::vector<std::string> tokens_;
  std::vector<Word> words_;
  std::vector<MergePair> merges_;
  std::unordered_map<std::string, int32_t> id_of_token_;
  std::unordered_map<uint64_t, int64_t> count_of_pair_;
  std::unordered_map<uint64_t, std::unordered_set<size_t>> words_of_pair_;
  std::priority_queue<HeapEntry> heap_;
};

}  // namespace

Result<BpeTrainer> BpeTrainer::create(BpeTrainerOptions options) {
  const int64_t smallest = kNumBytes + static_cast<int64_t>(options.special_tokens.size());
  if (options.vocab_size < smallest) {
    return Error{ErrorCode::InvalidArgument,
                 "vocabulary is too small: " + std::to_string(options.vocab_size),
                 "at least " + std::to_string(smallest)};
  }
  PreTokenizer pre_tokenizer = TRY(PreTokenizer::create(options.split_patterns));
  return BpeTrainer(std::move(options), std::move(pre_tokenizer));
}

void BpeTrainer::add_text(std::string_view text) {
  const auto count_words = [&](std::string_view part) {
    pre_tokenizer_.split(part, [&](std::string_view word) { ++word_counts_[std::string(word)]; });
  };
  while (!text.empty()) {
    size_t next = text.size();
    size_t length = 0;
    for (const std::string& special : options_.special_tokens) {
      const size_t found = text.find(special);
      if (found >= next) continue;
      next = found;
      length = special.size();
    }
    count_words(text.substr(0, next));
    text.remove_prefix(next + length);
  }
}

Result<Tokenizer> BpeTrainer::train() const {
  std::vector<AddedToken> added_tokens;
  std::vector<std::string> tokens;
  for (const std::string& special : options_.special_tokens) {
    added_tokens.push_back({static_cast<int32_t>(tokens.size()), special, /*is_special=*/true});
    tokens.emplace_back();  // not a result of merging
  }
  std::vector<uint32_t> bytes(kNumBytes);
  for (uint32_t byte = 0; byte < kNumBytes; ++byte)
    bytes[byte] = byte;
  std::sort(bytes.begin(), bytes.end(), [](uint32_t a, uint32_t b) {
    return byte_level_alphabet()[a] < byte_level_alphabet()[b];
  });
  std::array<int32_t, kNumBytes> id_of_byte{};
  for (uint32_t byte : bytes) {
    id_of_byte[byte] = static_cast<int32_t>(tokens.size());
    tokens.emplace_back(1, static_cast<char>(byte));
  }

  std::vector<Word> words;
  words.reserve(word_counts_.size());
  for (const auto& [text, count] : word_counts_) {
    Word word;
    word.count = count;
    for (char character : text) {
      word.ids.push_back(id_of_byte[static_cast<unsigned char>(character)]);
    }
    words.push_back(std::move(word));
  }
  MergeLearner learner(std::move(tokens), std::move(words));
  learner.learn(options_.vocab_size, options_.min_frequency);
  Bpe bpe = TRY(Bpe::create(learner.take_tokens(), learner.take_merges(), /*ignore_merges=*/false));
  return Tokenizer::create(std::move(bpe), TRY(PreTokenizer::create(options_.split_patterns)),
                           std::move(added_tokens));
}

}  // namespace caco::lm
