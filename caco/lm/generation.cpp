// The meeting point of a request and its replies; see generation.h.
#include "caco/lm/generation.h"

#include <utility>

namespace caco::lm {

const char* finish_reason_name(FinishReason reason) {
  switch (reason) {
    case FinishReason::Stop:
      return "stop";
    case FinishReason::Length:
      return "length";
    case FinishReason::Cancelled:
      return "cancelled";
  }
  return "stop";
}

Generation::Generation(GenerationRequest request)
    : request_(std::move(request)),
      num_unfinished_(static_cast<int64_t>(request_.prompts.size()) * request_.num_replies),
      choices_(static_cast<size_t>(num_unfinished_)) {}

bool Generation::wait(std::chrono::milliseconds timeout) {
  std::unique_lock<std::mutex> lock(mutex_);
  has_news_.wait_for(lock, timeout, [&] { return num_unfinished_ == 0 || !deltas_.empty(); });
  return num_unfinished_ == 0;
}

void Generation::wait_until_finished() {
  std::unique_lock<std::mutex> lock(mutex_);
  has_news_.wait(lock, [&] { return num_unfinished_ == 0; });
}

std::vector<TextDelta> Generation::take_deltas() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return std::exchange(deltas_, {});
}

void Generation::add_delta(TextDelta delta) {
  const std::lock_guard<std::mutex> lock(mutex_);
  deltas_.push_back(std::move(delta));
  has_news_.notify_all();
}

void Generation::finish_choice(int64_t index, Choice choice) {
  const std::lock_guard<std::mutex> lock(mutex_);
  choices_[static_cast<size_t>(index)] = std::move(choice);
  // Notifying under the lock: the waiting thread may destroy this object as soon as it wakes.
  if (--num_unfinished_ == 0) has_news_.notify_all();
}

}  // namespace caco::lm
