// Metrics of the server, as text for Prometheus (exposition format 0.0.4).
//
// Names, kinds and buckets are vLLM's where vLLM has the metric ("vllm:num_requests_running" ...),
// so that dashboards made for it show this server too; the others begin with "caco_lm:". All carry
// the label model_name. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace caco::lm {

// What is known of a finished request. Times in seconds.
struct FinishedRequest {
  int64_t num_prompt_tokens = 0;
  int64_t num_reply_tokens = 0;
  std::vector<std::string> finish_reasons;  // one a choice; "abort": its client has gone
  double seconds = 0;                       // from its arrival to its last byte
  double first_token_seconds = -1;          // to the first text of a stream; negative: not streamed
};

// What is true now rather than counted.
struct ServerGauges {
  int64_t num_running = 0;  // replies that grow
  int64_t num_waiting = 0;  // replies that wait for a slot
  int64_t max_running = 0;
  double uptime_seconds = 0;
};

class Histogram {
 public:
  explicit Histogram(std::vector<double> bounds);
  void add(double value);
  void write(const std::string& name, const std::string& label, const char* help,
             std::string& text) const;

 private:
  std::vector<double> bounds_;  // ascending; a last bucket has none
  std::vector<int64_t> counts_;
  double sum_ = 0;
};

class ServerMetrics {
 public:
  explicit ServerMetrics(const std::string& model_name);

  void count_request(const FinishedRequest& request);
  // Of every answer, by route and status.
  void count_answer(const std::string& route, int status);

  std::string to_text(const ServerGauges& gauges) const;

 private:
  const std::string label_;  // model_name="..."

  mutable std::mutex mutex_;  // protects all below
  int64_t num_prompt_tokens_ = 0;
  int64_t num_reply_tokens_ = 0;
  std::map<std::string, int64_t> finished_;                  // choices by finish reason
  std::map<std::pair<std::string, int>, int64_t> answered_;  // by route and status
  Histogram seconds_;
  Histogram first_token_seconds_;
  Histogram seconds_per_token_;
  Histogram prompt_tokens_;
  Histogram reply_tokens_;
};

}  // namespace caco::lm
