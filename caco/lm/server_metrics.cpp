// Metrics of the server; see server_metrics.h.
#include "caco/lm/server_metrics.h"

#include <algorithm>
#include <cstdio>

namespace caco::lm {
namespace {

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.15g", value);
  return text;
}

// Escapes what the format does not allow in a label's value.
std::string label_value(const std::string& value) {
  std::string result;
  for (char character : value) {
    if (character == '\\' || character == '"') result += '\\';
    if (character == '\n') {
      result += "\\n";
    } else {
      result += character;
    }
  }
  return result;
}

void head(std::string& text, const std::string& name, const char* type, const char* help) {
  text += "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
}

void sample(std::string& text, const std::string& name, const std::string& labels,
            const std::string& value) {
  text += name + "{" + labels + "} " + value + "\n";
}

void metric(std::string& text, const std::string& name, const std::string& labels, const char* type,
            double value, const char* help) {
  head(text, name, type, help);
  sample(text, name, labels, number(value));
}

// 1, 2, 5, 10, 20, 50 ... up to the context of large models.
std::vector<double> token_bounds() {
  std::vector<double> bounds;
  for (double decade = 1; decade <= 10000; decade *= 10) {
    for (double step : {1.0, 2.0, 5.0})
      bounds.push_back(decade * step);
  }
  return bounds;
}

}  // namespace

Histogram::Histogram(std::vector<double> bounds)
    : bounds_(std::move(bounds)), counts_(bounds_.size() + 1) {}

void Histogram::add(double value) {
  const auto bound = std::lower_bound(bounds_.begin(), bounds_.end(), value);
  ++counts_[static_cast<size_t>(bound - bounds_.begin())];
  sum_ += value;
}

void Histogram::write(const std::string& name, const std::string& label, const char* help,
                      std::string& text) const {
  head(text, name, "histogram", help);
  int64_t total = 0;
  for (size_t i = 0; i < counts_.size(); ++i) {
    total += counts_[i];
    const std::string bound = i < bounds_.size() ? number(bounds_[i]) : "+Inf";
    sample(text, name + "_bucket", label + ",le=\"" + bound + "\"", std::to_string(total));
  }
  sample(text, name + "_sum", label, number(sum_));
  sample(text, name + "_count", label, std::to_string(total));
}

ServerMetrics::ServerMetrics(const std::string& model_name)
    : label_("model_name=\"" + label_value(model_name) + "\""),
      seconds_({0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960}),
      first_token_seconds_({0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1,
                            2.5, 5, 7.5, 10, 20, 40, 80}),
      seconds_per_token_({0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4,
                          0.5, 0.75, 1, 2.5}),
      prompt_tokens_(token_bounds()),
      reply_tokens_(token_bounds()) {}

void ServerMetrics::count_request(const FinishedRequest& request) {
  const std::lock_guard<std::mutex> lock(mutex_);
  num_prompt_tokens_ += request.num_prompt_tokens;
  num_reply_tokens_ += request.num_reply_tokens;
  for (const std::string& reason : request.finish_reasons)
    ++finished_[reason];
  seconds_.add(request.seconds);
  prompt_tokens_.add(static_cast<double>(request.num_prompt_tokens));
  reply_tokens_.add(static_cast<double>(request.num_reply_tokens));
  if (request.first_token_seconds < 0) return;
  first_token_seconds_.add(request.first_token_seconds);
  if (request.num_reply_tokens < 2) return;
  seconds_per_token_.add((request.seconds - request.first_token_seconds) /
                         static_cast<double>(request.num_reply_tokens - 1));
}

void ServerMetrics::count_answer(const std::string& route, int status) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++answered_[{route, status}];
}

std::string ServerMetrics::to_text(const ServerGauges& gauges) const {
  std::string text;
  metric(text, "vllm:num_requests_running", label_, "gauge",
         static_cast<double>(gauges.num_running), "Replies that grow now.");
  metric(text, "vllm:num_requests_waiting", label_, "gauge",
         static_cast<double>(gauges.num_waiting), "Replies that wait for a slot.");
  const double usage = gauges.max_running > 0 ? static_cast<double>(gauges.num_running) /
                                                    static_cast<double>(gauges.max_running)
                                              : 0.0;
  metric(text, "vllm:kv_cache_usage_perc", label_, "gauge", usage,
         "Share of the slots of keys and values that are taken; 1 is all.");
  metric(text, "caco_lm:uptime_seconds", label_, "gauge", gauges.uptime_seconds,
         "Seconds since the server began.");
  const std::lock_guard<std::mutex> lock(mutex_);
  metric(text, "vllm:prompt_tokens_total", label_, "counter",
         static_cast<double>(num_prompt_tokens_), "Prompt tokens of finished requests.");
  metric(text, "vllm:generation_tokens_total", label_, "counter",
         static_cast<double>(num_reply_tokens_), "Generated tokens of finished requests.");
  head(text, "vllm:request_success_total", "counter", "Finished choices by reason.");
  for (const auto& [reason, count] : finished_) {
    sample(text, "vllm:request_success_total", label_ + ",finished_reason=\"" + reason + "\"",
           std::to_string(count));
  }
  head(text, "caco_lm:http_requests_total", "counter", "Answers by route and status.");
  for (const auto& [key, count] : answered_) {
    sample(text, "caco_lm:http_requests_total",
           label_ + ",route=\"" + key.first + "\",status=\"" + std::to_string(key.second) + "\"",
           std::to_string(count));
  }
  seconds_.write("vllm:e2e_request_latency_seconds", label_, "Seconds of a request.", text);
  first_token_seconds_.write("vllm:time_to_first_token_seconds", label_,
                             "Seconds to the first text of a stream.", text);
  seconds_per_token_.write("vllm:request_time_per_output_token_seconds", label_,
                           "Seconds a token after the first text of a stream.", text);
  prompt_tokens_.write("vllm:request_prompt_tokens", label_, "Prompt tokens of a request.", text);
  reply_tokens_.write("vllm:request_generation_tokens", label_, "Generated tokens of a request.",
                      text);
  return text;
}

}  // namespace caco::lm
