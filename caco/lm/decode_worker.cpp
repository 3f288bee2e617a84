// One thread of the decode engine; see decode_worker.h.
#include "caco/lm/decode_worker.h"

#include <algorithm>
#include <utility>

#include "caco/base/log.h"

namespace caco::lm {

DecodeEngine::Worker::Worker(const DecodeBackend& model, const Tokenizer& tokenizer,
                             DecodeWorkerOptions options)
    : tokenizer_(tokenizer),
      options_(options),
      runner_(model.make_runner({.num_slots = options.num_slots,
                                 .capacity = options.capacity,
                                 .max_rows = options.num_slots + options.prefill_chunk,
                                 .cache_precision = options.cache_precision})),
      sampler_(model.config().vocab_size, tokenizer.vocab_size()) {
  for (int64_t slot = options.num_slots; slot-- > 0;) {
    free_slots_.push_back(static_cast<int32_t>(slot));
  }
  for (const int64_t id : model.config().eos_token_ids)
    end_ids_.push_back(static_cast<int32_t>(id));
  for (const AddedToken& token : tokenizer.added_tokens()) {
    if (tokenizer.is_special(token.id)) end_ids_.push_back(token.id);
  }
  thread_ = std::thread([this] { run(); });
}

DecodeEngine::Worker::~Worker() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_stopping_ = true;
  }
  has_work_.notify_one();
  thread_.join();
}

void DecodeEngine::Worker::add(const ReplyGroup& group) {
  num_unfinished_.fetch_add(group.num_choices, std::memory_order_relaxed);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    inbox_.push_back(group);
  }
  has_work_.notify_one();
}

void DecodeEngine::Worker::run() {
  while (take_inbox()) {
    drop_cancelled();
    admit();
    collect_rows();
    if (!rows_.empty()) {
      num_growing_.store(static_cast<int64_t>(active_.size()), std::memory_order_relaxed);
      const Status status = runner_->forward(rows_);
      if (status.ok()) {
        sample_rows();
      } else {
        give_up(status.error());
      }
    }
    num_growing_.store(static_cast<int64_t>(active_.size()), std::memory_order_relaxed);
  }
  finish_all();
  num_growing_.store(0, std::memory_order_relaxed);
}

// Moves new groups to the waiting ones; sleeps while there is nothing to do. Returns false when the
// thread has to end.
bool DecodeEngine::Worker::take_inbox() {
  std::unique_lock<std::mutex> lock(mutex_);
  if (active_.empty() && waiting_.empty()) {
    has_work_.wait(lock, [&] { return is_stopping_ || !inbox_.empty(); });
  }
  waiting_.insert(waiting_.end(), inbox_.begin(), inbox_.end());
  inbox_.clear();
  return !is_stopping_;
}

// Gives free slots to waiting replies, in the order in which they came.
void DecodeEngine::Worker::admit() {
  while (!waiting_.empty() && !free_slots_.empty()) {
    ReplyGroup& group = waiting_.front();
    if (!start_reply(group)) return;
    ++group.first_choice;
    if (--group.num_choices == 0) waiting_.pop_front();
  }
}

// Returns false when the reply has to wait for a sibling that is computing the same prompt.
bool DecodeEngine::Worker::start_reply(const ReplyGroup& group) {
  const GenerationRequest& request = group.generation->request();
  const std::vector<int32_t>& prompt = request.prompts[static_cast<size_t>(group.prompt)];
  // The last token of the prompt is computed by each reply: it gives the logits. A reply that
  // reports on its prompt needs the logits of every token and shares nothing.
  const int64_t num_shared = static_cast<int64_t>(prompt.size()) - 1;
  const ActiveReply* sibling = nullptr;
  for (const std::unique_ptr<ActiveReply>& other : active_) {
    if (request.wants_prompt_logprobs) break;
    const bool is_sibling = other->generation == group.generation && other->prompt == group.prompt;
    if (!is_sibling) continue;
    sibling = other.get();
    if (sibling->num_computed >= num_shared) break;
  }
  if (sibling != nullptr && sibling->num_computed < num_shared) return false;

  auto reply = std::make_unique<ActiveReply>(tokenizer_, request, end_ids_);
  reply->generation = group.generation;
  reply->prompt = group.prompt;
  reply->choice = group.first_choice;
  reply->slot = free_slots_.back();
  free_slots_.pop_back();
  reply->tokens = prompt;
  reply->num_prompt_tokens = static_cast<int64_t>(prompt.size());
  if (request.sampling.has_penalties()) reply->counts = TokenCounts(prompt);
  if (request.wants_prompt_logprobs) {
    reply->builder.add_prompt_token({.chosen = {prompt.front(), 0.0f}, .top = {}});
  }
  if (sibling != nullptr) {
    // A copy that failed leaves the prompt to be computed.
    const Status status = runner_->copy_prefix(sibling->slot, reply->slot, num_shared);
    if (status.ok()) reply->num_computed = num_shared;
  }
  active_.push_back(std::move(reply));
  return true;
}

