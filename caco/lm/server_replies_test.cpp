// What replies say: texts, chances, ends, streams.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "caco/lm/server_fixture.h"

namespace caco::lm {
namespace {

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

}  // namespace
}  // namespace caco::lm
