// Continuous batching: checks requests and spreads them over the threads; see decode_engine.h.
#include "caco/lm/decode_engine.h"

#include <algorithm>
#include <string>
#include <utility>

#include "caco/lm/decode_worker.h"

namespace caco::lm {
namespace {

constexpr int64_t kMaxThreads = 256;
constexpr int64_t kMaxBatch = 4096;

Error invalid(std::string message) {
  return Error{ErrorCode::InvalidArgument, std::move(message), ""};
}

}  // namespace

DecodeEngine::DecodeEngine(const Tokenizer& tokenizer, DecodeEngineOptions options,
                           int64_t max_context)
    : tokenizer_(tokenizer), options_(options), max_context_(max_context) {}

DecodeEngine::~DecodeEngine() = default;

Result<std::unique_ptr<DecodeEngine>> DecodeEngine::create(const DecodeBackend& model,
                                                           const Tokenizer& tokenizer,
                                                           DecodeEngineOptions options) {
  if (tokenizer.vocab_size() > model.config().vocab_size) {
    return invalid(
        "tokenizer has more ids than the model: " + std::to_string(tokenizer.vocab_size()) + " > " +
        std::to_string(model.config().vocab_size));
  }
  if (options.num_threads < 1 || options.num_threads > kMaxThreads) {
    return invalid("number of engine threads is not from 1 to " + std::to_string(kMaxThreads) +
                   ": " + std::to_string(options.num_threads));
  }
  if (options.max_batch < 1 || options.max_batch > kMaxBatch) {
    return invalid("batch is not from 1 to " + std::to_string(kMaxBatch) + ": " +
                   std::to_string(options.max_batch));
  }
  if (options.prefill_chunk < 1 || options.max_queue < 1 || options.max_context < 0) {
    return invalid("prefill chunk, queue and context must be positive");
  }
  int64_t max_context = model.config().max_position_embeddings;
  if (options.max_context > 0) max_context = std::min(max_context, options.max_context);
  std::unique_ptr<DecodeEngine> engine(new DecodeEngine(tokenizer, options, max_context));
  const int64_t num_threads = std::min(options.num_threads, options.max_batch);
  for (int64_t i = 0; i < num_threads; ++i) {
    DecodeWorkerOptions worker;
    worker.num_slots = (options.max_batch + num_threads - 1) / num_threads;
    worker.capacity = max_context;
    worker.prefill_chunk = options.prefill_chunk;
    worker.cache_precision = options.cache_precision;
    engine->workers_.push_back(std::make_unique<Worker>(model, tokenizer, worker));
  }
  return engine;
}

Status DecodeEngine::check(const GenerationRequest& request) const {
  if (request.prompts.empty()) return invalid("request has no prompt");
  for (const std::vector<int32_t>& prompt : request.prompts) {
    if (prompt.empty()) return invalid("prompt is empty");
    if (static_cast<int64_t>(prompt.size()) >= max_context_) {
      return invalid("prompt is too long: " + std::to_string(prompt.size()) +
                     " tokens, and the maximum context length is " + std::to_string(max_context_));
    }
    for (int32_t id : prompt) {
      if (id >= 0 && id < tokenizer_.vocab_size()) continue;
      return invalid("prompt has an id outside the vocabulary: " + std::to_string(id));
    }
  }
  if (request.num_replies < 1) return invalid("number of replies is not positive");
  const bool may_be_empty = request.wants_prompt_logprobs && request.sampling.wants_logprobs;
  if (request.max_tokens < (may_be_empty ? 0 : 1)) return invalid("max_tokens is not positive");
  if (request.min_tokens < 0 || request.min_tokens > request.max_tokens) {
    return invalid("min_tokens is not from 0 to max_tokens");
  }
  for (const std::string& stop : request.stop) {
    if (stop.empty()) return invalid("stop text is empty");
  }
  TRY(check_sampling(request.sampling));
  return check_biases(request.sampling);
}

Status DecodeEngine::check_biases(const SamplingParams& sampling) const {
  for (const LogitBias& entry : sampling.logit_bias) {
    if (entry.id < 0 || entry.id >= tokenizer_.vocab_size()) {
      return invalid("logit_bias has an id outside the vocabulary: " + std::to_string(entry.id));
    }
  }
  return {};
}

Result<std::unique_ptr<Generation>> DecodeEngine::start(GenerationRequest request) {
  TRY(check(request));
  const int64_t num_replies = request.num_replies;
  const int64_t num_prompts = static_cast<int64_t>(request.prompts.size());
  const int64_t room = options_.max_queue - num_unfinished();
  if (num_replies > room / num_prompts) {
    return Error{ErrorCode::ResourceExhausted, "queue is full", "try again later"};
  }
  auto generation = std::make_unique<Generation>(std::move(request));
  const int64_t num_workers = static_cast<int64_t>(workers_.size());
  for (int64_t prompt = 0; prompt < num_prompts; ++prompt) {
    // Many replies are worth computing the prompt once a thread; few go to the least busy one.
    const int64_t num_parts = num_replies >= 2 * num_workers ? num_workers : 1;
    for (int64_t part = 0; part < num_parts; ++part) {
      const int64_t begin = num_replies * part / num_parts;
      const int64_t end = num_replies * (part + 1) / num_parts;
      const auto least_busy = std::min_element(
          workers_.begin(), workers_.end(),
          [](const auto& a, const auto& b) { return a->num_unfinished() < b->num_unfinished(); });
      (*least_busy)
          ->add({.generation = generation.get(),
                 .prompt = prompt,
                 .first_choice = prompt * num_replies + begin,
                 .num_choices = end - begin});
    }
  }
  return generation;
}

int64_t DecodeEngine::num_growing() const {
  int64_t total = 0;
  for (const std::unique_ptr<Worker>& worker : workers_)
    total += worker->num_growing();
  return total;
}

int64_t DecodeEngine::num_unfinished() const {
  int64_t total = 0;
  for (const std::unique_ptr<Worker>& worker : workers_)
    total += worker->num_unfinished();
  return total;
}

}  // namespace caco::lm
