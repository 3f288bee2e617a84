#include "caco/model/http_reply.h"

#include <gtest/gtest.h>

namespace caco {
namespace {

constexpr std::string_view kUrl = "http://host/v1/completions";

JudgedResponse judge(int64_t status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return judge_response(response, kUrl, 0);
}

TEST(HttpReply, JudgesByStatusAndBody) {
  struct Row {
    int64_t status;
    std::string body;
    ResponseKind kind;
    ErrorCode code;  // where there is an error
  };
  const std::string good = R"({"choices":[{"text":"a","finish_reason":"stop"}]})";
  const Row rows[] = {
      {200, good, ResponseKind::Good, {}},
      {200, R"({"choices":[{"message":{"content":"a"}}],"usage":null})", ResponseKind::Good, {}},
      {200, R"({"choices":[{"message":{"content":null}}]})", ResponseKind::Good, {}},
      {200, R"({"choices":[{"message":{"content":"a"}}],"error":null})", ResponseKind::Good, {}},
      {200, "", ResponseKind::Malformed, ErrorCode::InvalidArgument},
      {200, "<html>hello</html>", ResponseKind::Malformed, ErrorCode::InvalidArgument},
      {200, "[1,2]", ResponseKind::Malformed, ErrorCode::InvalidArgument},
      {200, "{\"choices\":[{\"te", ResponseKind::Malformed, ErrorCode::InvalidArgument},
      {200, R"({"choices":[]})", ResponseKind::Malformed, ErrorCode::InvalidArgument},
      {200, R"({"choices":{"text":"a"}})", ResponseKind::Malformed, ErrorCode::InvalidArgument},
      {200, R"({"choices":["a"]})", ResponseKind::Malformed, ErrorCode::InvalidArgument},
      {200, R"({"choices":[{"text":7}]})", ResponseKind::Malformed, ErrorCode::InvalidArgument},
      {200, R"({"choices":[{"message":"a"}]})", ResponseKind::Malformed,
       ErrorCode::InvalidArgument},
      {200, R"({"choices":[{"message":{"content":[]}}]})", ResponseKind::Malformed,
       ErrorCode::InvalidArgument},
      {200, R"({"choices":[{"text":"a"}],"usage":{"prompt_tokens":"x"}})", ResponseKind::Malformed,
       ErrorCode::InvalidArgument},
      {200, R"({"error":{"message":"loading"}})", ResponseKind::Malformed,
       ErrorCode::InvalidArgument},
      {400,
       R"({"error":{"message":"x","code":"context_length_exceeded"}})",
       ResponseKind::BadRequest,
       {}},
      {400,
       R"({"error":{"message":"This model's maximum context length is 8","code":400}})",
       ResponseKind::BadRequest,
       {}},
      {400,
       R"({"message":"the request exceeds the available context size"})",
       ResponseKind::BadRequest,
       {}},
      {400,
       R"({"error":{"message":"flagged","code":"content_filter"}})",
       ResponseKind::BadRequest,
       {}},
      {413, "too large", ResponseKind::BadRequest, {}},
      {400, R"({"error":"unknown model"})", ResponseKind::CannotBeUsed, ErrorCode::InvalidArgument},
      {401, R"({"error":{"message":"no key"}})", ResponseKind::CannotBeUsed,
       ErrorCode::InvalidArgument},
      {404, R"({"detail":"Not Found"})", ResponseKind::CannotBeUsed, ErrorCode::NotFound},
      {301, "", ResponseKind::CannotBeUsed, ErrorCode::InvalidArgument},
      {408, "", ResponseKind::TryAgain, ErrorCode::Unavailable},
      {409, "", ResponseKind::TryAgain, ErrorCode::Unavailable},
      {429, R"({"error":{"message":"slow down","code":"rate_limit_exceeded"}})",
       ResponseKind::TryAgain, ErrorCode::Unavailable},
      {429, R"({"error":{"message":"no money","type":"insufficient_quota","code":null}})",
       ResponseKind::CannotBeUsed, ErrorCode::ResourceExhausted},
      {500, "<html>oops</html>", ResponseKind::TryAgain, ErrorCode::Unavailable},
      {503, R"({"error":{"message":"Loading model"}})", ResponseKind::TryAgain,
       ErrorCode::Unavailable},
  };
  for (const Row& row : rows) {
    const JudgedResponse judged = judge(row.status, row.body);
    EXPECT_EQ(judged.kind, row.kind) << row.status << " " << row.body;
    const bool has_error =
        judged.kind != ResponseKind::Good && judged.kind != ResponseKind::BadRequest;
    if (!has_error) continue;
    EXPECT_EQ(judged.error.code, row.code) << row.status << " " << row.body;
    EXPECT_NE(judged.error.message.find(kUrl), std::string::npos) << judged.error.message;
    EXPECT_FALSE(judged.error.hint.empty()) << judged.error.message;
  }
}

TEST(HttpReply, ServersWishDecidesAboutTryingAgain) {
  struct Row {
    int64_t status;
    std::string should_retry, retry_after, retry_after_ms;
    ResponseKind kind;
    std::optional<int64_t> wait_ms;
  };
  constexpr int64_t kNow = 784111777;  // Sun, 06 Nov 1994 08:49:37 GMT
  const Row rows[] = {
      {429, "", "2", "", ResponseKind::TryAgain, 2000},
      {429, "", "0.5", "", ResponseKind::TryAgain, 500},
      {429, "", "9", "250", ResponseKind::TryAgain, 250},
      {503, "", "Sun, 06 Nov 1994 08:50:07 GMT", "", ResponseKind::TryAgain, 30000},
      {503, "", "Sun, 06 Nov 1994 08:49:00 GMT", "", ResponseKind::TryAgain, std::nullopt},
      {429, "", "-1", "", ResponseKind::TryAgain, std::nullopt},
      {429, "", "soon", "", ResponseKind::TryAgain, std::nullopt},
      {429, "", "nan", "", ResponseKind::TryAgain, std::nullopt},
      {429, "", "120", "", ResponseKind::TryAgain, 120000},
      {429, "", "121", "", ResponseKind::CannotBeUsed, 121000},
      {429, "", "1e30", "", ResponseKind::CannotBeUsed, 1000000000000000},
      {500, "false", "", "", ResponseKind::CannotBeUsed, std::nullopt},
      {418, "true", "", "", ResponseKind::TryAgain, std::nullopt},
  };
  for (const Row& row : rows) {
    HttpResponse response;
    response.status = row.status;
    response.should_retry = row.should_retry;
    response.retry_after = row.retry_after;
    response.retry_after_ms = row.retry_after_ms;
    const JudgedResponse judged = judge_response(response, kUrl, kNow);
    const std::string name = row.retry_after + "/" + row.retry_after_ms + "/" + row.should_retry;
    EXPECT_EQ(judged.kind, row.kind) << name;
    EXPECT_EQ(judged.wait_ms, row.wait_ms) << name;
  }
}

TEST(HttpReply, BackOffDoublesUpToItsBound) {
  EXPECT_EQ(back_off_ms(500, 1, 0), 500);
  EXPECT_EQ(back_off_ms(500, 2, 0), 1000);
  EXPECT_EQ(back_off_ms(500, 5, 0), 8000);
  EXPECT_EQ(back_off_ms(500, 60, 0), 8000);
  EXPECT_EQ(back_off_ms(500, 1, 0.999), 375);
}

TEST(HttpReply, RequestsHoldEverySamplingField) {
  ModelRequest request;
  request.prompt = "a\"b";
  request.seed = ~uint64_t{0};
  EXPECT_EQ(encode_request(request, {"m", true, nullptr}),
            R"({"model":"m","prompt":"a\"b","n":1,"max_tokens":512,"temperature":0.0,"top_p":1.0,)"
            R"("presence_penalty":0,"frequency_penalty":0,"seed":9223372036854775807,)"
            R"("stream":false,"top_k":-1,"min_p":0.0,"repetition_penalty":1.0})");
  request.messages = {{"user", "hi"}};
  request.stop = {"x"};
  request.calculator = true;
  EXPECT_EQ(encode_request(request, {"m", false, Json{{"extra", {{"a", 1}}}}}),
            R"({"model":"m","messages":[{"role":"user","content":"hi"}],"n":1,"max_tokens":512,)"
            R"("temperature":0.0,"top_p":1.0,"presence_penalty":0,"frequency_penalty":0,)"
            R"("seed":9223372036854775807,"stream":false,"stop":["x"],"calculator":true,)"
            R"("extra":{"a":1}})");
}

}  // namespace
}  // namespace caco
