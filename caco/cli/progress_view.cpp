#include "caco/cli/progress_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "caco/cli/face.h"

namespace caco {
namespace {

constexpr std::chrono::milliseconds kLiveInterval{250};
constexpr std::chrono::seconds kPlainInterval{5};
constexpr size_t kBarWidth = 16;

std::string bar_of(const StepProgress& progress) {
  if (progress.num_total <= 0) return std::string(kBarWidth, '.');
  const double part = std::min(
      1.0, static_cast<double>(progress.num_done) / static_cast<double>(progress.num_total));
  const auto filled = static_cast<size_t>(part * static_cast<double>(kBarWidth));
  return std::string(filled, '#') + std::string(kBarWidth - filled, '.');
}

std::string_view word_of(StepState state) {
  switch (state) {
    case StepState::Waiting:
      return "waiting";
    case StepState::Running:
      return "running";
    case StepState::Done:
      return "done";
    case StepState::Failed:
      return "failed";
    case StepState::Stopped:
      return "stopped";
  }
  return "";
}

bool is_over(StepState state) {
  return state == StepState::Done || state == StepState::Failed || state == StepState::Stopped;
}

}  // namespace

ProgressView::ProgressView(std::vector<std::string> folders, ProgressStyle style)
    : folders_(std::move(folders)), style_(style), entries_(folders_.size()) {
  if (style_ != ProgressStyle::Quiet) printer_ = std::thread([this] { print_until_ended(); });
}

ProgressView::~ProgressView() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_ended_ = true;
  }
  ended_changed_.notify_all();
  if (printer_.joinable()) printer_.join();
}

void ProgressView::report(int64_t step, const StepProgress& progress) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Entry& entry = entries_[static_cast<size_t>(step)];
  const Clock::time_point now = Clock::now();
  if (entry.progress.state == StepState::Waiting) entry.started = now;
  if (!is_over(entry.progress.state)) entry.ended = now;
  entry.progress = progress;
}

void ProgressView::print_message(const std::string& message) {
  const std::lock_guard<std::mutex> lock(mutex_);
  fmt::print(stderr, "{}{}\n", style_ == ProgressStyle::Live ? "\r\x1b[K" : "", message);
  num_lines_drawn_ = 0;
}

void ProgressView::print_until_ended() {
  const auto interval = style_ == ProgressStyle::Live ? std::chrono::milliseconds(kLiveInterval)
                                                      : std::chrono::milliseconds(kPlainInterval);
  std::unique_lock<std::mutex> lock(mutex_);
  while (!ended_changed_.wait_for(lock, interval, [this] { return is_ended_; })) {
    if (style_ == ProgressStyle::Live) {
      print_live();
    } else {
      print_plain(/*is_last=*/false);
    }
  }
  if (style_ == ProgressStyle::Live) {
    print_live();
  } else {
    print_plain(/*is_last=*/true);
  }
}

// "08-filter  ####......  1200/4000  30%  kept 900  rejected 300  350/s  0:12 left"
std::string ProgressView::line_of(size_t step, Clock::time_point now) const {
  const Entry& entry = entries_[step];
  const StepProgress& progress = entry.progress;
  std::string line = fmt::format("{:<24} ", folders_[step]);
  if (progress.state == StepState::Waiting) return line + "waiting";
  const bool is_done = is_over(progress.state);
  const std::chrono::duration<double> elapsed = (is_done ? entry.ended : now) - entry.started;
  if (!is_done) line += bar_of(progress) + " ";
  if (progress.num_done > 0 || !is_done) line += format_count(progress.num_done);
  if (!is_done && progress.num_total >= 0) line += "/" + format_count(progress.num_total);
  if (progress.num_kept + progress.num_rejected > 0) {
    line += fmt::format("  kept {}  rejected {}", format_count(progress.num_kept),
                        format_count(progress.num_rejected));
  }
  const int64_t num_made = progress.num_done - progress.num_reused;
  if (progress.is_reused) return line + "  done before";
  const double rate = static_cast<double>(num_made) / std::max(elapsed.count(), 0.001);
  if (num_made > 0 && progress.note.empty()) line += fmt::format("  {:.3g}/s", rate);
  if (!progress.note.empty()) line += "  " + progress.note;
  if (is_done)
    return line + fmt::format("  {} {}", word_of(progress.state), format_seconds(elapsed.count()));
  if (num_made > 0 && progress.num_total > progress.num_done) {
    const double left = static_cast<double>(progress.num_total - progress.num_done) / rate;
    line += fmt::format("  {} left", format_seconds(left));
  }
  return line;
}

void ProgressView::print_live() {
  const Clock::time_point now = Clock::now();
  const auto width = static_cast<size_t>(terminal_width() - 1);
  std::string text;
  if (num_lines_drawn_ > 0) text += fmt::format("\x1b[{}A", num_lines_drawn_);
  num_lines_drawn_ = 0;
  for (size_t i = 0; i < entries_.size(); ++i) {
    text += line_of(i, now).substr(0, width) + "\x1b[K\n";
    ++num_lines_drawn_;
  }
  fmt::print(stderr, "{}", text);
}

// A step's line when it ended, and those of running steps that moved.
void ProgressView::print_plain(bool is_last) {
  const Clock::time_point now = Clock::now();
  for (size_t i = 0; i < entries_.size(); ++i) {
    Entry& entry = entries_[i];
    const bool has_ended = is_over(entry.progress.state);
    const bool is_new = has_ended ? !entry.is_shown
                                  : !is_last && entry.progress.state == StepState::Running &&
                                        entry.progress.num_done != entry.shown_done;
    if (!is_new) continue;
    entry.is_shown = has_ended;
    entry.shown_done = entry.progress.num_done;
    fmt::print(stderr, "{}\n", line_of(i, now));
  }
}

}  // namespace caco
