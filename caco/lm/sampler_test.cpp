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
  return sampler.sample({logits.data(), kVocab}, params, uniform).chosen.id;
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
    const int32_t id = sampler.sample({logits.data(), kVocab}, params, uniform).chosen.id;
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
  const SampledToken sampled = sampler.sample({logits.data(), kVocab}, params, 0.4);
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
