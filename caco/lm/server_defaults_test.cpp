// What a model directory says about sampling and ends, as requests see it.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "caco/base/file.h"
#include "caco/lm/decode_setup.h"
#include "caco/lm/server_fixture.h"
#include "caco/lm/test_directory.h"

namespace caco::lm {
namespace {

namespace fs = std::filesystem;

// A directory with a model, its tokenizer and a generation_config.json.
std::string model_directory(const std::string& generation_config) {
  const fs::path path = fresh_directory("server_defaults");
  const Checkpoint checkpoint = random_checkpoint(small_config(), 31, 2.0);
  SaveOptions options;
  options.dtype = DType::F32;
  EXPECT_TRUE(save_checkpoint(path.string(), checkpoint.config, checkpoint.weights, options).ok());
  EXPECT_TRUE(small_tokenizer().save(path).ok());
  EXPECT_TRUE(write_file_atomic(path / "generation_config.json", generation_config).ok());
  return path.string();
}

// A server over a model directory, as `caco-lm serve` makes it.
class ModelServer {
 public:
  explicit ModelServer(const std::string& directory, SamplingSource source = SamplingSource::Model)
      : setup_(load_for_decoding(directory, source).value()),
        engine_(DecodeEngine::create(*setup_.model, setup_.tokenizer, {.max_batch = 4}).value()),
        running_(*engine_, {.sampling = setup_.sampling, .num_http_threads = 4}) {}

  // Completes a prompt; `more` are fields of the request.
  Json choice(const Json& more) const {
    Json body = {{"prompt", "the cat"}, {"max_tokens", 40}, {"seed", 5}};
    body.update(more);
    return running_.post("/v1/completions", body, 200)["choices"][0];
  }

  const Tokenizer& tokenizer() const { return setup_.tokenizer; }

 private:
  DecodeSetup setup_;
  std::unique_ptr<DecodeEngine> engine_;
  RunningServer running_;
};

TEST(ServerDefaults, FieldsThatAreAbsentAreTheModels) {
  const Json endless = {{"ignore_eos", true}, {"repetition_stop", false}};
  const Json rows[] = {{{"temperature", 0.0}},
                       {{"top_k", 1}},
                       {{"top_p", 1e-6}},
                       {{"min_p", 1.0}},
                       {{"repetition_penalty", 8.0}},
                       {{"temperature", 0.7}, {"top_k", 9}, {"repetition_penalty", 1.4}}};
  const Json neutral = {
      {"temperature", 1}, {"top_k", -1}, {"top_p", 1}, {"min_p", 0}, {"repetition_penalty", 1}};
  for (const Json& row : rows) {
    SCOPED_TRACE(dump_json(row));
    const std::string directory = model_directory(dump_json(row));
    const ModelServer recommended(directory);
    const ModelServer plain(directory, SamplingSource::Neutral);
    const auto with = [&](const Json& more) {
      Json body = endless;
      body.update(more);
      return body;
    };
    const Json unsaid = recommended.choice(endless);
    EXPECT_EQ(unsaid, plain.choice(with(row)));
    EXPECT_NE(unsaid, plain.choice(endless));
    // What is said wins, the neutral values too: the requests of `caco` say all of them.
    EXPECT_EQ(recommended.choice(with(neutral)), plain.choice(endless));
  }
}

TEST(ServerDefaults, EosIdsOfEveryFileEndReplies) {
  const Json greedy = {{"temperature", 0}, {"logprobs", 0}};
  const Json whole = ModelServer(model_directory("{}")).choice(greedy);
  const Json& tokens = whole["logprobs"]["tokens"];
  // An ordinary token of the reply, as far on as there is one.
  const Tokenizer tokenizer = small_tokenizer();
  std::string text;
  size_t place = 0;
  for (size_t i = 0; i < tokens.size() / 2; ++i) {
    const std::string token = tokens[i].get<std::string>();
    size_t first = 0;
    while (tokens[first] != tokens[i])
      ++first;
    if (first < i || tokenizer.encode(token, SpecialTokens::Ignore).size() != 1) continue;
    text = token;
    place = i;
  }
  ASSERT_FALSE(text.empty()) << tokens;
  const int32_t id = tokenizer.encode(text, SpecialTokens::Ignore).front();
  const struct {
    const char* file;
    Json member;
  } rows[] = {{"generation_config.json", {{"eos_token_id", {1, id}}}},
              {"config.json", {{"eos_token_id", id}}},
              {"tokenizer_config.json", {{"eos_token", text}}}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.file);
    const std::string directory = model_directory(R"({"eos_token_id": 2})");
    const fs::path path = fs::path(directory) / row.file;
    Json json = parse_json(read_file(path).value()).value();
    json.update(row.member);
    ASSERT_TRUE(write_file_atomic(path, dump_json(json)).ok());
    const ModelServer server(directory);
    const Json ended = server.choice(greedy);
    EXPECT_EQ(ended["finish_reason"], "stop");
    EXPECT_EQ(ended["logprobs"]["tokens"].size(), place);
    Json longer = greedy;
    longer["min_tokens"] = place + 3;
    EXPECT_GE(server.choice(longer)["logprobs"]["tokens"].size(), place + 2);
    Json ignoring = greedy;
    ignoring["ignore_eos"] = true;
    EXPECT_GT(server.choice(ignoring)["logprobs"]["tokens"].size(), place);
  }
}

TEST(ServerDefaults, RecommendationsOutOfRangeAreNamed) {
  const struct {
    const char* text;
    const char* problem;
  } rows[] = {{R"({"top_p": 0})", "top_p is not in (0, 1]"},
              {R"({"temperature": -1})", "temperature is not from 0"},
              {R"({"top_k": -7})", "top_k is negative"},
              {R"({"repetition_penalty": 0})", "repetition_penalty is not in"}};
  for (const auto& row : rows) {
    const std::string directory = model_directory(row.text);
    const Result<DecodeSetup> setup = load_for_decoding(directory, SamplingSource::Model);
    ASSERT_FALSE(setup.ok()) << row.text;
    EXPECT_NE(setup.error().message.find(row.problem), std::string::npos) << setup.error().message;
    EXPECT_NE(setup.error().message.find("generation_config.json"), std::string::npos);
    EXPECT_TRUE(load_for_decoding(directory, SamplingSource::Neutral).ok());
  }
  const DecodeSetup off = load_for_decoding(model_directory(R"({"top_k": -1, "do_sample": false})"),
                                            SamplingSource::Model)
                              .value();
  EXPECT_EQ(describe_sampling(off.sampling), "");
}

}  // namespace
}  // namespace caco::lm
