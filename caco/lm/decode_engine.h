// Continuous batching: many replies grow together, a step at a time.
//
// Each engine thread owns a set of slots, one growing reply each. A step takes the pending tokens
// of all its replies (one each while they grow, a chunk of the prompt at first, the calculator's
// tokens when there are some), runs the model once over all those rows and samples the next token
// of each. A reply that ends frees its slot for the next one at once. Replies to one prompt share
// the work on it: the first computes it, the others copy its keys and values; only replies that
// report the chances of the prompt's own tokens compute it each for itself.
//
// A reply ends at the eos ids of the model's configuration and at special tokens, beside what its
// request says.
//
// A reply depends on its request alone: rows do not depend on their batch (decode_model.h), and
// randomness is a function of (seed, choice, position). So it does not matter which thread, which
// slot or which neighbours a reply gets.
//
// Threads share nothing in a step; they look into their inbox, under its lock, between steps.
// All public members are thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/decode_backend.h"
#include "caco/lm/generation.h"
#include "caco/lm/tokenizer.h"

namespace caco::lm {

struct DecodeEngineOptions {
  int64_t num_threads = 2;
  int64_t max_batch = 128;      // replies that grow at the same time, over all threads
  int64_t max_context = 0;      // tokens of prompt and reply; 0: what the model's config says
  int64_t prefill_chunk = 128;  // most prompt tokens in one step of a thread
  int64_t max_queue = 8192;     // replies that are asked for and unfinished
  CachePrecision cache_precision = CachePrecision::Float16;
};

class DecodeEngine {
 public:
  // Starts the threads. `model` and `tokenizer` must outlive the engine. InvalidArgument: an
  // option out of its range, a tokenizer with more ids than the model has rows.
  static Result<std::unique_ptr<DecodeEngine>> create(const DecodeBackend& model,
                                                      const Tokenizer& tokenizer,
                                                      DecodeEngineOptions options);

  // Cancels what is unfinished and joins the threads.
  ~DecodeEngine();
  DecodeEngine(const DecodeEngine&) = delete;
  DecodeEngine& operator=(const DecodeEngine&) = delete;

  // Begins to answer. The result must stay alive until all its choices are finished, also after
  // cancel(). InvalidArgument: no prompt, an empty prompt, an id outside the vocabulary, a prompt
  // that leaves no room for a token (the message begins with "prompt is too long"), parameters out
  // of range. ResourceExhausted: the queue is full.
  Result<std::unique_ptr<Generation>> start(GenerationRequest request);

  // Number of replies that are asked for and unfinished.
  int64_t num_unfinished() const;
  // Number of those that have a slot; the others wait for one.
  int64_t num_growing() const;
  // Most replies that grow at a time, and most that are unfinished.
  int64_t max_batch() const { return options_.max_batch; }
  int64_t max_queue() const { return options_.max_queue; }

  // Most tokens of prompt and reply together.
  int64_t max_context() const { return max_context_; }
  const Tokenizer& tokenizer() const { return tokenizer_; }

 private:
  class Worker;

  DecodeEngine(const Tokenizer& tokenizer, DecodeEngineOptions options, int64_t max_context);

  Status check(const GenerationRequest& request) const;
  Status check_biases(const SamplingParams& sampling) const;

  const Tokenizer& tokenizer_;
  const DecodeEngineOptions options_;
  const int64_t max_context_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace caco::lm