// Lists the rows of the next step: the pending tokens of each reply. Replies that grow have one or
// a few and always fit; prompts fill what is left of the step.
void DecodeEngine::Worker::collect_rows() {
  rows_.clear();
  wanted_rows_.clear();
  int64_t prefill_room = options_.prefill_chunk;
  for (const std::unique_ptr<ActiveReply>& reply : active_) {
    const int64_t num_tokens = static_cast<int64_t>(reply->tokens.size());
    int64_t count = num_tokens - reply->num_computed;
    if (count > 1) {
      // The first row of each reply is counted in the slots, the others in the chunk.
      count = std::min(count, prefill_room + 1);
      prefill_room -= count - 1;
    }
    for (int64_t i = 0; i < count; ++i) {
      const int64_t position = reply->num_computed + i;
      const bool is_scored = reply->generation->request().wants_prompt_logprobs &&
                             position + 1 < reply->num_prompt_tokens;
      const bool wants_logits = is_scored || position + 1 == num_tokens;
      if (wants_logits) wanted_rows_.push_back({reply.get(), position});
      rows_.push_back({.token = reply->tokens[static_cast<size_t>(position)],
                       .slot = reply->slot,
                       .position = position,
                       .wants_logits = wants_logits});
    }
    reply->num_computed += count;
  }
}

void DecodeEngine::Worker::sample_rows() {
  for (size_t i = 0; i < wanted_rows_.size(); ++i) {
    ActiveReply& reply = *wanted_rows_[i].reply;
    const std::span<const float> logits = runner_->logits(static_cast<int64_t>(i));
    if (wanted_rows_[i].position + 1 < reply.num_prompt_tokens) {
      score_prompt(reply, wanted_rows_[i].position, logits);
    } else if (reply.generation->request().max_tokens == 0) {
      reply.builder.finish(FinishReason::Length);  // only the prompt was asked about
      report(reply);
    } else {
      take_token(reply, draw(reply, logits));
      report(reply);
    }
  }
  std::erase_if(active_, [](const std::unique_ptr<ActiveReply>& reply) {
    return reply->builder.is_finished();
  });
}

void DecodeEngine::Worker::score_prompt(ActiveReply& reply, int64_t position,
                                        std::span<const float> logits) {
  const int32_t next = reply.tokens[static_cast<size_t>(position) + 1];
  reply.builder.add_prompt_token(
      sampler_.score(logits, reply.generation->request().sampling, next));
}

SampledToken DecodeEngine::Worker::draw(ActiveReply& reply, std::span<const float> logits) {
  const GenerationRequest& request = reply.generation->request();
  const SamplingParams& sampling = request.sampling;
  const uint64_t position = reply.tokens.size() - static_cast<uint64_t>(reply.num_prompt_tokens);
  DrawContext context;
  context.uniform = uniform_draw(sampling.seed, static_cast<uint64_t>(reply.choice), position);
  context.counts = &reply.counts;
  if (reply.builder.must_go_on()) {
    forbidden_ = request.stop_token_ids;
    if (!request.ignores_end) {
      forbidden_.insert(forbidden_.end(), end_ids_.begin(), end_ids_.end());
    }
    context.forbidden = forbidden_;
  }
  SampledToken token = sampler_.sample(logits, sampling, context);
  if (sampling.has_penalties()) reply.counts.add_to_reply(token.chosen.id);
  return token;
}

void DecodeEngine::Worker::take_token(ActiveReply& reply, const SampledToken& token) {
  reply.tokens.push_back(token.chosen.id);
  for (int32_t forced : reply.builder.accept(token)) {
    if (reply.builder.is_finished()) return;
    reply.tokens.push_back(forced);
    if (reply.generation->request().sampling.has_penalties()) reply.counts.add_to_reply(forced);
    reply.builder.accept_forced(forced);
  }
  const bool is_full = static_cast<int64_t>(reply.tokens.size()) >= options_.capacity;
  if (is_full && !reply.builder.is_finished()) reply.builder.finish(FinishReason::Length);
}

// Hands over what is new. After the last choice the generation may be gone.
void DecodeEngine::Worker::report(ActiveReply& reply) {
  if (reply.generation->request().is_streamed) {
    std::optional<TextDelta> delta = reply.builder.take_delta();
    if (delta) {
      delta->choice = reply.choice;
      reply.generation->add_delta(std::move(*delta));
    }
  }
  if (!reply.builder.is_finished()) return;
  free_slots_.push_back(reply.slot);
  num_unfinished_.fetch_sub(1, std::memory_order_relaxed);
  reply.generation->finish_choice(reply.choice, reply.builder.take_choice());
}

// The step failed on its device: what has a slot ends here, and what waits may fare better.
void DecodeEngine::Worker::give_up(const Error& error) {
  log_message(LogLevel::Error, "replies given up: " + to_string(error));
  for (const std::unique_ptr<ActiveReply>& reply : active_)
    reply->generation->cancel();
  drop_cancelled();
}

void DecodeEngine::Worker::drop_cancelled() {
  for (const std::unique_ptr<ActiveReply>& reply : active_) {
    if (!reply->generation->is_cancelled()) continue;
    reply->builder.finish(FinishReason::Cancelled);
  }
  std::erase_if(active_, [&](const std::unique_ptr<ActiveReply>& reply) {
    if (!reply->builder.is_finished()) return false;
    report(*reply);
    return true;
  });
  std::erase_if(waiting_, [&](const ReplyGroup& group) {
    if (!group.generation->is_cancelled()) return false;
    Generation* generation = group.generation;
    for (int64_t i = 0; i < group.num_choices; ++i) {
      num_unfinished_.fetch_sub(1, std::memory_order_relaxed);
      Choice choice;
      choice.finish_reason = FinishReason::Cancelled;
      generation->finish_choice(group.first_choice + i, std::move(choice));
    }
    return true;
  });
}

void DecodeEngine::Worker::finish_all() {
  for (const std::unique_ptr<ActiveReply>& reply : active_)
    reply->generation->cancel();
  for (const ReplyGroup& group : waiting_)
    group.generation->cancel();
  drop_cancelled();
}

}  // namespace caco::lm
