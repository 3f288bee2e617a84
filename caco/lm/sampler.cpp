// Picks the next token from a row of logits; see sampler.h.
#include "caco/lm/sampler.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "caco/lm/decode_kernels.h"

namespace caco::lm {
namespace {

constexpr double kGreedyTemperature = 1e-5;
// In place of minus infinity: it stays finite under every penalty and temperature.
constexpr float kForbiddenLogit = -1e30f;

// The finalizer of SplitMix64: every input bit changes every output bit with probability 1/2.
uint64_t mix(uint64_t value) {
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31);
}

}  // namespace

// Written so that a value that is no number fails too.
Status check_sampling(const SamplingParams& sampling) {
  const auto invalid = [](const char* message) {
    return Error{ErrorCode::InvalidArgument, message, ""};
  };
  if (!(sampling.temperature >= 0 && sampling.temperature <= 100)) {
    return invalid("temperature is not from 0 to 100");
  }
  if (!(sampling.top_p > 0 && sampling.top_p <= 1)) return invalid("top_p is not in (0, 1]");
  if (!(sampling.min_p >= 0 && sampling.min_p <= 1)) return invalid("min_p is not in [0, 1]");
  if (sampling.top_k < 0) return invalid("top_k is negative");
  if (!(std::abs(sampling.presence_penalty) <= 2)) {
    return invalid("presence_penalty is not from -2 to 2");
  }
  if (!(std::abs(sampling.frequency_penalty) <= 2)) {
    return invalid("frequency_penalty is not from -2 to 2");
  }
  if (!(sampling.repetition_penalty > 0 && sampling.repetition_penalty <= 10)) {
    return invalid("repetition_penalty is not in (0, 10]");
  }
  for (const LogitBias& entry : sampling.logit_bias) {
    if (!(std::abs(entry.bias) <= 100)) return invalid("logit_bias is not from -100 to 100");
  }
  return {};
}

double uniform_draw(uint64_t seed, uint64_t choice, uint64_t position) {
  constexpr uint64_t kGolden = 0x9E3779B97F4A7C15U;
  uint64_t state = mix(seed + kGolden);
  state = mix(state ^ (choice + 1) * kGolden);
  state = mix(state ^ (position + 1) * kGolden);
  return static_cast<double>(state >> 11) * 0x1.0p-53;
}

TokenCounts::TokenCounts(std::span<const int32_t> prompt) {
  for (int32_t id : prompt)
    in_reply_.emplace(id, 0);
}

Sampler::Sampler(int64_t vocab_size, int64_t num_tokens)
    : num_tokens_(num_tokens),
      adjusted_(round_up(vocab_size, kLanes)),
      weights_(round_up(vocab_size, kLanes)),
      block_sums_(round_up(vocab_size, kLanes) / kLanes) {
  assert(num_tokens > 0 && num_tokens <= vocab_size);
}

SampledToken Sampler::sample(std::span<const float> logits, const SamplingParams& params,
                             const DrawContext& context) {
  SampledToken sampled;
  sampled.chosen.id = draw(adjust(logits.data(), params, context), params, context);
  if (params.wants_logprobs) add_logprobs(logits.data(), params, sampled);
  return sampled;
}

SampledToken Sampler::score(std::span<const float> logits, const SamplingParams& params,
                            int32_t id) {
  SampledToken scored;
  scored.chosen.id = id;
  add_logprobs(logits.data(), params, scored);
  return scored;
}

// Returns the logits that are drawn from: those given where nothing changes them.
const float* Sampler::adjust(const float* logits, const SamplingParams& params,
                             const DrawContext& context) {
  if (context.forbidden.empty() && params.logit_bias.empty() && !params.has_penalties()) {
    return logits;
  }
  float* adjusted = adjusted_.data();
  std::copy_n(logits, num_tokens_, adjusted);
  for (int32_t id : context.forbidden) {
    if (id >= 0 && id < num_tokens_) adjusted[id] = kForbiddenLogit;
  }
  for (const LogitBias& entry : params.logit_bias) {
    if (entry.id >= 0 && entry.id < num_tokens_) adjusted[entry.id] += entry.bias;
  }
  if (!params.has_penalties()) return adjusted;
  assert(context.counts != nullptr);
  // Each token is changed by itself, so the order of the map does not matter.
  for (const auto& [id, count] : context.counts->in_reply()) {
    if (id < 0 || id >= num_tokens_) continue;
    double logit = static_cast<double>(adjusted[id]);
    logit = logit > 0 ? logit / params.repetition_penalty : logit * params.repetition_penalty;
    logit -= params.frequency_penalty * static_cast<double>(count);
    if (count > 0) logit -= params.presence_penalty;
    adjusted[id] = static_cast<float>(logit);
  }
  return adjusted;
}

// Returns the lowest id with this logit; a valid id also where no logit is a number.
int32_t Sampler::first_of(const float* logits, float value) const {
  const int64_t id = std::find(logits, logits + num_tokens_, value) - logits;
  return static_cast<int32_t>(std::min(id, num_tokens_ - 1));
}

