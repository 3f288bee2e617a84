#include "caco/lm/decode_engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "caco/lm/decode_model.h"
#include "caco/lm/reference_model.h"
#include "caco/lm/small_model.h"

namespace caco::lm {
namespace {

class DecodeEngineTest : public testing::Test {
 protected:
  DecodeEngineTest()
      : checkpoint_(random_checkpoint(small_config(), 21, 6.0)),
        model_(DecodeModel::create(checkpoint_).value()),
        tokenizer_(small_tokenizer()) {}

  std::unique_ptr<DecodeEngine> engine(int64_t num_threads, int64_t max_batch,
                                       int64_t prefill_chunk) {
    DecodeEngineOptions options;
    options.num_threads = num_threads;
    options.max_batch = max_batch;
    options.prefill_chunk = prefill_chunk;
    options.max_queue = 600;
    options.cache_precision = cache_precision_;
    Result<std::unique_ptr<DecodeEngine>> result =
        DecodeEngine::create(model_, tokenizer_, options);
    EXPECT_TRUE(result.ok());
    return std::move(result).value();
  }

  GenerationRequest request(const std::string& prompt, uint64_t seed) const {
    GenerationRequest result;
    result.prompts = {tokenizer_.encode(prompt, SpecialTokens::Parse)};
    result.max_tokens = 24;
    result.sampling.seed = seed;
    result.sampling.wants_logprobs = true;
    return result;
  }

