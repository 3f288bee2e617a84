// Metrics: what the service counts, and its text form for Prometheus (exposition format 0.0.4).
//
// Thread-safe; counting is a few atomic additions.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "caco/sandbox/run_request.h"

namespace caco {

// Durations, counted by upper bound.
class DurationHistogram {
 public:
  void add(double seconds);
  // Appends the samples of a histogram of this name.
  void write(const std::string& name, std::string& text) const;

 private:
  static constexpr std::array<double, 14> kBounds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                     0.25,  0.5,    1,     2.5,  5,     10,   30};
  std::array<std::atomic<int64_t>, kBounds.size() + 1> counts_{};
  std::atomic<int64_t> sum_us_{0};
};

class ServiceMetrics {
 public:
  void count_request(const std::string& route, int status, double seconds);
  void count_run(const RunReport& report, double waited_seconds);
  void count_failure();
  // `reason`: queue_full, stopping, client_gone, too_late, connections
  void count_turned_away(const std::string& reason);

  // What is true now rather than counted.
  struct Gauges {
    int64_t num_workers = 0;
    int64_t num_running = 0;
    int64_t num_waiting = 0;
    int64_t max_waiting = 0;
    int64_t num_connections = 0;
    double uptime_seconds = 0;
  };
  std::string to_text(const Gauges& gauges) const;

 private:
  static constexpr size_t kNumVerdicts = static_cast<size_t>(ExecutionVerdict::Protocol) + 1;

  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, int64_t> requests_;  // by route and status
  std::map<std::string, int64_t> turned_away_;
  std::array<std::atomic<int64_t>, kNumVerdicts> verdicts_{};
  std::atomic<int64_t> failures_{0};
  std::atomic<int64_t> cpu_us_{0};
  DurationHistogram request_seconds_;
  DurationHistogram wait_seconds_;
  DurationHistogram run_seconds_;
};

}  // namespace caco
