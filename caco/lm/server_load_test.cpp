// Many requests at once, clients that go, servers that stop.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "caco/lm/server_fixture.h"

namespace caco::lm {
namespace {

TEST_F(ServerTest, ClientsThatGoAreForgotten) {
  for (const bool is_streamed : {false, true}) {
    const Json body = {{"prompt", "the"},    {"max_tokens", 4000},       {"n", 90},
                       {"ignore_eos", true}, {"repetition_stop", false}, {"stream", is_streamed}};
    HttpTestClient http(port());
    std::thread poster([&] { (void)http.post("/v1/completions", dump_json(body)); });
    wait_until_busy();
    EXPECT_GT(engine_->num_unfinished(), 0);  // not yet at its end by itself
    http.abort();
    poster.join();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (engine_->num_unfinished() > 0 && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    EXPECT_EQ(engine_->num_unfinished(), 0) << is_streamed;
  }
}

TEST_F(ServerTest, ManyClientsAtOnce) {
  std::vector<std::thread> threads;
  std::vector<int> statuses(60);
  for (size_t i = 0; i < statuses.size(); ++i) {
    threads.emplace_back([&, i] {
      const Json body = {{"prompt", "the cat"}, {"max_tokens", 10}, {"seed", i}};
      statuses[i] = answer_to("/v1/completions", body).status;
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  for (int status : statuses)
    EXPECT_EQ(status, 200);
}

// A request is answered with the same bytes alone and while the batch is full of others.
TEST_F(ServerTest, RepliesDoNotDependOnTheBatch) {
  const Json body = {{"prompt", "the cat"},
                     {"max_tokens", 40},
                     {"n", 3},
                     {"seed", 11},
                     {"logprobs", 2},
                     {"temperature", 1.3},
                     {"frequency_penalty", 0.5},
                     {"repetition_penalty", 1.2}};
  const Json alone = post("/v1/completions", body, 200)["choices"];
  HttpTestClient other(port());
  std::thread load([&] {
    (void)other.post("/v1/completions", dump_json({{"prompt", "and the dog"},
                                                   {"max_tokens", 4000},
                                                   {"n", 90},
                                                   {"ignore_eos", true},
                                                   {"repetition_stop", false}}));
  });
  wait_until_busy();
  // It waits for its turn behind the others; aborting them lets it in beside what is left.
  Json beside;
  std::thread asker([&] { beside = post("/v1/completions", body, 200)["choices"]; });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  other.abort();
  load.join();
  asker.join();
  EXPECT_EQ(beside, alone);
}

TEST_F(ServerTest, StopLetsRequestsFinish) {
  HttpAnswer answer;
  std::thread poster([&] {
    answer = answer_to("/v1/completions",
                       {{"prompt", "the"}, {"max_tokens", 300}, {"n", 20}, {"seed", 1}});
  });
  wait_until_busy();
  server().stop(/*grace_ms=*/60'000);
  poster.join();
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.is_complete);
  EXPECT_TRUE(parse_json(answer.body).ok());
}

// However soon after its start a server is stopped, it ends.
TEST_F(ServerTest, StopsWhileItStarts) {
  ServerOptions options;
  options.model_name = "small";
  options.num_http_threads = 2;
  for (int i = 0; i < 50; ++i) {
    const std::unique_ptr<Server> brief = Server::create(*engine_, options).value();
    std::thread thread([&] { brief->run(); });
    if (i % 2 == 0) std::this_thread::sleep_for(std::chrono::microseconds(20 * i));
    brief->stop(/*grace_ms=*/0);
    thread.join();
  }
}

// New requests are refused while one is finishing, and one that takes too long is broken off: a
// stream with an error that clients raise.
TEST_F(ServerTest, StopRefusesAndGivesUp) {
  HttpAnswer streamed;
  std::thread poster([&] {
    streamed = answer_to("/v1/completions", {{"prompt", "the"},
                                             {"max_tokens", 4000},
                                             {"n", 90},
                                             {"ignore_eos", true},
                                             {"repetition_stop", false},
                                             {"stream", true}});
  });
  wait_until_busy();
  HttpTestClient early(port());  // connected before: the socket closes at the end
  std::thread stopper([&] { server().stop(/*grace_ms=*/700); });
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const HttpAnswer refused = early.post("/v1/completions", R"({"prompt":"a"})");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.headers.at("retry-after"), "1");
  EXPECT_EQ(get("/health").status, 503);
  stopper.join();
  poster.join();
  EXPECT_EQ(streamed.status, 200);
  EXPECT_NE(streamed.body.find("data: {\"error\""), std::string::npos);
  EXPECT_EQ(streamed.body.find("[DONE]"), std::string::npos);
}

}  // namespace
}  // namespace caco::lm
