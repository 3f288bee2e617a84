#include "caco/pipeline/board.h"

#include <utility>

namespace caco {

Error run_was_stopped() {
  return Error{ErrorCode::Cancelled, "the run was stopped", ""};
}

PostedShard posted_shard_of(const Receipt& receipt) {
  return {receipt.output.content_hash, receipt.rejects.content_hash, receipt.output.num_lines,
          receipt.rejected};
}

Board::Board(int64_t num_steps, ProgressReport report)
    : report_(std::move(report)), steps_(static_cast<size_t>(num_steps)) {}

void Board::post_shard(int64_t step, const PostedShard& shard, bool is_reused) {
  const int64_t num_samples = shard.num_kept + total_of(shard.rejected);
  update(step, [&](StepProgress& progress) {
    entry(step).shards.push_back(shard);
    ++progress.num_shards;
    progress.num_kept += shard.num_kept;
    progress.num_rejected += total_of(shard.rejected);
    if (is_reused) {
      ++progress.num_shards_reused;
      progress.num_reused += num_samples;
    }
    // From here on the shard counts as a whole; what was reported of it batch by batch is replaced.
    progress.num_done = progress.num_kept + progress.num_rejected;
  });
  changed_.notify_all();
}

void Board::post_complete(int64_t step, bool is_reused) {
  update(step, [&](StepProgress& progress) {
    entry(step).is_complete = true;
    progress.state = StepState::Done;
    progress.is_reused = is_reused;
    progress.num_total = progress.num_done;
    progress.note.clear();
  });
  changed_.notify_all();
}

void Board::update(int64_t step, const std::function<void(StepProgress&)>& change) {
  const std::lock_guard<std::mutex> lock(mutex_);
  change(entry(step).progress);
  if (report_) report_(step, entry(step).progress);
}

Result<std::optional<PostedShard>> Board::wait_for_shard(int64_t step, int64_t shard) {
  std::unique_lock<std::mutex> lock(mutex_);
  const auto index = static_cast<size_t>(shard);
  changed_.wait(lock, [&] {
    return stop_error_ || entry(step).is_complete || index < entry(step).shards.size();
  });
  if (stop_error_) return run_was_stopped();
  if (index >= entry(step).shards.size()) return std::optional<PostedShard>();
  return std::optional<PostedShard>(entry(step).shards[index]);
}

Result<std::vector<PostedShard>> Board::wait_for_step(int64_t step) {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [&] { return stop_error_ || entry(step).is_complete; });
  if (stop_error_) return run_was_stopped();
  return entry(step).shards;
}

int64_t Board::expected_kept(int64_t step) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const StepProgress& progress = entry(step).progress;
  if (entry(step).is_complete) return progress.num_kept;
  if (progress.num_total < 0 || progress.num_done <= 0) return -1;
  const int64_t finished = progress.num_kept + progress.num_rejected;
  if (finished == 0) return -1;
  const double rate = static_cast<double>(progress.num_kept) / static_cast<double>(finished);
  return static_cast<int64_t>(rate * static_cast<double>(progress.num_total));
}

StepProgress Board::progress(int64_t step) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return entry(step).progress;
}

RejectCounts Board::rejected(int64_t step) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  RejectCounts all;
  for (const PostedShard& shard : entry(step).shards) {
    for (const auto& [reason, count] : shard.rejected)
      all[reason] += count;
  }
  return all;
}

void Board::stop(const Error& error) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!stop_error_) stop_error_ = error;
  changed_.notify_all();
}

bool Board::is_stopped() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return stop_error_.has_value();
}

std::optional<Error> Board::stop_error() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return stop_error_;
}

}  // namespace caco