  CachePrecision cache_precision_ = CachePrecision::Float16;
  Checkpoint checkpoint_;
  DecodeModel model_;
  Tokenizer tokenizer_;
};

// Everything about a choice, with every bit of its logprobs.
std::string fingerprint(const Choice& choice) {
  std::string text = std::string(finish_reason_name(choice.finish_reason)) + ":" + choice.text;
  for (const SampledToken& token : choice.tokens) {
    text += ' ';
    text += std::to_string(token.chosen.id);
    text += '@';
    text += std::to_string(std::bit_cast<uint32_t>(token.chosen.logprob));
  }
  text += " after";
  for (const SampledToken& token : choice.prompt_tokens) {
    text += ' ';
    text += std::to_string(std::bit_cast<uint32_t>(token.chosen.logprob));
  }
  return text;
}

std::vector<std::string> answers(DecodeEngine& engine, GenerationRequest request) {
  Result<std::unique_ptr<Generation>> generation = engine.start(std::move(request));
  EXPECT_TRUE(generation.ok());
  generation.value()->wait_until_finished();
  std::vector<std::string> result;
  for (const Choice& choice : generation.value()->choices())
    result.push_back(fingerprint(choice));
  return result;
}

TEST_F(DecodeEngineTest, GreedyFollowsTheReference) {
  cache_precision_ = CachePrecision::Float32;
  const auto one = engine(1, 4, 3);
  GenerationRequest greedy = request("the cat", 0);
  greedy.sampling.temperature = 0;
  std::vector<int32_t> tokens = greedy.prompts[0];
  Result<std::unique_ptr<Generation>> generation = one->start(greedy);
  ASSERT_TRUE(generation.ok());
  generation.value()->wait_until_finished();
  const Choice& choice = generation.value()->choices()[0];
  ASSERT_GE(choice.tokens.size(), 5);
  for (const SampledToken& token : choice.tokens) {
    const Vector logits = reference_logits(checkpoint_.config, checkpoint_.weights, tokens).back();
    const auto end = logits.begin() + tokenizer_.vocab_size();
    const double best = *std::max_element(logits.begin(), end);
    double sum = 0;
    for (auto logit = logits.begin(); logit != end; ++logit)
      sum += std::exp(*logit - best);
    const size_t id = static_cast<size_t>(token.chosen.id);
    EXPECT_NEAR(logits[id], best, 1e-3);
    EXPECT_NEAR(token.chosen.logprob, logits[id] - best - std::log(sum), 1e-3);
    tokens.push_back(token.chosen.id);
  }
}

// The same request alone and among many others, on any number of threads, slots and chunk sizes.
TEST_F(DecodeEngineTest, RepliesDoNotDependOnTheBatch) {
  std::vector<GenerationRequest> requests;
  const char* prompts[] = {"the cat", "and the dog<|im_end|>", "x", "the total of the cats and",
                           "<|im_start|>the other cat and the other dog and the other"};
  for (uint64_t i = 0; i < 51; ++i) {
    requests.push_back(request(prompts[i % 5], i / 5));
    requests.back().num_replies = 1 + static_cast<int64_t>(i % 4);
    requests.back().sampling.temperature = i % 7 == 0 ? 0.0 : 1.2;
    if (i % 3 == 0) requests.back().sampling.top_p = 0.9;
    if (i % 4 == 1) requests.back().sampling.frequency_penalty = 0.7;
    if (i % 5 == 2) requests.back().sampling.repetition_penalty = 1.3;
    if (i % 6 == 3) requests.back().min_tokens = 12;
    if (i % 8 == 5) requests.back().wants_prompt_logprobs = true;
  }
  std::vector<std::vector<std::string>> alone;
  const auto single = engine(1, 1, 128);
  for (const GenerationRequest& each : requests)
    alone.push_back(answers(*single, each));

  struct Row {
    int64_t num_threads;
    int64_t max_batch;
    int64_t prefill_chunk;
  };
  for (const Row& row : {Row{1, 64, 128}, Row{2, 128, 16}, Row{2, 7, 1}, Row{3, 200, 5}}) {
    const auto many = engine(row.num_threads, row.max_batch, row.prefill_chunk);
    std::vector<std::unique_ptr<Generation>> generations;
    for (const GenerationRequest& each : requests) {
      Result<std::unique_ptr<Generation>> generation = many->start(each);
      ASSERT_TRUE(generation.ok()) << to_string(generation.error());
      generations.push_back(std::move(generation).value());
    }
    for (size_t i = 0; i < requests.size(); ++i) {
      generations[i]->wait_until_finished();
      const std::vector<Choice>& choices = generations[i]->choices();
      ASSERT_EQ(choices.size(), alone[i].size());
      for (size_t c = 0; c < choices.size(); ++c)
        EXPECT_EQ(fingerprint(choices[c]), alone[i][c]);
    }
    EXPECT_EQ(many->num_unfinished(), 0);
  }
}

TEST_F(DecodeEngineTest, SeedsAndChoicesDiffer) {
  const auto two = engine(2, 16, 16);
  GenerationRequest several = request("the cat", 5);
  several.num_replies = 6;
  several.sampling.temperature = 5.0;  // long replies that are hardly ever the same by chance
  std::vector<std::string> first = answers(*two, several);
  EXPECT_EQ(answers(*two, several), first);
  several.sampling.seed = 6;
  std::vector<std::string> all = answers(*two, several);
  all.insert(all.end(), first.begin(), first.end());
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::unique(all.begin(), all.end()), all.end());
}

TEST_F(DecodeEngineTest, RepliesReachTheirLeastLength) {
  const auto two = engine(2, 8, 16);
  GenerationRequest least = request("the cat", 1);
  least.num_replies = 40;
  least.sampling.temperature = 3.0;  // ends come early where they may
  least.stop_token_ids = {70, 71, 72};
  least.min_tokens = 10;
  Result<std::unique_ptr<Generation>> generation = two->start(least);
  ASSERT_TRUE(generation.ok());
  generation.value()->wait_until_finished();
  int64_t num_ended = 0;
  for (const Choice& choice : generation.value()->choices()) {
    EXPECT_GT(choice.num_tokens, 10 - 1);
    num_ended += choice.finish_reason == FinishReason::Stop ? 1 : 0;
  }
  EXPECT_GT(num_ended, 0);
}

// The chances of a prompt's tokens, against the plain model.
TEST_F(DecodeEngineTest, PromptLogprobsFollowTheReference) {
  cache_precision_ = CachePrecision::Float32;
  const auto one = engine(1, 4, 3);
  GenerationRequest scored = request("the cat and the dog", 0);
  scored.wants_prompt_logprobs = true;
  scored.max_tokens = 0;
  Result<std::unique_ptr<Generation>> generation = one->start(scored);
  ASSERT_TRUE(generation.ok());
  generation.value()->wait_until_finished();
  const Choice& choice = generation.value()->choices()[0];
  EXPECT_EQ(choice.num_tokens, 0);
  EXPECT_EQ(choice.finish_reason, FinishReason::Length);
  const std::vector<int32_t>& prompt = scored.prompts[0];
  ASSERT_EQ(choice.prompt_tokens.size(), prompt.size());
  const auto rows = reference_logits(checkpoint_.config, checkpoint_.weights, prompt);
  for (size_t i = 1; i < prompt.size(); ++i) {
    const Vector& logits = rows[i - 1];
    double sum = 0;
    for (int64_t id = 0; id < tokenizer_.vocab_size(); ++id)
      sum += std::exp(logits[static_cast<size_t>(id)]);
    EXPECT_EQ(choice.prompt_tokens[i].chosen.id, prompt[i]);
    EXPECT_NEAR(choice.prompt_tokens[i].chosen.logprob,
                logits[static_cast<size_t>(prompt[i])] - std::log(sum), 1e-3);
  }
}

TEST_F(DecodeEngineTest, StreamedTextIsTheReply) {
  const auto two = engine(2, 8, 16);
  GenerationRequest streamed = request("the cat", 9);
  streamed.num_replies = 5;
  streamed.is_streamed = true;
  Result<std::unique_ptr<Generation>> generation = two->start(streamed);
  ASSERT_TRUE(generation.ok());
  std::vector<std::string> texts(5);
  std::vector<int> num_last(5);
  bool is_finished = false;
  while (!is_finished) {
    is_finished = generation.value()->wait(std::chrono::milliseconds(1000));
    for (const TextDelta& delta : generation.value()->take_deltas()) {
      texts[static_cast<size_t>(delta.choice)] += delta.text;
      num_last[static_cast<size_t>(delta.choice)] += delta.is_last ? 1 : 0;
    }
  }
  for (size_t c = 0; c < 5; ++c) {
    EXPECT_EQ(texts[c], generation.value()->choices()[c].text);
    EXPECT_EQ(num_last[c], 1);
  }
}

TEST_F(DecodeEngineTest, ContextEndsTheReply) {
  const auto one = engine(1, 2, 16);
  GenerationRequest endless = request("the cat", 3);
  endless.max_tokens = 100000;
  endless.stops_repetition = false;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    endless.sampling.seed = seed;
    Result<std::unique_ptr<Generation>> generation = one->start(endless);
    ASSERT_TRUE(generation.ok());
    generation.value()->wait_until_finished();
    const Choice& choice = generation.value()->choices()[0];
    const int64_t room = one->max_context() - static_cast<int64_t>(endless.prompts[0].size());
    EXPECT_LE(choice.num_tokens, room);
    const bool is_full = choice.finish_reason == FinishReason::Length;
    EXPECT_TRUE(is_full == (choice.num_tokens == room) || choice.num_tokens == room);
  }
}

