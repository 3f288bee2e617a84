#include "caco/lm/server.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "caco/base/json.h"
#include "caco/lm/http_test_client.h"
#include "caco/lm/small_model.h"

namespace caco::lm {
namespace {

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

  HttpAnswer get(const std::string& path, const HttpTestClient::Headers& headers = {}) const {
    return HttpTestClient(server_->port()).get(path, headers);
  }

  HttpAnswer answer_to(const std::string& path, const Json& body) const {
    return HttpTestClient(server_->port()).post(path, dump_json(body));
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
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

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
  options.model_name = "small";
  options.num_http_threads = 4;
  options.api_key = "sesame";
  const std::unique_ptr<Server> guarded = Server::create(*engine_, options).value();
  std::thread thread([&] { guarded->run(); });
  const auto status = [&](const char* path, const char* authorization) {
    return HttpTestClient(guarded->port()).get(path, {{"Authorization", authorization}});
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
  guarded->stop(/*grace_ms=*/0);
  thread.join();
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

// What a prompt's own tokens had for a chance: the same as when the reply says them.
TEST_F(ServerTest, EchoWithLogprobs) {
  const Json body = {{"prompt", "the cat"}, {"max_tokens", 6},    {"temperature", 0},
                     {"logprobs", 1},       {"ignore_eos", true}, {"skip_special_tokens", false}};
  const Json reply = post("/v1/completions", body, 200)["choices"][0];
  const std::vector<int32_t> prompt = tokenizer_.encode("the cat", SpecialTokens::Parse);
  std::vector<int32_t> whole = prompt;
  Json echo_body = body;
  echo_body["echo"] = true;
  const Json echoed = post("/v1/completions", echo_body, 200)["choices"][0];
  EXPECT_EQ(echoed["text"], "the cat" + reply["text"].get<std::string>());
  const Json& logprobs = echoed["logprobs"];
  const size_t size = prompt.size() + reply["logprobs"]["tokens"].size();
  ASSERT_EQ(logprobs["tokens"].size(), size);
  EXPECT_TRUE(logprobs["token_logprobs"][0].is_null());
  EXPECT_TRUE(logprobs["top_logprobs"][0].is_null());
  EXPECT_EQ(logprobs["text_offset"][0], 0);
  for (size_t i = 1; i < prompt.size(); ++i) {
    EXPECT_LT(logprobs["token_logprobs"][i], 0.0);
    EXPECT_EQ(logprobs["top_logprobs"][i].size(), 1);
  }
  for (size_t i = prompt.size(); i < size; ++i) {
    EXPECT_EQ(logprobs["token_logprobs"][i],
              reply["logprobs"]["token_logprobs"][i - prompt.size()]);
  }
  // The prompt alone, whole and streamed.
  for (const bool is_streamed : {false, true}) {
    echo_body["max_tokens"] = 0;
    echo_body["stream"] = is_streamed;
    const Json alone = is_streamed
                           ? parse_json(events("/v1/completions", echo_body).front()).value()
                           : post("/v1/completions", echo_body, 200);
    EXPECT_EQ(alone["choices"][0]["text"], "the cat");
    const Json& chances = alone["choices"][0]["logprobs"]["token_logprobs"];
    ASSERT_EQ(chances.size(), prompt.size());
    for (size_t i = 0; i < prompt.size(); ++i)
      EXPECT_EQ(chances[i], logprobs["token_logprobs"][i]);
  }
}

TEST_F(ServerTest, EndsOfReplies) {
  const Json base = {{"prompt", "the cat"}, {"max_tokens", 20}, {"seed", 5}, {"logprobs", 0}};
  const auto with = [&](Json more) {
    Json body = base;
    body.update(more);
    const Json reply = post("/v1/completions", body, 200);
    Json choice = reply["choices"][0];
    choice["num_tokens"] = reply["usage"]["completion_tokens"];
    return choice;
  };
  const Json all = with({{"ignore_eos", true}});
  EXPECT_EQ(all["num_tokens"], 20);
  EXPECT_EQ(all["finish_reason"], "length");
  EXPECT_TRUE(all["stop_reason"].is_null());

  // A stop text of whole characters of the reply, wherever the broken ones are.
  const std::string text = all["text"];
  size_t at = 0;
  while (text[at] < ' ' || text[at + 1] < ' ')
    ++at;
  const std::string stop = text.substr(at, 2);
  const Json cut = with({{"ignore_eos", true}, {"stop", stop}});
  EXPECT_EQ(cut["text"], text.substr(0, at));
  EXPECT_EQ(cut["stop_reason"], stop);
  const Json kept =
      with({{"ignore_eos", true}, {"stop", stop}, {"include_stop_str_in_output", true}});
  EXPECT_EQ(kept["text"], text.substr(0, at + stop.size()));

  // A token that would end it is not even drawn before the least length.
  const Json& names = all["logprobs"]["tokens"];
  size_t index = 0;
  while (names[index].get<std::string>().starts_with("bytes:"))
    ++index;
  const int32_t id = tokenizer_.encode(names[index].get<std::string>(), SpecialTokens::Parse)[0];
  const Json by_id = with({{"ignore_eos", true}, {"stop_token_ids", {id}}});
  EXPECT_EQ(by_id["finish_reason"], "stop");
  EXPECT_EQ(by_id["stop_reason"], id);
  EXPECT_LE(by_id["num_tokens"], index + 1);
  const Json later = with({{"min_tokens", 15}, {"stop_token_ids", {id}}});
  EXPECT_GE(later["num_tokens"], 15);
  EXPECT_EQ(post("/v1/completions", {{"prompt", "a"}, {"max_tokens", 5}, {"min_tokens", 6}},
                 400)["error"]["param"],
            "min_tokens");
}

TEST_F(ServerTest, BiasAndPenaltiesChangeReplies) {
  const int32_t id = tokenizer_.encode("z", SpecialTokens::Parse).front();
  Json body = {{"prompt", "the"},    {"max_tokens", 8},
               {"temperature", 0},   {"logit_bias", {{std::to_string(id), 100}}},
               {"ignore_eos", true}, {"repetition_stop", false}};
  EXPECT_EQ(post("/v1/completions", body, 200)["choices"][0]["text"], "zzzzzzzz");
  body.erase("logit_bias");
  body["max_tokens"] = 60;
  const auto num_different = [&](const Json& more) {
    Json asked = body;
    asked.update(more);
    asked["logprobs"] = 0;
    const Json reply = post("/v1/completions", asked, 200);
    std::set<std::string> different;
    for (const Json& token : reply["choices"][0]["logprobs"]["tokens"])
      different.insert(token.get<std::string>());
    return different.size();
  };
  const size_t plain = num_different(Json::object());
  EXPECT_GT(num_different({{"presence_penalty", 2}}), plain);
  EXPECT_GT(num_different({{"frequency_penalty", 2}}), plain);
  EXPECT_GT(num_different({{"repetition_penalty", 2}}), plain);
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
  // A completion with one more field.
  const auto with = [](const char* key, Json value) {
    return Json{{"prompt", "a"}, {key, std::move(value)}};
  };
  struct Row {
    const char* path;
    Json body;
    const char* param;  // "" is null
    const char* message;
  };
  const char* kCompletions = "/v1/completions";
  const char* kChat = "/v1/chat/completions";
  const Row rows[] = {
      {kCompletions, Json::array(), "", "no JSON object"},
      {kCompletions, {{"max_tokens", 3}}, "prompt", "prompt is missing"},
      {kCompletions, {{"prompt", ""}}, "prompt", "prompt is empty"},
      {kCompletions, {{"prompt", 5}}, "prompt", "prompt is no text"},
      {kCompletions, {{"prompt", Json::array()}}, "prompt", "prompt is no text"},
      {kCompletions, {{"prompt", {1, "a"}}}, "prompt", "no token id"},
      {kCompletions, {{"prompt", {1000}}}, "prompt", "outside the vocabulary"},
      {kCompletions, with("max_tokens", 0), "max_tokens", "max_tokens is not from 1"},
      {kCompletions, with("max_tokens", "x"), "max_tokens", "is no integer"},
      {kCompletions, with("max_tokens", 2.5), "max_tokens", "is no integer"},
      {kCompletions, with("n", 0), "n", "n is not from 1"},
      {kCompletions, with("n", 5000), "n", "5000"},
      {kCompletions, with("temperature", -1), "temperature", "-1"},
      {kCompletions, with("temperature", "hot"), "temperature", "is no number"},
      {kCompletions, with("top_p", 0), "top_p", "top_p"},
      {kCompletions, with("top_k", -2), "top_k", "top_k"},
      {kCompletions, with("min_p", 1.5), "min_p", "min_p"},
      {kCompletions, with("seed", "x"), "seed", "is no integer"},
      {kCompletions, with("stop", 5), "stop", "stop is no text"},
      {kCompletions, with("stop", std::vector<std::string>(17, "x")), "stop", "at most 16"},
      {kCompletions, with("stop_token_ids", {5000}), "stop_token_ids", "outside"},
      {kCompletions, with("presence_penalty", 3), "presence_penalty", "from -2 to 2"},
      {kCompletions, with("frequency_penalty", "x"), "frequency_penalty", "is no number"},
      {kCompletions, with("repetition_penalty", 0), "repetition_penalty", "repetition_penalty"},
      {kCompletions, with("logit_bias", {{"x", 1}}), "logit_bias", "no token id: x"},
      {kCompletions, with("logit_bias", {{"5000", 1}}), "logit_bias", "no token id"},
      {kCompletions, with("logit_bias", {{"5", 101}}), "logit_bias", "from -100 to 100"},
      {kCompletions, with("logit_bias", 5), "logit_bias", "no object"},
      {kCompletions, with("min_tokens", 17), "min_tokens", "above the most tokens"},
      {kCompletions, with("ignore_eos", "x"), "ignore_eos", "true or false"},
      {kCompletions, with("logprobs", 100), "logprobs", "from 0 to 20"},
      {kCompletions, with("best_of", 3), "best_of", "not supported"},
      {kCompletions, with("suffix", "x"), "suffix", "not supported"},
      {kCompletions, with("stream_options", Json::object()), "stream_options", "stream is not"},
      {kChat, {{"max_tokens", 3}}, "messages", "messages is missing"},
      {kChat, {{"messages", Json::array()}}, "messages", "messages is empty"},
      {kChat, {{"messages", {{{"content", "hi"}}}}}, "messages", "without a role"},
      {kChat, {{"messages", {{{"role", "robot"}, {"content", "hi"}}}}}, "messages", "role"},
      {kChat, {{"messages", {{{"role", "user"}, {"content", 5}}}}}, "messages", "content"},
      {kChat, {{"messages", messages}, {"top_logprobs", 2}}, "top_logprobs", "logprobs is not"},
      {kChat, {{"messages", messages}, {"tools", {1}}}, "tools", "not supported"},
      {kChat,
       {{"messages", messages}, {"response_format", {{"type", "json_object"}}}},
       "response_format",
       "not supported"},
      {"/tokenize", {{"text", "a"}}, "prompt", "prompt is missing"},
      {"/detokenize", {{"tokens", {5000}}}, "tokens", "outside the vocabulary"},
  };
  for (const Row& row : rows) {
    const Json error = post(row.path, row.body, 400)["error"];
    EXPECT_EQ(error["type"], "invalid_request_error");
    EXPECT_EQ(error["param"], *row.param == 0 ? Json() : Json(row.param)) << error;
    EXPECT_NE(error["message"].get<std::string>().find(row.message), std::string::npos)
        << error["message"] << " for " << row.message;
  }
  // Neutral values of what is not supported pass.
  post(kCompletions,
       {{"prompt", "a"},
        {"best_of", 1},
        {"suffix", nullptr},
        {"tools", Json::array()},
        {"response_format", {{"type", "text"}}},
        {"unknown_field", 5},
        {"max_tokens", 3.0}},
       200);
  EXPECT_EQ(HttpTestClient(server_->port()).post(kCompletions, "{").status, 400);

  const Json long_prompt = std::vector<int32_t>(5000, 50);
  const Json reply = post(kCompletions, {{"prompt", long_prompt}}, 400);
  EXPECT_EQ(reply["error"]["code"], "context_length_exceeded");
  EXPECT_EQ(reply["error"]["param"], "prompt");
  post(kCompletions, {{"prompt", long_prompt}, {"truncate_prompt_tokens", 5}}, 200);

  const Json unknown = post(kCompletions, {{"prompt", "a"}, {"model", "large"}}, 404);
  EXPECT_EQ(unknown["error"]["code"], "model_not_found");
}

TEST_F(ServerTest, BodiesThatAreTooLarge) {
  ServerOptions options;
  options.model_name = "small";
  options.num_http_threads = 4;
  options.max_body_bytes = 1000;
  const std::unique_ptr<Server> narrow = Server::create(*engine_, options).value();
  std::thread thread([&] { narrow->run(); });
  const Json body = {{"prompt", std::string(2000, 'a')}};
  const HttpAnswer answer = HttpTestClient(narrow->port()).post("/v1/completions", dump_json(body));
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(parse_json(answer.body).value()["error"]["code"], "request_too_large");
  narrow->stop(/*grace_ms=*/0);
  thread.join();
}

TEST_F(ServerTest, FullQueueAsksToRetry) {
  const HttpAnswer answer = answer_to("/v1/completions", {{"prompt", "a"}, {"n", 101}});
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.headers.at("retry-after"), "1");
  EXPECT_EQ(parse_json(answer.body).value()["error"]["code"], "rate_limit_exceeded");
}

TEST_F(ServerTest, ClientsThatGoAreForgotten) {
  for (const bool is_streamed : {false, true}) {
    const Json body = {{"prompt", "the"},    {"max_tokens", 4000},       {"n", 90},
                       {"ignore_eos", true}, {"repetition_stop", false}, {"stream", is_streamed}};
    HttpTestClient http(server_->port());
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
  HttpTestClient other(server_->port());
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
  server_->stop(/*grace_ms=*/60'000);
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
  HttpTestClient early(server_->port());  // connected before: the socket closes at the end
  std::thread stopper([&] { server_->stop(/*grace_ms=*/700); });
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
