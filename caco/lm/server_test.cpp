#include "caco/lm/server.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "caco/base/json.h"
#include "caco/lm/small_model.h"

namespace caco::lm {
namespace {

constexpr const char* kJson = "application/json";

class ServerTest : public testing::Test {
 protected:
  ServerTest()
      : model_(DecodeModel::create(random_checkpoint(config(), 31, 2.0)).value()),
        tokenizer_(small_tokenizer()) {
    DecodeEngineOptions options;
    options.max_batch = 8;
    options.max_queue = 100;
    engine_ = DecodeEngine::create(model_, tokenizer_, options).value();
    ServerOptions server;
    server.model_name = "small";
    server.num_http_threads = 64;
    server_ = Server::create(*engine_, server).value();
    thread_ = std::thread([this] { server_->run(); });
  }

  ~ServerTest() override {
    server_->stop(/*grace_ms=*/0);
    thread_.join();
  }

  static ModelConfig config() {
    ModelConfig result = small_config();
    result.max_position_embeddings = 4096;  // long replies, for requests that are given up
    return result;
  }

  httplib::Client client() const {
    httplib::Client result("127.0.0.1", static_cast<int>(server_->port()));
    result.set_read_timeout(20);
    return result;
  }

  // Posts a body and returns the reply; checks its status.
  Json post(const std::string& path, const Json& body, int status) const {
    httplib::Result result = client().Post(path, dump_json(body), kJson);
    EXPECT_TRUE(result) << httplib::to_string(result.error());
    if (!result) return {};
    EXPECT_EQ(result->status, status) << result->body;
    Result<Json> reply = parse_json(result->body);
    EXPECT_TRUE(reply.ok()) << result->body;
    return reply.ok() ? reply.value() : Json();
  }

  // Posts a body and returns the data of the events.
  std::vector<std::string> events(const std::string& path, const Json& body) const {
    httplib::Result result = client().Post(path, dump_json(body), kJson);
    EXPECT_TRUE(result);
    EXPECT_EQ(result->get_header_value("Content-Type"), "text/event-stream");
    std::vector<std::string> data;
    std::string rest = result->body;
    for (size_t end = 0; (end = rest.find("\n\n")) != std::string::npos; rest.erase(0, end + 2)) {
      EXPECT_TRUE(rest.starts_with("data: "));
      data.push_back(rest.substr(6, end - 6));
    }
    EXPECT_EQ(rest, "");
    return data;
  }

  DecodeModel model_;
  Tokenizer tokenizer_;
  std::unique_ptr<DecodeEngine> engine_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

TEST_F(ServerTest, HealthModelsAndUnknownPaths) {
  httplib::Client http = client();
  EXPECT_EQ(http.Get("/health")->status, 200);
  const Json models = parse_json(http.Get("/v1/models")->body).value();
  EXPECT_EQ(models["data"][0]["id"], "small");
  EXPECT_EQ(models["data"][0]["max_model_len"], 4096);
  const httplib::Result missing = http.Get("/v1/nothing");
  EXPECT_EQ(missing->status, 404);
  EXPECT_TRUE(parse_json(missing->body).value()["error"]["message"].is_string());
}

TEST_F(ServerTest, Completions) {
  const Json body = {{"model", "small"}, {"prompt", "the cat"}, {"max_tokens", 12},  {"n", 3},
                     {"seed", 7},        {"top_k", -1},         {"temperature", 1.0}};
  const Json reply = post("/v1/completions", body, 200);
  EXPECT_EQ(reply["object"], "text_completion");
  ASSERT_EQ(reply["choices"].size(), 3);
  int64_t num_tokens = 0;
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(reply["choices"][i]["index"], i);
    EXPECT_TRUE(reply["choices"][i]["text"].is_string());
    EXPECT_TRUE(reply["choices"][i]["logprobs"].is_null());
    const std::string reason = reply["choices"][i]["finish_reason"];
    EXPECT_TRUE(reason == "length" || reason == "stop") << reason;
    num_tokens += reason == "length" ? 12 : 1;
  }
  EXPECT_GE(reply["usage"]["completion_tokens"], num_tokens);
  EXPECT_EQ(reply["usage"]["prompt_tokens"],
            tokenizer_.encode("the cat", SpecialTokens::Parse).size());
  // The same seed gives the same replies.
  EXPECT_EQ(post("/v1/completions", body, 200)["choices"], reply["choices"]);

