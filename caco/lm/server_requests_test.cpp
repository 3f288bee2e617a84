// What requests may say, and how the server names what is wrong with them.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "caco/lm/server_fixture.h"

namespace caco::lm {
namespace {

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
  EXPECT_EQ(HttpTestClient(port()).post(kCompletions, "{").status, 400);

  const Json long_prompt = std::vector<int32_t>(5000, 50);
  const Json reply = post(kCompletions, {{"prompt", long_prompt}}, 400);
  EXPECT_EQ(reply["error"]["code"], "context_length_exceeded");
  EXPECT_EQ(reply["error"]["param"], "prompt");
  post(kCompletions, {{"prompt", long_prompt}, {"truncate_prompt_tokens", 5}}, 200);

  const Json unknown = post(kCompletions, {{"prompt", "a"}, {"model", "large"}}, 404);
  EXPECT_EQ(unknown["error"]["code"], "model_not_found");
}

}  // namespace
}  // namespace caco::lm
