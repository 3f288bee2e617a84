// Shows how far a run is: lines that are redrawn on a terminal, plain lines every few seconds
// elsewhere. Thread-safe: report() may be called from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "caco/pipeline/board.h"

namespace caco {

enum class ProgressStyle { Quiet, Plain, Live };

class ProgressView {
 public:
  // Starts the thread that prints to stderr.
  ProgressView(std::vector<std::string> folders, ProgressStyle style);
  // Prints the last state.
  ~ProgressView();
  ProgressView(const ProgressView&) = delete;
  ProgressView& operator=(const ProgressView&) = delete;

  void report(int64_t step, const StepProgress& progress);

  // Prints a message without tearing the lines apart.
  void print_message(const std::string& message);

 private:
  using Clock = std::chrono::steady_clock;
  struct Entry {
    StepProgress progress;
    Clock::time_point started;
    Clock::time_point ended;
    bool is_shown = false;    // plain: its end was printed
    int64_t shown_done = -1;  // plain: num_done when it was last printed
  };

  void print_until_ended();
  void print_live();  // REQUIRES: mutex_ is held, as for all below
  void print_plain(bool is_last);
  std::string line_of(size_t step, Clock::time_point now) const;

  const std::vector<std::string> folders_;
  const ProgressStyle style_;
  std::mutex mutex_;
  std::condition_variable ended_changed_;
  std::vector<Entry> entries_;  // guarded by mutex_, as all below
  bool is_ended_ = false;
  int64_t num_lines_drawn_ = 0;
  std::thread printer_;
};

}  // namespace caco