int32_t Sampler::draw(const float* logits, const SamplingParams& params,
                      const DrawContext& context) {
  const DecodeKernels& kernels = decode_kernels();
  const float best = kernels.maximum(logits, num_tokens_);
  if (params.temperature < kGreedyTemperature) return first_of(logits, best);
  kernels.exponentials(logits, num_tokens_, best, static_cast<float>(1.0 / params.temperature),
                       weights_.data(), block_sums_.data());
  // The kernel's exponential has a least value; these must have no chance at all.
  for (int32_t id : context.forbidden) {
    if (id >= 0 && id < num_tokens_ && logits[id] < best) weights_.data()[id] = 0;
  }
  const double uniform = context.uniform;
  const int64_t num_blocks = round_up(num_tokens_, kLanes) / kLanes;
  double total = 0;
  for (int64_t block = 0; block < num_blocks; ++block)
    total += block_sums_.data()[block];
  const bool is_filtered = params.top_k > 0 || params.top_p < 1.0 || params.min_p > 0.0;
  if (is_filtered) return draw_filtered(params, total, uniform);

  // Invert the distribution function, whole blocks first.
  double rest = uniform * total;
  int64_t block = 0;
  while (block + 1 < num_blocks && rest >= block_sums_.data()[block]) {
    rest -= block_sums_.data()[block++];
  }
  int32_t last = 0;
  for (int64_t id = block * kLanes; id < num_tokens_; ++id) {
    const double weight = weights_.data()[id];
    if (weight <= 0) continue;
    last = static_cast<int32_t>(id);
    if (rest < weight) return last;
    rest -= weight;
  }
  // Rounding can leave a rest behind the last token: the last one with a weight takes it.
  return last == 0 ? first_of(logits, best) : last;
}

int32_t Sampler::draw_filtered(const SamplingParams& params, double total, double uniform) {
  // The best token's weight is 1, so min-p is a threshold on the weights. Where top-p is alone, a
  // token below the second threshold cannot be needed: all such tokens together weigh less than the
  // mass that top-p leaves out. That makes the list short before it is sorted.
  const double top_p_floor = params.top_k > 0 || params.min_p > 0
                                 ? 0.0
                                 : (1.0 - params.top_p) * total / static_cast<double>(num_tokens_);
  const double floor = std::max(params.min_p, top_p_floor);
  candidates_.clear();
  for (int64_t id = 0; id < num_tokens_; ++id) {
    const float weight = weights_.data()[id];
    if (weight > 0 && static_cast<double>(weight) >= floor) {
      candidates_.push_back({static_cast<int32_t>(id), weight});
    }
  }
  const auto is_better = [](const Candidate& a, const Candidate& b) {
    return a.weight != b.weight ? a.weight > b.weight : a.id < b.id;
  };
  if (params.top_k > 0 && params.top_k < static_cast<int64_t>(candidates_.size())) {
    std::nth_element(candidates_.begin(), candidates_.begin() + params.top_k, candidates_.end(),
                     is_better);
    candidates_.resize(static_cast<size_t>(params.top_k));
  }
  std::sort(candidates_.begin(), candidates_.end(), is_better);

  // top-p is a share of what min-p and top-k left.
  double kept_mass = total;
  if (params.top_k > 0 || params.min_p > 0) {
    kept_mass = 0;
    for (const Candidate& candidate : candidates_)
      kept_mass += candidate.weight;
  }
  const double wanted = params.top_p * kept_mass;
  double nucleus = 0;
  size_t count = 0;
  while (count < candidates_.size() && (count == 0 || nucleus < wanted)) {
    nucleus += candidates_[count++].weight;
  }
  double rest = uniform * nucleus;
  for (size_t i = 0; i + 1 < count; ++i) {
    if (rest < candidates_[i].weight) return candidates_[i].id;
    rest -= candidates_[i].weight;
  }
  return candidates_[count - 1].id;
}

void Sampler::add_logprobs(const float* logits, const SamplingParams& params,
                           SampledToken& sampled) {
  const DecodeKernels& kernels = decode_kernels();
  const float best = kernels.maximum(logits, num_tokens_);
  kernels.exponentials(logits, num_tokens_, best, 1.0f, weights_.data(), block_sums_.data());
  double total = 0;
  for (int64_t block = 0; block < round_up(num_tokens_, kLanes) / kLanes; ++block) {
    total += block_sums_.data()[block];
  }
  const double log_total = std::log(total) + static_cast<double>(best);
  const auto logprob_of = [&](int32_t id) {
    return static_cast<float>(static_cast<double>(logits[id]) - log_total);
  };
  sampled.chosen.logprob = logprob_of(sampled.chosen.id);
  const int64_t count = std::min(params.num_top_logprobs, num_tokens_);
  if (count <= 0) return;
  candidates_.clear();
  for (int64_t id = 0; id < num_tokens_; ++id) {
    candidates_.push_back({static_cast<int32_t>(id), logits[id]});
  }
  std::partial_sort(candidates_.begin(), candidates_.begin() + count, candidates_.end(),
                    [](const Candidate& a, const Candidate& b) {
                      return a.weight != b.weight ? a.weight > b.weight : a.id < b.id;
                    });
  for (int64_t i = 0; i < count; ++i) {
    const int32_t id = candidates_[static_cast<size_t>(i)].id;
    sampled.top.push_back({id, logprob_of(id)});
  }
}

}  // namespace caco::lm