  // The same prompt as ids, and several prompts at once.
  Json by_ids = body;
  by_ids["prompt"] = tokenizer_.encode("the cat", SpecialTokens::Parse);
  EXPECT_EQ(post("/v1/completions", by_ids, 200)["choices"], reply["choices"]);
  Json several = body;
  several["prompt"] = {"the cat", "a dog"};
  const Json six = post("/v1/completions", several, 200);
  ASSERT_EQ(six["choices"].size(), 6);
  for (size_t i = 0; i < 3; ++i)
    EXPECT_EQ(six["choices"][i], reply["choices"][i]);
}

TEST_F(ServerTest, LogprobsAndEcho) {
  const Json reply = post(
      "/v1/completions", {{"prompt", "the"}, {"max_tokens", 5}, {"logprobs", 2}, {"seed", 1}}, 200);
  const Json& logprobs = reply["choices"][0]["logprobs"];
  const size_t count = logprobs["tokens"].size();
  EXPECT_EQ(logprobs["token_logprobs"].size(), count);
  EXPECT_EQ(logprobs["top_logprobs"].size(), count);
  EXPECT_EQ(logprobs["text_offset"].size(), count);
  EXPECT_LE(logprobs["token_logprobs"][0], 0.0);

  const Json chat = post("/v1/chat/completions",
                         {{"messages", {{{"role", "user"}, {"content", "the cat"}}}},
                          {"max_tokens", 5},
                          {"logprobs", true},
                          {"top_logprobs", 3},
                          {"seed", 1}},
                         200);
  EXPECT_EQ(chat["choices"][0]["logprobs"]["content"][0]["top_logprobs"].size(), 3);

  const Json echo =
      post("/v1/completions", {{"prompt", "the cat"}, {"max_tokens", 3}, {"echo", true}}, 200);
  EXPECT_TRUE(echo["choices"][0]["text"].get<std::string>().starts_with("the cat"));
}

TEST_F(ServerTest, StreamsAreTheReply) {
  for (const bool is_chat : {false, true}) {
    Json body = {{"max_tokens", 20}, {"n", 2}, {"seed", 3}, {"logprobs", nullptr}};
    if (is_chat) {
      body["messages"] = {
          {{"role", "system"}, {"content", "be"}},
          {{"role", "user"}, {"content", Json::array({{{"type", "text"}, {"text", "the cat"}}})}}};
    } else {
      body["prompt"] = "the cat";
    }
    const std::string path = is_chat ? "/v1/chat/completions" : "/v1/completions";
    const Json whole = post(path, body, 200);
    body["stream"] = true;
    body["stream_options"] = {{"include_usage", true}};
    const std::vector<std::string> data = events(path, body);
    ASSERT_GE(data.size(), 4);
    EXPECT_EQ(data.back(), "[DONE]");
    std::vector<std::string> texts(2);
    std::vector<std::string> reasons(2);
    Json usage;
    for (size_t i = 0; i + 1 < data.size(); ++i) {
      const Json event = parse_json(data[i]).value();
      if (event.contains("usage")) usage = event["usage"];
      for (const Json& choice : event["choices"]) {
        const size_t index = choice["index"];
        const Json& text = is_chat ? choice["delta"].value("content", Json("")) : choice["text"];
        texts[index] += text.get<std::string>();
        if (choice["finish_reason"].is_string()) reasons[index] = choice["finish_reason"];
      }
    }
    EXPECT_EQ(usage, whole["usage"]);
    for (size_t i = 0; i < 2; ++i) {
      const Json& choice = whole["choices"][i];
      EXPECT_EQ(texts[i], is_chat ? choice["message"]["content"] : choice["text"]);
      EXPECT_EQ(reasons[i], choice["finish_reason"]);
    }
  }
}

TEST_F(ServerTest, ContentOfMessagesCannotBeSpecial) {
  const Json tokens = post("/tokenize", {{"prompt", "a<|im_end|>"}}, 200);
  EXPECT_EQ(tokens["count"], 2);
  EXPECT_EQ(post("/detokenize", {{"tokens", tokens["tokens"]}}, 200)["prompt"], "a<|im_end|>");
  EXPECT_GT(post("/tokenize", {{"prompt", "a<|im_end|>"}, {"parse_special", false}}, 200)["count"],
            2);
  const auto prompt_tokens = [&](const std::string& content) {
    return post("/v1/chat/completions",
                {{"messages", {{{"role", "user"}, {"content", content}}}}, {"max_tokens", 1}},
                200)["usage"]["prompt_tokens"]
        .get<int64_t>();
  };
  EXPECT_GT(prompt_tokens("<|im_end|>"), prompt_tokens("a") + 2);
}

TEST_F(ServerTest, BadRequestsAreNamed) {
  const Json messages = {{{"role", "user"}, {"content", "hi"}}};
  struct Row {
    const char* path;
    Json body;
    const char* message;
  };
  const char* kCompletions = "/v1/completions";
  const char* kChat = "/v1/chat/completions";
  const Row rows[] = {
      {kCompletions, Json::array(), "no JSON object"},
      {kCompletions, {{"max_tokens", 3}}, "prompt is missing"},
      {kCompletions, {{"prompt", ""}}, "prompt is empty"},
      {kCompletions, {{"prompt", 5}}, "prompt is no text"},
      {kCompletions, {{"prompt", {1, "a"}}}, "no token id"},
      {kCompletions, {{"prompt", {1000}}}, "outside the vocabulary"},
      {kCompletions, {{"prompt", "a"}, {"max_tokens", 0}}, "max_tokens"},
      {kCompletions, {{"prompt", "a"}, {"max_tokens", "x"}}, "max_tokens"},
      {kCompletions, {{"prompt", "a"}, {"n", 0}}, "n is not"},
      {kCompletions, {{"prompt", "a"}, {"temperature", -1}}, "temperature"},
      {kCompletions, {{"prompt", "a"}, {"top_p", 0}}, "top_p"},
      {kCompletions, {{"prompt", "a"}, {"seed", "x"}}, "seed"},
      {kCompletions, {{"prompt", "a"}, {"stop", 5}}, "stop"},
      {kCompletions, {{"prompt", "a"}, {"presence_penalty", 1}}, "presence_penalty"},
      {kCompletions, {{"prompt", "a"}, {"logprobs", 100}}, "logprobs"},
      {kChat, {{"max_tokens", 3}}, "messages"},
      {kChat, {{"messages", Json::array()}}, "messages is empty"},
      {kChat, {{"messages", {{{"role", "robot"}, {"content", "hi"}}}}}, "unknown role"},
      {kChat, {{"messages", {{{"role", "user"}, {"content", 5}}}}}, "content"},
      {kChat, {{"messages", messages}, {"logit_bias", {{"5", 1}}}}, "logit_bias"},
      {"/tokenize", {{"text", "a"}}, "prompt is missing"},
      {"/detokenize", {{"tokens", {5000}}}, "not a token"},
  };
  for (const Row& row : rows) {
    const Json reply = post(row.path, row.body, 400);
    EXPECT_EQ(reply["error"]["type"], "invalid_request_error");
    EXPECT_NE(reply["error"]["message"].get<std::string>().find(row.message), std::string::npos)
        << reply["error"]["message"] << " for " << row.message;
  }
  const httplib::Result broken = client().Post("/v1/completions", "{", kJson);
  EXPECT_EQ(broken->status, 400);

  const Json long_prompt = std::vector<int32_t>(5000, 50);
  const Json reply = post("/v1/completions", {{"prompt", long_prompt}}, 400);
  EXPECT_EQ(reply["error"]["code"], "context_length_exceeded");
}

TEST_F(ServerTest, FullQueueAsksToRetry) {
  const httplib::Result result =
      client().Post("/v1/completions", R"({"prompt":"a","n":101})", kJson);
  EXPECT_EQ(result->status, 429);
  EXPECT_EQ(result->get_header_value("Retry-After"), "1");
  EXPECT_EQ(parse_json(result->body).value()["error"]["code"], "rate_limit_exceeded");
}

TEST_F(ServerTest, ClientsThatGoAreForgotten) {
  for (const bool is_streamed : {false, true}) {
    // The most likely tokens of this model go in circles and never end by themselves.
    const Json body = {{"prompt", "the"},  {"max_tokens", 4000},       {"n", 90},
                       {"temperature", 0}, {"repetition_stop", false}, {"stream", is_streamed}};
    httplib::Client http = client();
    std::thread poster([&] { (void)http.Post("/v1/completions", dump_json(body), kJson); });
    while (engine_->num_unfinished() == 0)
      std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_GT(engine_->num_unfinished(), 0);  // not yet at its end by itself
    http.stop();
    poster.join();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(3);
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
      const httplib::Result result = client().Post("/v1/completions", dump_json(body), kJson);
      statuses[i] = result ? result->status : -1;
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  for (int status : statuses)
    EXPECT_EQ(status, 200);
}

TEST_F(ServerTest, StopLetsRequestsFinish) {
  int status = 0;
  std::string text;
  std::thread poster([&] {
    const Json body = {{"prompt", "the"}, {"max_tokens", 300}, {"n", 20}, {"seed", 1}};
    const httplib::Result result = client().Post("/v1/completions", dump_json(body), kJson);
    if (!result) return;
    status = result->status;
    text = result->body;
  });
  while (engine_->num_unfinished() == 0)
    std::this_thread::yield();
  server_->stop(/*grace_ms=*/20'000);
  poster.join();
  EXPECT_EQ(status, 200);
  EXPECT_TRUE(parse_json(text).ok());
}

}  // namespace
}  // namespace caco::lm
