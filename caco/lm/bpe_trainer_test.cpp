#include "caco/lm/bpe_trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace caco::lm {
namespace {

Tokenizer train(const std::vector<std::string>& texts, int64_t vocab_size, int64_t min_frequency) {
  BpeTrainerOptions options;
  options.vocab_size = vocab_size;
  options.min_frequency = min_frequency;
  Result<BpeTrainer> trainer = BpeTrainer::create(options);
  EXPECT_TRUE(trainer.ok());
  for (const std::string& text : texts)
    trainer.value().add_text(text);
  Result<Tokenizer> tokenizer = trainer.value().train();
  EXPECT_TRUE(tokenizer.ok()) << to_string(tokenizer.error());
  return std::move(tokenizer).value();
}

std::vector<std::string> learnt(const Tokenizer& tokenizer) {
  const std::vector<std::string>& tokens = tokenizer.bpe().tokens();
  return {tokens.begin() + 259, tokens.end()};
}

TEST(BpeTrainer, IdsInOrder) {
  const Tokenizer tokenizer = train({"a"}, 300, 1);
  EXPECT_EQ(tokenizer.vocab_size(), 259);
  EXPECT_EQ(tokenizer.token_bytes(0), "<|endoftext|>");
  EXPECT_EQ(tokenizer.token_bytes(1), "<|im_start|>");
  EXPECT_EQ(tokenizer.token_bytes(2), "<|im_end|>");
  EXPECT_EQ(tokenizer.token_bytes(3), "!");
  EXPECT_EQ(tokenizer.token_bytes(3 + 94), "\xA1");  // after the 94 printable ASCII characters
  EXPECT_EQ(tokenizer.token_bytes(258), "\xAD");
}

TEST(BpeTrainer, MergesByCountThenIds) {
  // "ab" 3 times, "cd" 3 times, "abx" makes "ab" 4.
  EXPECT_EQ(learnt(train({"ab\nab\nab\ncd\ncd\ncd\nabx"}, 261, 1)),
            (std::vector<std::string>{"ab", "cd"}));
  // Equal counts: the smaller left id first.
  EXPECT_EQ(learnt(train({"cd\nab"}, 261, 1)), (std::vector<std::string>{"ab", "cd"}));
  // Overlapping pairs: "aaaa" merges twice.
  EXPECT_EQ(learnt(train({"aaaa"}, 261, 1)), (std::vector<std::string>{"aa", "aaaa"}));
  // Pairs below the least frequency stay apart.
  EXPECT_EQ(learnt(train({"ab\ncd\nab"}, 300, 2)), (std::vector<std::string>{"ab"}));
}

TEST(BpeTrainer, SpecialTokensAreNotCounted) {
  const Tokenizer tokenizer =
      train({"<|im_start|>ab<|im_end|>", "<|im_start|>ab<|im_end|>"}, 300, 2);
  EXPECT_EQ(learnt(tokenizer), (std::vector<std::string>{"ab"}));
}

TEST(BpeTrainer, OrderOfTextsDoesNotMatter) {
  std::mt19937 random(7);
  std::vector<std::string> texts;
  for (int i = 0; i < 400; ++i) {
    std::string text;
    for (int j = 0; j < 30; ++j)
      text.push_back("abcde 12\n"[random() % 9]);
    texts.push_back(text);
  }
  const std::string first = train(texts, 400, 2).to_json();
  std::shuffle(texts.begin(), texts.end(), random);
  EXPECT_EQ(train(texts, 400, 2).to_json(), first);
}

TEST(BpeTrainer, RefusesImpossibleOptions) {
  BpeTrainerOptions small;
  small.vocab_size = 258;
  EXPECT_EQ(BpeTrainer::create(small).error().code, ErrorCode::InvalidArgument);
  BpeTrainerOptions broken;
  broken.split_patterns = {"("};
  EXPECT_EQ(BpeTrainer::create(broken).error().code, ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace caco::lm
