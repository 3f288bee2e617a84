// Picks the next token from a row of logits.
//
// Order, as vLLM's: forbidden tokens (the ends of a reply, while it has not reached its least
// length), logit bias, repetition penalty, frequency and presence penalty; then, on what has become
// of the logits, temperature, min-p, top-k and top-p; then one draw. Greedy sampling takes the best
// token after the penalties. Logprobs are those of the model's own distribution, before all of
// that. Randomness is a counter-based function of (seed, choice, position), so a reply depends on
// its request alone, never on what is computed beside it.
//
// Pure functions apart from the scratch memory, which belongs to one thread.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/float_buffer.h"

namespace caco::lm {

// Added to the logit of a token.
struct LogitBias {
  int32_t id = 0;
  float bias = 0;
};

struct SamplingParams {
  double temperature = 1.0;  // below 1e-5: the most likely token, the lowest id of equals
  double top_p = 1.0;        // (0, 1]; 1 is off
  int64_t top_k = 0;         // 0 is off
  double min_p = 0.0;        // [0, 1]; 0 is off: least probability relative to the best token's
  double presence_penalty = 0.0;    // [-2, 2]; taken from tokens that the reply has
  double frequency_penalty = 0.0;   // [-2, 2]; taken as often as the reply has the token
  double repetition_penalty = 1.0;  // (0, 10]; logits of tokens in prompt or reply are divided by
                                    // it where positive and multiplied where not; 1 is off
  std::vector<LogitBias> logit_bias{};
  uint64_t seed = 0;
  bool wants_logprobs = false;
  int64_t num_top_logprobs = 0;  // most likely tokens reported beside the chosen one

  bool has_penalties() const {
    return presence_penalty != 0 || frequency_penalty != 0 || repetition_penalty != 1;
  }
};

// InvalidArgument names the parameter that is out of its range, or no number. The ids of logit_bias
// are the caller's to check.
Status check_sampling(const SamplingParams& sampling);

struct TokenLogprob {
  int32_t id = 0;
  float logprob = 0;
};

struct SampledToken {
  TokenLogprob chosen;            // its logprob is 0 unless params.wants_logprobs
  std::vector<TokenLogprob> top;  // most likely first
};

// The tokens of a prompt and of the reply to it, as the penalties count them.
class TokenCounts {
 public:
  TokenCounts() = default;
  explicit TokenCounts(std::span<const int32_t> prompt);

  void add_to_reply(int32_t id) { ++in_reply_[id]; }

  // How often the reply has each token that prompt or reply has.
  const std::unordered_map<int32_t, int64_t>& in_reply() const { return in_reply_; }

 private:
  std::unordered_map<int32_t, int64_t> in_reply_;
};

// What is asked of a draw beside the parameters of its request.
struct DrawContext {
  double uniform = 0;                    // in [0, 1): decides the draw
  const TokenCounts* counts = nullptr;   // needed where params.has_penalties()
  std::span<const int32_t> forbidden{};  // never chosen, unless all tokens are
};

// Returns a number in [0, 1) that is a fixed function of its arguments.
double uniform_draw(uint64_t seed, uint64_t choice, uint64_t position);

class Sampler {
 public:
  // For rows of `vocab_size` logits, of which the first `num_tokens` are tokens; the others are
  // padding of the embedding and are never chosen. REQUIRES: 0 < num_tokens <= vocab_size.
  Sampler(int64_t vocab_size, int64_t num_tokens);

  // Draws a token. REQUIRES: finite logits, as many as vocab_size and readable up to the next
  // multiple of kLanes.
  SampledToken sample(std::span<const float> logits, const SamplingParams& params,
                      const DrawContext& context);

  // Returns `id` with the logprobs of `logits`: what a given token had for a chance.
  SampledToken score(std::span<const float> logits, const SamplingParams& params, int32_t id);

 private:
  struct Candidate {
    int32_t id = 0;
    float weight = 0;
  };

  const float* adjust(const float* logits, const SamplingParams& params,
                      const DrawContext& context);
  int32_t draw(const float* logits, const SamplingParams& params, const DrawContext& context);
  int32_t draw_filtered(const SamplingParams& params, double total, double uniform);
  int32_t first_of(const float* logits, float value) const;
  void add_logprobs(const float* logits, const SamplingParams& params, SampledToken& sampled);

  int64_t num_tokens_ = 0;
  FloatBuffer adjusted_;    // the logits after bias and penalties
  FloatBuffer weights_;     // e^(logit - max) of each token, not normalised
  FloatBuffer block_sums_;  // of kLanes weights each
  std::vector<Candidate> candidates_;
};

}  // namespace caco::lm
