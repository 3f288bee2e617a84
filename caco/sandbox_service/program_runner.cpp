#include "caco/sandbox_service/program_runner.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace caco {
namespace {

constexpr int64_t kMaxRetrySeconds = 60;

const char* reason_name(Admission admission) {
  switch (admission) {
    case Admission::Full:
      return "queue_full";
    case Admission::Stopping:
      return "stopping";
    case Admission::Cancelled:
      return "client_gone";
    case Admission::TooLate:
      return "too_late";
    case Admission::Granted:
      break;
  }
  return "granted";
}

}  // namespace

RunOutcome ProgramRunner::run(const RunRequest& request, const RunQueue::Caller& caller) {
  const auto entered = std::chrono::steady_clock::now();
  RunOutcome outcome;
  outcome.admission = queue_.enter(caller);
  if (outcome.admission != Admission::Granted) {
    metrics_.count_turned_away(reason_name(outcome.admission));
    return outcome;
  }
  const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - entered;
  RunRequest watched = request;
  watched.is_given_up = caller.is_gone;
  Result<RunReport> result = sandbox_.run_request(watched);
  queue_.leave();
  if (caller.is_gone && caller.is_gone()) {
    metrics_.count_turned_away(reason_name(Admission::Cancelled));
    outcome.admission = Admission::Cancelled;
    return outcome;
  }
  if (result.ok()) {
    metrics_.count_run(result.value(), waited.count());
    ++num_runs_;
    wall_us_ += result.value().wall_us;
  } else {
    metrics_.count_failure();
  }
  outcome.result.emplace(std::move(result));
  return outcome;
}

int64_t ProgramRunner::seconds_until_turn() const {
  const int64_t mean_us = wall_us_ / std::max<int64_t>(1, num_runs_);
  const int64_t turns = queue_.num_waiting() / queue_.num_workers() + 1;
  return std::clamp<int64_t>(turns * mean_us / 1'000'000 + 1, 1, kMaxRetrySeconds);
}

}  // namespace caco
