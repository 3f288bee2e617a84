// Picks the next token from a row of logits.
//
// Order, as vLLM's: temperature, then min-p, then top-k, then top-p, all on the tempered
// distribution; then one draw. Logprobs are those of the model's own distribution, before all of
// that. Randomness is a counter-based function of (seed, choice, position), so a reply depends on
// its request alone, never on what is computed beside it.
//
// Pure functions apart from the scratch memory, which belongs to one thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "caco/lm/float_buffer.h"

namespace caco::lm {

struct SamplingParams {
  double temperature = 1.0;  // below 1e-5: the most likely token, the lowest id of equals
  double top_p = 1.0;        // (0, 1]; 1 is off
  int64_t top_k = 0;         // 0 is off
  double min_p = 0.0;        // [0, 1]; 0 is off: least probability relative to the best token's
  uint64_t seed = 0;
  bool wants_logprobs = false;
  int64_t num_top_logprobs = 0;  // most likely tokens reported beside the chosen one
};

struct TokenLogprob {
  int32_t id = 0;
  float logprob = 0;
};

struct SampledToken {
  TokenLogprob chosen;            // its logprob is 0 unless params.wants_logprobs
  std::vector<TokenLogprob> top;  // most likely first
};

// Returns a number in [0, 1) that is a fixed function of its arguments.
double uniform_draw(uint64_t seed, uint64_t choice, uint64_t position);

class Sampler {
 public:
  // For rows of `vocab_size` logits, of which the first `num_tokens` are tokens; the others are
  // padding of the embedding and are never chosen. REQUIRES: 0 < num_tokens <= vocab_size.
  Sampler(int64_t vocab_size, int64_t num_tokens);

  // `uniform` in [0, 1) decides the draw. REQUIRES: finite logits, as many as vocab_size and
  // readable up to the next multiple of kLanes.
  SampledToken sample(std::span<const float> logits, const SamplingParams& params, double uniform);

 private:
  struct Candidate {
    int32_t id = 0;
    float weight = 0;
  };

  int32_t draw(const float* logits, const SamplingParams& params, double uniform);
  int32_t draw_filtered(const SamplingParams& params, double total, double uniform);
  void add_logprobs(const float* logits, const SamplingParams& params, SampledToken& sampled);

  int64_t num_tokens_ = 0;
  FloatBuffer weights_;     // e^(logit - max) of each token, not normalised
  FloatBuffer block_sums_;  // of kLanes weights each
  std::vector<Candidate> candidates_;
};

}  // namespace caco::lm