TEST_F(DecodeEngineTest, CancelAndDestruction) {
  auto two = engine(2, 4, 16);
  GenerationRequest large = request("the cat", 3);
  large.num_replies = 300;
  large.max_tokens = 100;
  std::unique_ptr<Generation> cancelled = two->start(large).value();
  cancelled->cancel();
  cancelled->wait_until_finished();
  int64_t num_cancelled = 0;
  for (const Choice& choice : cancelled->choices()) {
    num_cancelled += choice.finish_reason == FinishReason::Cancelled ? 1 : 0;
  }
  EXPECT_GT(num_cancelled, 0);
  EXPECT_EQ(two->num_unfinished(), 0);

  std::unique_ptr<Generation> orphan = two->start(large).value();
  two.reset();
  orphan->wait_until_finished();
}

TEST_F(DecodeEngineTest, RefusesBadRequests) {
  const auto one = engine(1, 2, 16);
  struct Row {
    const char* what;
    void (*spoil)(GenerationRequest&);
    ErrorCode code;
  };
  const Row rows[] = {
      {"no prompt", [](GenerationRequest& r) { r.prompts.clear(); }, ErrorCode::InvalidArgument},
      {"empty prompt", [](GenerationRequest& r) { r.prompts[0].clear(); },
       ErrorCode::InvalidArgument},
      {"bad id", [](GenerationRequest& r) { r.prompts[0][0] = 299; }, ErrorCode::InvalidArgument},
      {"negative id", [](GenerationRequest& r) { r.prompts[0][0] = -1; },
       ErrorCode::InvalidArgument},
      {"too long", [](GenerationRequest& r) { r.prompts[0].assign(128, 50); },
       ErrorCode::InvalidArgument},
      {"n", [](GenerationRequest& r) { r.num_replies = 0; }, ErrorCode::InvalidArgument},
      {"max_tokens", [](GenerationRequest& r) { r.max_tokens = 0; }, ErrorCode::InvalidArgument},
      {"temperature", [](GenerationRequest& r) { r.sampling.temperature = -1; },
       ErrorCode::InvalidArgument},
      {"nan", [](GenerationRequest& r) { r.sampling.temperature = std::nan(""); },
       ErrorCode::InvalidArgument},
      {"top_p", [](GenerationRequest& r) { r.sampling.top_p = 0; }, ErrorCode::InvalidArgument},
      {"top_k", [](GenerationRequest& r) { r.sampling.top_k = -1; }, ErrorCode::InvalidArgument},
      {"min_p", [](GenerationRequest& r) { r.sampling.min_p = 2; }, ErrorCode::InvalidArgument},
      {"stop", [](GenerationRequest& r) { r.stop = {""}; }, ErrorCode::InvalidArgument},
      {"min_tokens", [](GenerationRequest& r) { r.min_tokens = 25; }, ErrorCode::InvalidArgument},
      {"presence_penalty", [](GenerationRequest& r) { r.sampling.presence_penalty = 2.5; },
       ErrorCode::InvalidArgument},
      {"frequency_penalty", [](GenerationRequest& r) { r.sampling.frequency_penalty = NAN; },
       ErrorCode::InvalidArgument},
      {"repetition_penalty", [](GenerationRequest& r) { r.sampling.repetition_penalty = 0; },
       ErrorCode::InvalidArgument},
      {"bias",
       [](GenerationRequest& r) {
         r.sampling.logit_bias = {{0, 101.0f}};
       },
       ErrorCode::InvalidArgument},
      {"bias id",
       [](GenerationRequest& r) {
         r.sampling.logit_bias = {{5000, 1.0f}};
       },
       ErrorCode::InvalidArgument},
      {"queue", [](GenerationRequest& r) { r.num_replies = 601; }, ErrorCode::ResourceExhausted},
  };
  for (const Row& row : rows) {
    GenerationRequest bad = request("the cat", 1);
    row.spoil(bad);
    Result<std::unique_ptr<Generation>> generation = one->start(bad);
    ASSERT_FALSE(generation.ok()) << row.what;
    EXPECT_EQ(generation.error().code, row.code) << row.what;
  }
}

}  // namespace
}  // namespace caco::lm
