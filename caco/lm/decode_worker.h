// One thread of the decode engine: its inbox, its slots, its loop. See decode_engine.h.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "caco/lm/decode_backend.h"
#include "caco/lm/decode_engine.h"
#include "caco/lm/generation.h"
#include "caco/lm/reply_builder.h"
#include "caco/lm/sampler.h"
#include "caco/lm/tokenizer.h"

namespace caco::lm {

// Some replies to one prompt of a request: the unit that is given to a thread.
struct ReplyGroup {
  Generation* generation = nullptr;
  int64_t prompt = 0;        // index of the request's prompt
  int64_t first_choice = 0;  // numbered through the request
  int64_t num_choices = 0;
};

struct DecodeWorkerOptions {
  int64_t num_slots = 64;
  int64_t capacity = 1024;  // tokens of prompt and reply
  int64_t prefill_chunk = 128;
  CachePrecision cache_precision = CachePrecision::Float16;
};

class DecodeEngine::Worker {
 public:
  // Starts the thread.
  Worker(const DecodeBackend& model, const Tokenizer& tokenizer, DecodeWorkerOptions options);
  // Cancels what is unfinished and joins.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Thread-safe.
  void add(const ReplyGroup& group);
  int64_t num_unfinished() const { return num_unfinished_.load(std::memory_order_relaxed); }
  int64_t num_growing() const { return num_growing_.load(std::memory_order_relaxed); }

 private:
  // A reply that has a slot.
  struct ActiveReply {
    ActiveReply(const Tokenizer& tokenizer, const GenerationRequest& request,
                std::span<const int32_t> end_ids)
        : builder(tokenizer, request, end_ids) {}

    Generation* generation = nullptr;
    int64_t prompt = 0;
    int64_t choice = 0;
    int32_t slot = 0;
    int64_t num_prompt_tokens = 0;
    std::vector<int32_t> tokens;  // prompt and reply
    int64_t num_computed = 0;     // tokens whose keys and values are in the slot
    TokenCounts counts;           // kept where the request has penalties
    ReplyBuilder builder;
  };

  void run();
  bool take_inbox();
  void admit();
  bool start_reply(const ReplyGroup& group);
  void collect_rows();
  void sample_rows();
  void score_prompt(ActiveReply& reply, int64_t position, std::span<const float> logits);
  SampledToken draw(ActiveReply& reply, std::span<const float> logits);
  void take_token(ActiveReply& reply, const SampledToken& token);
  void report(ActiveReply& reply);
  void give_up(const Error& error);
  void drop_cancelled();
  void finish_all();

  const Tokenizer& tokenizer_;
  const DecodeWorkerOptions options_;
  std::vector<int32_t> end_ids_;  // of the model's configuration, then the special tokens
  std::atomic<int64_t> num_unfinished_{0};
  std::atomic<int64_t> num_growing_{0};  // those that have a slot

  std::mutex mutex_;
  std::condition_variable has_work_;
  std::vector<ReplyGroup> inbox_;  // protected by mutex_
  bool is_stopping_ = false;       // protected by mutex_

  // State below belongs to the thread.
  std::unique_ptr<DecodeRunner> runner_;
  Sampler sampler_;
  std::deque<ReplyGroup> waiting_;
  std::vector<std::unique_ptr<ActiveReply>> active_;
  std::vector<int32_t> free_slots_;
  std::vector<DecodeRow> rows_;
  std::vector<int32_t> forbidden_;  // scratch

  // The rows whose logits the step computes, in order.
  struct WantedRow {
    ActiveReply* reply = nullptr;
    int64_t position = 0;
  };
  std::vector<WantedRow> wanted_rows_;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace caco::lm
