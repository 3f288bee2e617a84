#include "caco/lm/sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>
#include <vector>

#include "caco/lm/decode_kernels.h"

namespace caco::lm {
namespace {

constexpr int64_t kVocab = 40;

// A row of logits with room for the padding that the kernels read.
std::vector<float> row(std::vector<float> logits) {
  logits.resize(static_cast<size_t>(round_up(kVocab, kLanes)), 0.0f);
  return logits;
}

std::vector<float> random_row(uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal(0, 2);
  std::vector<float> logits(kVocab);
  for (float& logit : logits)
    logit = normal(random);
  return row(logits);
}

int32_t pick(const std::vector<float>& logits, const SamplingParams& params, double uniform,
             int64_t num_tokens = kVocab) {
  Sampler sampler(kVocab, num_tokens);
  return sampler.sample({logits.data(), kVocab}, params, {.uniform = uniform}).chosen.id;
}

TEST(Sampler, GreedyTakesTheLowestIdOfTheBest) {
  SamplingParams params;
  params.temperature = 0;
  std::vector<float> logits = row(std::vector<float>(kVocab, -1.0f));
  logits[7] = logits[9] = 3.0f;
  EXPECT_EQ(pick(logits, params, 0.99), 7);
}

TEST(Sampler, PaddingIsNeverChosen) {
  std::vector<float> logits = row(std::vector<float>(kVocab, 0.0f));
  for (size_t id = 30; id < kVocab; ++id)
    logits[id] = 50.0f;
  SamplingParams params;
  for (double temperature : {0.0, 1.0}) {
    params.temperature = temperature;
    for (double uniform : {0.0, 0.3, 0.999999})
      EXPECT_LT(pick(logits, params, uniform, 30), 30);
  }
  params.top_p = 0.5;
  EXPECT_LT(pick(logits, params, 0.999999, 30), 30);
}

// Frequencies over a grid of draws against probabilities computed in the plain way.
void check_distribution(const SamplingParams& params, const std::vector<double>& expected,
                        const std::vector<float>& logits) {
  constexpr int kDraws = 20000;
  Sampler sampler(kVocab, kVocab);
  std::vector<double> frequency(kVocab);
  for (int i = 0; i < kDraws; ++i) {
    const double uniform = (i + 0.5) / kDraws;
    const int32_t id =
        sampler.sample({logits.data(), kVocab}, params, {.uniform = uniform}).chosen.id;
    frequency[static_cast<size_t>(id)] += 1.0 / kDraws;
  }
  for (size_t id = 0; id < kVocab; ++id)
    EXPECT_NEAR(frequency[id], expected[id], 2e-4) << id;
}

std::vector<double> softmax(const std::vector<float>& logits, double temperature) {
  std::vector<double> p(kVocab);
  double sum = 0;
  for (size_t id = 0; id < kVocab; ++id) {
    p[id] = std::exp(static_cast<double>(logits[id]) / temperature);
    sum += p[id];
  }
  for (double& value : p)
    value /= sum;
  return p;
}

void keep_and_normalise(std::vector<double>& p, const std::vector<bool>& kept) {
  double sum = 0;
  for (size_t id = 0; id < p.size(); ++id) {
    if (!kept[id]) p[id] = 0;
    sum += p[id];
  }
  for (double& value : p)
    value /= sum;
}

// The filters in their defining form: min-p, then the k best, then the smallest set of the best
// whose share of what is left reaches top-p.
std::vector<double> filtered(const std::vector<float>& logits, const SamplingParams& params) {
  std::vector<double> p = softmax(logits, params.temperature);
  std::multimap<double, size_t, std::greater<>> order;
  for (size_t id = 0; id < kVocab; ++id)
    order.emplace(p[id], id);
  const double best = order.begin()->first;
  std::vector<bool> kept(kVocab, false);
  int64_t rank = 0;
  for (const auto& [probability, id] : order) {
    const bool is_in_k = params.top_k == 0 || rank++ < params.top_k;
    kept[id] = is_in_k && probability >= params.min_p * best;
  }
  keep_and_normalise(p, kept);
  double mass = 0;
  for (const auto& entry : order) {
    kept[entry.second] = kept[entry.second] && mass < params.top_p;
    mass += p[entry.second];
  }
  keep_and_normalise(p, kept);
  return p;
}

TEST(Sampler, DrawsFollowTheDistribution) {
  struct Row {
    double temperature;
    int64_t top_k;
    double top_p;
    double min_p;
  };
  const Row rows[] = {
      {1.0, 0, 1.0, 0.0},  {0.7, 0, 1.0, 0.0},   {2.0, 0, 1.0, 0.0},   {1.0, 5, 1.0, 0.0},
      {1.0, 0, 0.8, 0.0},  {1.0, 0, 1.0, 0.1},   {1.5, 10, 0.7, 0.05}, {1.0, 1, 1.0, 0.0},
      {1.0, 0, 0.01, 0.0}, {1.0, 0, 0.95, 0.02}, {1.0, 100, 1.0, 0.0},
  };
  for (const Row& each : rows) {
    SamplingParams params;
    params.temperature = each.temperature;
    params.top_k = each.top_k;
    params.top_p = each.top_p;
    params.min_p = each.min_p;
    const std::vector<float> logits = random_row(3);
    check_distribution(params, filtered(logits, params), logits);
  }
}

TEST(Sampler, LogprobsAreOfTheModelsDistribution) {
  const std::vector<float> logits = random_row(5);
  const std::vector<double> p = softmax(logits, 1.0);
  SamplingParams params;
  params.temperature = 0.5;
  params.top_k = 3;
  params.wants_logprobs = true;
  params.num_top_logprobs = 4;
  Sampler sampler(kVocab, kVocab);
  const SampledToken sampled = sampler.sample({logits.data(), kVocab}, params, {.uniform = 0.4});
  const auto probability = [&](int32_t id) {
    return p[static_cast<size_t>(id)];
  };
  EXPECT_NEAR(sampled.chosen.logprob, std::log(probability(sampled.chosen.id)), 1e-5);
  ASSERT_EQ(sampled.top.size(), 4);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(sampled.top[i].logprob, std::log(probability(sampled.top[i].id)), 1e-5);
    EXPECT_LE(sampled.top[i].logprob, sampled.top[i == 0 ? 0 : i - 1].logprob);
  }
}

// Bias and penalties against their definitions, and in vLLM's order: bias before penalties.
TEST(Sampler, BiasAndPenalties) {
  struct Row {
    const char* what;
    SamplingParams params;
    float expected;  // what token 3 must be worth: in prompt once, in the reply twice
    float raw;
  };
  const Row rows[] = {
      {"nothing", {}, 2.0f, 2.0f},
      {"bias", {.logit_bias = {{3, -0.5f}}}, 1.5f, 2.0f},
      {"presence", {.presence_penalty = 0.25}, 1.75f, 2.0f},
      {"frequency", {.frequency_penalty = 0.25}, 1.5f, 2.0f},
      {"repetition of a positive logit", {.repetition_penalty = 2.0}, 1.0f, 2.0f},
      {"repetition of a negative logit", {.repetition_penalty = 2.0}, -4.0f, -2.0f},
      {"all, bias first",
       {.presence_penalty = 0.5,
        .frequency_penalty = 0.25,
        .repetition_penalty = 2.0,
        .logit_bias = {{3, 2.0f}}},
       1.0f,
       2.0f},
      {"a reward", {.presence_penalty = -1.0}, 3.0f, 2.0f},
  };
  const int32_t prompt[] = {3, 5};
  TokenCounts counts(prompt);
  counts.add_to_reply(3);
  counts.add_to_reply(3);
  for (const Row& each : rows) {
    // Token 9 is a measure: greedy takes token 3 just above it and token 9 just below.
    for (const float margin : {-0.01f, 0.01f}) {
      std::vector<float> logits = row(std::vector<float>(kVocab, -50.0f));
      logits[3] = each.raw;
      logits[9] = each.expected + margin;
      SamplingParams params = each.params;
      params.temperature = 0;
      params.wants_logprobs = true;
      Sampler sampler(kVocab, kVocab);
      const SampledToken sampled =
          sampler.sample({logits.data(), kVocab}, params, {.uniform = 0.5, .counts = &counts});
      EXPECT_EQ(sampled.chosen.id, margin > 0 ? 9 : 3) << each.what;
      // Logprobs are those of the model, whatever was changed.
      const double p = softmax(logits, 1.0)[static_cast<size_t>(sampled.chosen.id)];
      EXPECT_NEAR(sampled.chosen.logprob, std::log(p), 1e-4) << each.what;
    }
  }
}

TEST(Sampler, RepetitionPenaltyCountsThePrompt) {
  const int32_t prompt[] = {5};
  const TokenCounts counts(prompt);
  std::vector<float> logits = row(std::vector<float>(kVocab, -1.0f));
  logits[5] = 3.0f;
  logits[6] = 2.0f;
  Sampler sampler(kVocab, kVocab);
  const auto greedy = [&](SamplingParams params) {
    params.temperature = 0;
    return sampler.sample({logits.data(), kVocab}, params, {.counts = &counts}).chosen.id;
  };
  EXPECT_EQ(greedy({.repetition_penalty = 2.0}), 6);
  EXPECT_EQ(greedy({.presence_penalty = 2.0, .frequency_penalty = 2.0}), 5);  // not in the reply
}

TEST(Sampler, ForbiddenTokensHaveNoChance) {
  std::vector<float> logits = row(std::vector<float>(kVocab, 0.0f));
  logits[7] = 60.0f;
  const int32_t forbidden[] = {7, 8};
  Sampler sampler(kVocab, kVocab);
  for (const double temperature : {0.0, 0.01, 1.0, 100.0}) {
    for (const double top_p : {1.0, 0.9}) {
      SamplingParams params;
      params.temperature = temperature;
      params.top_p = top_p;
      for (int i = 0; i < 200; ++i) {
        const DrawContext context = {.uniform = i / 200.0, .forbidden = forbidden};
        const int32_t id = sampler.sample({logits.data(), kVocab}, params, context).chosen.id;
        ASSERT_TRUE(id != 7 && id != 8) << temperature << " " << id;
      }
    }
  }
}

TEST(Sampler, LogitsThatAreNoNumbersGiveAToken) {
  const std::vector<float> logits = row(std::vector<float>(kVocab, std::nanf("")));
  SamplingParams params;
  for (const double temperature : {0.0, 1.0}) {
    params.temperature = temperature;
    const int32_t id = pick(logits, params, 0.5);
    EXPECT_TRUE(id >= 0 && id < kVocab);
  }
}

TEST(Sampler, ScoreIsTheChanceOfAGivenToken) {
  const std::vector<float> logits = random_row(6);
  SamplingParams params;
  params.num_top_logprobs = 2;
  Sampler sampler(kVocab, kVocab);
  const SampledToken scored = sampler.score({logits.data(), kVocab}, params, 11);
  EXPECT_EQ(scored.chosen.id, 11);
  EXPECT_NEAR(scored.chosen.logprob, std::log(softmax(logits, 1.0)[11]), 1e-5);
  EXPECT_EQ(scored.top.size(), 2);
}

TEST(Sampler, DrawsAreFixedAndUniform) {
  EXPECT_EQ(uniform_draw(1, 2, 3), uniform_draw(1, 2, 3));
  EXPECT_NE(uniform_draw(1, 2, 3), uniform_draw(2, 2, 3));
  EXPECT_NE(uniform_draw(1, 2, 3), uniform_draw(1, 3, 3));
  EXPECT_NE(uniform_draw(1, 2, 3), uniform_draw(1, 2, 4));
  double sum = 0;
  double squares = 0;
  for (uint64_t i = 0; i < 30000; ++i) {
    const double u = uniform_draw(i / 300, i / 10 % 30, i % 10);
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    sum += u;
    squares += u * u;
  }
  EXPECT_NEAR(sum / 30000, 0.5, 0.01);
  EXPECT_NEAR(squares / 30000, 1.0 / 3, 0.01);
}

}  // namespace
}  // namespace caco::lm
