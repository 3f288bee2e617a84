#include "caco/model/endpoints.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "caco/base/file.h"
#include "caco/base/json.h"
#include "caco/model/test_http_server.h"

namespace caco {
namespace {

class EndpointsTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              ("endpoints_test_" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  EndpointsOptions options() const {
    EndpointsOptions options;
    options.lm_program = CACO_TEST_LM_PROGRAM;
    options.journal_folder = folder_ / "journals";
    options.environment = [](const std::string& name) {
      return name == "GOOD_KEY" ? std::string("k") : std::string();
    };
    return options;
  }
  static ModelBinding http(const std::string& url) {
    ModelBinding binding;
    binding.name = "solver";
    binding.kind = "http";
    binding.url = url;
    binding.model = "tiny";
    return binding;
  }

  std::filesystem::path folder_;
};

TEST_F(EndpointsTest, WrongBindingsSayWhichKeyIsWrong) {
  ModelBinding unknown;
  unknown.kind = "magic";
  ModelBinding local;
  ModelBinding recorded;
  recorded.kind = "recorded";
  ModelBinding no_url = http("");
  ModelBinding no_model = http("http://x/v1");
  no_model.model.clear();
  ModelBinding no_key = http("http://x/v1");
  no_key.api_key_env = "NO_SUCH_KEY";
  ModelBinding bad_extra = http("http://x/v1");
  bad_extra.extra_fields = "[1]";
  const std::pair<ModelBinding, std::string> rows[] = {
      {unknown, "magic"},          {local, "`path`"},
      {recorded, "`path`"},        {no_url, "`url`"},
      {no_model, "`model`"},       {no_key, "NO_SUCH_KEY"},
      {bad_extra, "extra_fields"}, {http("localhost:1"), "localhost:1"},
  };
  Endpoints endpoints(options());
  for (const auto& [binding, says] : rows) {
    const Result<LanguageModel*> model = endpoints.open(binding);
    ASSERT_FALSE(model.ok()) << says;
    EXPECT_EQ(model.error().code, ErrorCode::InvalidArgument) << says;
    EXPECT_NE(model.error().message.find(says), std::string::npos) << model.error().message;
  }
}

TEST_F(EndpointsTest, RolesBoundAlikeShareAModel) {
  Endpoints endpoints(options());
  ModelBinding reverser;
  reverser.name = "reverser";
  reverser.path = "model";
  ModelBinding solver = reverser;
  solver.name = "solver";
  LanguageModel* const model = endpoints.open(reverser).value();
  EXPECT_EQ(endpoints.open(solver).value(), model);
  EXPECT_EQ(model->identity(), "absent");
  solver.path = "other";
  EXPECT_NE(endpoints.open(solver).value(), model);
}

TEST_F(EndpointsTest, RecordsAndReplays) {
  std::string head;
  std::string body;
  ModelRequest request;
  request.prompt = "hello";
  {
    TestHttpServer server([&](const TestRequest& asked, int64_t) {
      head = asked.head;
      body = asked.body;
      TestReply reply;
      reply.body = completion_body("world");
      return reply;
    });
    ModelBinding binding = http(server.url());
    binding.api_key_env = "GOOD_KEY";
    binding.extra_fields = R"({"chat_template_kwargs":{"enable_thinking":false}})";
    Endpoints endpoints(options());
    LanguageModel* const model = endpoints.open(binding).value();
    EXPECT_EQ(model->complete({&request, 1}).value()[0].choices[0].text, "world");
    EXPECT_EQ(model->identity(), "tiny {\"chat_template_kwargs\":{\"enable_thinking\":false}}");
  }
  EXPECT_NE(head.find("authorization: bearer k"), std::string::npos);
  EXPECT_NE(body.find("\"enable_thinking\":false"), std::string::npos);
  EXPECT_EQ(read_file(folder_ / "journals" / "solver.jsonl").value().find("Bearer"),
            std::string::npos);

  ModelBinding recorded;
  recorded.kind = "recorded";
  recorded.path = folder_ / "journals" / "solver.jsonl";
  Endpoints endpoints(options());
  LanguageModel* const model = endpoints.open(recorded).value();
  EXPECT_EQ(model->complete({&request, 1}).value()[0].choices[0].text, "world");
}

}  // namespace
}  // namespace caco
