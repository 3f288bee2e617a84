// A running server over a small random model, for the tests of the HTTP interface.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "caco/base/json.h"
#include "caco/lm/decode_engine.h"
#include "caco/lm/decode_model.h"
#include "caco/lm/http_test_client.h"
#include "caco/lm/server.h"
#include "caco/lm/small_model.h"

namespace caco::lm {

// A server on a thread of its own, until the object goes.
class RunningServer {
 public:
  // `engine` must outlive the object.
  RunningServer(DecodeEngine& engine, ServerOptions options) {
    options.model_name = "small";
    server_ = Server::create(engine, std::move(options)).value();
    thread_ = std::thread([this] { server_->run(); });
  }

  ~RunningServer() {
    server_->stop(/*grace_ms=*/0);
    thread_.join();
  }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  Server& server() const { return *server_; }
  int64_t port() const { return server_->port(); }

  HttpAnswer answer_to(const std::string& path, const Json& body) const {
    return HttpTestClient(port()).post(path, dump_json(body));
  }

  // Posts a body and returns the reply; checks its status.
  Json post(const std::string& path, const Json& body, int status) const {
    const HttpAnswer answer = answer_to(path, body);
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_TRUE(answer.is_complete);
    Result<Json> reply = parse_json(answer.body);
    EXPECT_TRUE(reply.ok()) << answer.body;
    return reply.ok() ? reply.value() : Json();
  }

 private:
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

class ServerTest : public testing::Test {
 protected:
  ServerTest()
      : model_(DecodeModel::create(random_checkpoint(config(), 31, 2.0)).value()),
        tokenizer_(small_tokenizer()),
        engine_(DecodeEngine::create(model_, tokenizer_, engine_options()).value()),
        running_(*engine_, {.num_http_threads = 64}) {}

  static ModelConfig config() {
    ModelConfig result = small_config();
    result.max_position_embeddings = 4096;  // long replies, for requests that are given up
    return result;
  }

  static DecodeEngineOptions engine_options() {
    DecodeEngineOptions options;
    options.max_batch = 8;
    options.max_queue = 100;
    return options;
  }

  Server& server() const { return running_.server(); }
  int64_t port() const { return running_.port(); }

  HttpAnswer get(const std::string& path, const HttpTestClient::Headers& headers = {}) const {
    return HttpTestClient(port()).get(path, headers);
  }

  HttpAnswer answer_to(const std::string& path, const Json& body) const {
    return running_.answer_to(path, body);
  }

  Json post(const std::string& path, const Json& body, int status) const {
    return running_.post(path, body, status);
  }

  // Posts a body and returns the data of the events.
  std::vector<std::string> events(const std::string& path, const Json& body) const {
    const HttpAnswer answer = answer_to(path, body);
    EXPECT_EQ(answer.headers.at("content-type"), "text/event-stream");
    std::vector<std::string> data;
    std::string rest = answer.body;
    for (size_t end = 0; (end = rest.find("\n\n")) != std::string::npos; rest.erase(0, end + 2)) {
      EXPECT_TRUE(rest.starts_with("data: "));
      data.push_back(rest.substr(6, end - 6));
    }
    EXPECT_EQ(rest, "");
    return data;
  }

  // Waits until the server works on something, at most five seconds; then goes on a little.
  void wait_until_busy() const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (engine_->num_unfinished() == 0 && std::chrono::steady_clock::now() < deadline)
      std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }

  DecodeModel model_;
  Tokenizer tokenizer_;
  std::unique_ptr<DecodeEngine> engine_;
  RunningServer running_;
};

}  // namespace caco::lm
