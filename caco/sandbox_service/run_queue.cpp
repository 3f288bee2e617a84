#include "caco/sandbox_service/run_queue.h"

#include <chrono>

namespace caco {
namespace {

using Clock = std::chrono::steady_clock;

// How often a waiting caller looks whether its client is still there.
constexpr std::chrono::milliseconds kClientCheck{200};

}  // namespace

Admission RunQueue::enter(const Caller& caller) {
  std::unique_lock<std::mutex> lock(mutex_);
  if (has_given_up_ || (is_stopping_ && !caller.is_part_of_batch)) return Admission::Stopping;
  if (num_running_ < num_workers_ && waiters_.empty()) {
    ++num_running_;
    return Admission::Granted;
  }
  if (!caller.is_part_of_batch && static_cast<int64_t>(waiters_.size()) >= max_waiting_)
    return Admission::Full;
  return wait_for_turn(lock, caller);
}

Admission RunQueue::wait_for_turn(std::unique_lock<std::mutex>& lock, const Caller& caller) {
  Waiter waiter;
  const std::list<Waiter*>::iterator place = waiters_.insert(waiters_.end(), &waiter);
  const Clock::time_point deadline = Clock::now() + std::chrono::milliseconds(caller.max_wait_ms);
  const auto drop_out = [&](Admission reason) {
    waiters_.erase(place);
    return reason;
  };
  while (!waiter.has_turn) {
    waiter.woken.wait_for(lock, kClientCheck);
    if (waiter.has_turn) break;
    if (has_given_up_) return drop_out(Admission::Stopping);
    if (caller.max_wait_ms > 0 && Clock::now() >= deadline) return drop_out(Admission::TooLate);
    if (caller.is_gone && caller.is_gone()) return drop_out(Admission::Cancelled);
  }
  return Admission::Granted;
}

void RunQueue::grant_turns() {
  while (num_running_ < num_workers_ && !waiters_.empty()) {
    Waiter* const first = waiters_.front();
    waiters_.pop_front();
    first->has_turn = true;
    ++num_running_;
    first->woken.notify_one();
  }
}

void RunQueue::leave() {
  const std::lock_guard<std::mutex> lock(mutex_);
  --num_running_;
  grant_turns();
}

void RunQueue::stop_admitting() {
  const std::lock_guard<std::mutex> lock(mutex_);
  is_stopping_ = true;
}

void RunQueue::give_up() {
  const std::lock_guard<std::mutex> lock(mutex_);
  is_stopping_ = has_given_up_ = true;
  for (Waiter* waiter : waiters_)
    waiter->woken.notify_one();
}

int64_t RunQueue::num_running() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return num_running_;
}

int64_t RunQueue::num_waiting() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return static_cast<int64_t>(waiters_.size());
}

}  // namespace caco
