#include "caco/sandbox_service/metrics.h"

#include <algorithm>
#include <cstdio>

namespace caco {
namespace {

std::string number(double value) {
  char text[32];
  snprintf(text, sizeof(text), "%.9g", value);
  return text;
}

void head(std::string& text, const std::string& name, const char* type, const char* help) {
  text += "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
}

void gauge(std::string& text, const std::string& name, const char* help, double value) {
  head(text, name, "gauge", help);
  text += name + " " + number(value) + "\n";
}

}  // namespace

void DurationHistogram::add(double seconds) {
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  ++counts_[static_cast<size_t>(bound - kBounds.begin())];
  sum_us_ += static_cast<int64_t>(seconds * 1e6);
}

void DurationHistogram::write(const std::string& name, std::string& text) const {
  int64_t total = 0;
  for (size_t i = 0; i < counts_.size(); ++i) {
    total += counts_[i];
    const std::string bound = i < kBounds.size() ? number(kBounds[i]) : "+Inf";
    text += name + "_bucket{le=\"" + bound + "\"} " + std::to_string(total) + "\n";
  }
  text += name + "_sum " + number(static_cast<double>(sum_us_) / 1e6) + "\n";
  text += name + "_count " + std::to_string(total) + "\n";
}

void ServiceMetrics::count_request(const std::string& route, int status, double seconds) {
  request_seconds_.add(seconds);
  const std::lock_guard<std::mutex> lock(mutex_);
  ++requests_[{route, status}];
}

void ServiceMetrics::count_run(const RunReport& report, double waited_seconds) {
  ++verdicts_[static_cast<size_t>(report.execution.verdict)];
  cpu_us_ += report.cpu_us;
  wait_seconds_.add(waited_seconds);
  run_seconds_.add(static_cast<double>(report.wall_us) / 1e6);
}

void ServiceMetrics::count_failure() {
  ++failures_;
}

void ServiceMetrics::count_turned_away(const std::string& reason) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++turned_away_[reason];
}

std::string ServiceMetrics::to_text(const Gauges& gauges) const {
  std::string text;
  head(text, "caco_sandbox_requests_total", "counter", "Requests answered, by route and status.");
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& [key, count] : requests_) {
      text += "caco_sandbox_requests_total{route=\"" + key.first + "\",status=\"" +
              std::to_string(key.second) + "\"} " + std::to_string(count) + "\n";
    }
    head(text, "caco_sandbox_turned_away_total", "counter", "Programs not run, by reason.");
    for (const auto& [reason, count] : turned_away_) {
      text += "caco_sandbox_turned_away_total{reason=\"" + reason + "\"} " + std::to_string(count) +
              "\n";
    }
  }
  head(text, "caco_sandbox_runs_total", "counter", "Programs run, by verdict.");
  for (size_t i = 0; i < verdicts_.size(); ++i) {
    text += "caco_sandbox_runs_total{verdict=\"" +
            std::string(to_string(static_cast<ExecutionVerdict>(i))) + "\"} " +
            std::to_string(verdicts_[i]) + "\n";
  }
  head(text, "caco_sandbox_failures_total", "counter", "Runs that failed for the sandbox's fault.");
  text += "caco_sandbox_failures_total " + std::to_string(failures_) + "\n";
  head(text, "caco_sandbox_cpu_seconds_total", "counter", "CPU time of the programs.");
  text += "caco_sandbox_cpu_seconds_total " + number(static_cast<double>(cpu_us_) / 1e6) + "\n";
  head(text, "caco_sandbox_request_seconds", "histogram", "From request to answer.");
  request_seconds_.write("caco_sandbox_request_seconds", text);
  head(text, "caco_sandbox_wait_seconds", "histogram", "Waiting for a worker.");
  wait_seconds_.write("caco_sandbox_wait_seconds", text);
  head(text, "caco_sandbox_run_seconds", "histogram", "Wall time of the programs.");
  run_seconds_.write("caco_sandbox_run_seconds", text);
  gauge(text, "caco_sandbox_workers", "Programs that run at the same time, at most.",
        static_cast<double>(gauges.num_workers));
  gauge(text, "caco_sandbox_running", "Programs that run now.",
        static_cast<double>(gauges.num_running));
  gauge(text, "caco_sandbox_queue_depth", "Programs that wait now.",
        static_cast<double>(gauges.num_waiting));
  gauge(text, "caco_sandbox_queue_limit", "Programs that may wait.",
        static_cast<double>(gauges.max_waiting));
  gauge(text, "caco_sandbox_connections", "Connections that are open now.",
        static_cast<double>(gauges.num_connections));
  gauge(text, "caco_sandbox_uptime_seconds", "Since the server started.", gauges.uptime_seconds);
  return text;
}

}  // namespace caco
