#include "caco/sandbox_service/metrics.h"

#include <gtest/gtest.h>

namespace caco {
namespace {

TEST(Metrics, CountsAndWritesWhatPrometheusReads) {
  ServiceMetrics metrics;
  RunReport report;
  report.execution.verdict = ExecutionVerdict::CpuTimeLimit;
  report.cpu_us = 1'500'000;
  report.wall_us = 2'000'000;
  metrics.count_run(report, 0.0002);
  metrics.count_request("/run_code", 200, 2.1);
  metrics.count_request("/run_code", 200, 100);
  metrics.count_turned_away("queue_full");
  metrics.count_failure();
  ServiceMetrics::Gauges gauges;
  gauges.num_waiting = 7;
  const std::string text = metrics.to_text(gauges);
  for (const char* line :
       {"caco_sandbox_requests_total{route=\"/run_code\",status=\"200\"} 2\n",
        "caco_sandbox_turned_away_total{reason=\"queue_full\"} 1\n",
        "caco_sandbox_runs_total{verdict=\"cpu_time_limit\"} 1\n",
        "caco_sandbox_runs_total{verdict=\"ok\"} 0\n", "caco_sandbox_failures_total 1\n",
        "caco_sandbox_cpu_seconds_total 1.5\n", "caco_sandbox_run_seconds_bucket{le=\"1\"} 0\n",
        "caco_sandbox_run_seconds_bucket{le=\"2.5\"} 1\n",
        "caco_sandbox_run_seconds_bucket{le=\"+Inf\"} 1\n", "caco_sandbox_run_seconds_sum 2\n",
        "caco_sandbox_request_seconds_bucket{le=\"30\"} 1\n",
        "caco_sandbox_request_seconds_count 2\n",
        "caco_sandbox_wait_seconds_bucket{le=\"0.001\"} 1\n", "caco_sandbox_queue_depth 7\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
}

}  // namespace
}  // namespace caco
