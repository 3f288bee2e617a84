// What all requests share: paths, ids, keys, metrics, limits.
#include "caco/lm/server.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include "caco/lm/server_fixture.h"

namespace caco::lm {
namespace {

TEST_F(ServerTest, HealthModelsAndUnknownPaths) {
  EXPECT_EQ(get("/health").status, 200);
  const Json models = parse_json(get("/v1/models").body).value();
  EXPECT_EQ(models["data"][0]["id"], "small");
  EXPECT_EQ(models["data"][0]["max_model_len"], 4096);
  EXPECT_EQ(parse_json(get("/v1/models/small").body).value(), models["data"][0]);
  struct Row {
    const char* path;
    int status;
    const char* code;
  };
  for (const Row& row : {Row{"/v1/nothing", 404, "unknown_url"}, Row{"/", 404, "unknown_url"},
                         Row{"/v1/models/large", 404, "model_not_found"},
                         Row{"/v1/completions", 405, "method_not_supported"}}) {
    const HttpAnswer answer = get(row.path);
    EXPECT_EQ(answer.status, row.status) << row.path;
    const Json error = parse_json(answer.body).value()["error"];
    EXPECT_EQ(error["code"], row.code);
    EXPECT_EQ(error["type"], "invalid_request_error");
    EXPECT_TRUE(error["message"].is_string());
  }
}

TEST_F(ServerTest, RequestIdsAreTheClientsOrNew) {
  EXPECT_EQ(get("/health", {{"X-Request-Id", "mine-7"}}).headers["x-request-id"], "mine-7");
  const std::string first = get("/health").headers["x-request-id"];
  EXPECT_TRUE(first.starts_with("req-")) << first;
  EXPECT_NE(get("/health").headers["x-request-id"], first);
  EXPECT_TRUE(get("/health", {{"X-Request-Id", std::string(500, 'x')}})
                  .headers["x-request-id"]
                  .starts_with("req-"));
}

TEST_F(ServerTest, ApiKeyGuardsAllButHealth) {
  ServerOptions options;
  options.num_http_threads = 4;
  options.api_key = "sesame";
  const RunningServer guarded(*engine_, options);
  const auto status = [&](const char* path, const char* authorization) {
    return HttpTestClient(guarded.port()).get(path, {{"Authorization", authorization}});
  };
  EXPECT_EQ(status("/v1/models", "Bearer sesame").status, 200);
  EXPECT_EQ(status("/health", "").status, 200);
  EXPECT_EQ(status("/metrics", "").status, 200);
  for (const char* wrong : {"", "sesame", "Bearer", "Bearer sesam", "Bearer sesame "}) {
    const HttpAnswer answer = status("/v1/models", wrong);
    const bool is_trimmed = answer.status == 200 && std::string(wrong) == "Bearer sesame ";
    if (is_trimmed) continue;  // spaces around a header's value are no part of it
    EXPECT_EQ(answer.status, 401) << wrong;
    EXPECT_EQ(parse_json(answer.body).value()["error"]["code"], "invalid_api_key");
  }
}

TEST_F(ServerTest, MetricsCountWhatWasDone) {
  post("/v1/completions", {{"prompt", "the cat"}, {"max_tokens", 5}, {"ignore_eos", true}}, 200);
  events("/v1/completions",
         {{"prompt", "the"}, {"max_tokens", 4}, {"ignore_eos", true}, {"stream", true}});
  post("/v1/completions", {{"prompt", 5}}, 400);
  // A finished exchange is counted when its connection has taken the last byte.
  std::string text;
  const std::string awaited = "generation_tokens_total{model_name=\"small\"} 9\n";
  for (int i = 0; i < 500 && text.find(awaited) == std::string::npos; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    text = get("/metrics").body;
  }
  for (const char* line :
       {"# TYPE vllm:generation_tokens_total counter\n",
        "vllm:generation_tokens_total{model_name=\"small\"} 9\n",
        "vllm:request_success_total{model_name=\"small\",finished_reason=\"length\"} 2\n",
        "vllm:num_requests_waiting{model_name=\"small\"} 0\n",
        "vllm:time_to_first_token_seconds_count{model_name=\"small\"} 1\n",
        "vllm:e2e_request_latency_seconds_bucket{model_name=\"small\",le=\"+Inf\"} 2\n",
        "route=\"/v1/completions\",status=\"400\"} 1\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << " in\n" << text;
  }
}

TEST_F(ServerTest, BodiesThatAreTooLarge) {
  ServerOptions options;
  options.num_http_threads = 4;
  options.max_body_bytes = 1000;
  const RunningServer narrow(*engine_, options);
  const Json body = {{"prompt", std::string(2000, 'a')}};
  const HttpAnswer answer = narrow.answer_to("/v1/completions", body);
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(parse_json(answer.body).value()["error"]["code"], "request_too_large");
}

TEST_F(ServerTest, FullQueueAsksToRetry) {
  const HttpAnswer answer = answer_to("/v1/completions", {{"prompt", "a"}, {"n", 101}});
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.headers.at("retry-after"), "1");
  EXPECT_EQ(parse_json(answer.body).value()["error"]["code"], "rate_limit_exceeded");
}

}  // namespace
}  // namespace caco::lm
