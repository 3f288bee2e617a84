#include "caco/model/http_model.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <thread>

#include "caco/model/test_http_server.h"

namespace caco {
namespace {

using Clock = std::chrono::steady_clock;

HttpModelOptions options_for(const std::string& url) {
  HttpModelOptions options;
  options.url = url;
  options.style.model = "tiny";
  options.max_retries = 3;
  options.retry_delay_ms = 1;
  options.connect_timeout_ms = 1000;
  options.request_timeout_ms = 10'000;
  return options;
}

std::vector<ModelRequest> make_requests(int64_t count) {
  std::vector<ModelRequest> requests(static_cast<size_t>(count));
  for (size_t i = 0; i < requests.size(); ++i)
    requests[i].prompt = "p" + std::to_string(i);
  return requests;
}

TestReply failing(int status, std::string body, std::vector<std::string> headers = {}) {
  TestReply reply;
  reply.status = status;
  reply.body = std::move(body);
  reply.headers = std::move(headers);
  return reply;
}

TestReply good(const TestRequest& request) {
  TestReply reply;
  reply.body =
      completion_body("to " + parse_json(request.body).value()["prompt"].get<std::string>());
  return reply;
}

TEST(HttpModel, AnswersInTheOrderOfTheRequests) {
  TestHttpServer server([](const TestRequest& request, int64_t number) {
    TestReply reply = good(request);
    reply.delay_ms = 10 * (number % 3);
    return reply;
  });
  const auto model = make_http_model(options_for(server.url() + "/")).value();
  std::set<size_t> observed;
  const Result<std::vector<ModelReply>> replies = model->complete_observed(
      make_requests(20), [&](size_t index, const ModelReply&) { observed.insert(index); });
  ASSERT_TRUE(replies.ok());
  for (size_t i = 0; i < 20; ++i) {
    const ModelReply& reply = replies.value()[i];
    ASSERT_EQ(reply.choices.size(), 1u);
    EXPECT_EQ(reply.choices[0].text, "to p" + std::to_string(i));
    EXPECT_EQ(reply.choices[0].finish_reason, "stop");
    EXPECT_EQ(reply.prompt_tokens, 3);
    EXPECT_EQ(reply.completion_tokens, 5);
  }
  EXPECT_EQ(observed.size(), 20u);
  EXPECT_EQ(model->identity(), "tiny");
  EXPECT_TRUE(model->complete({}).value().empty());
}

TEST(HttpModel, ChatsWhenThereAreMessagesAndSendsTheKey) {
  std::string head;
  std::string path;
  TestHttpServer server([&](const TestRequest& request, int64_t) {
    head = request.head;
    path = request.path;
    return failing(200, R"({"choices":[{"message":{"content":"yes"},"finish_reason":"length"}]})");
  });
  HttpModelOptions options = options_for(server.url());
  options.api_key = "Secret";
  const auto model = make_http_model(options).value();
  ModelRequest request;
  request.messages = {{"user", "hello"}};
  const ModelReply reply = model->complete({&request, 1}).value()[0];
  EXPECT_EQ(reply.choices[0].text, "yes");
  EXPECT_EQ(reply.choices[0].finish_reason, "length");
  EXPECT_EQ(path, "/v1/chat/completions");
  EXPECT_NE(head.find("authorization: bearer secret"), std::string::npos);
  EXPECT_NE(head.find("idempotency-key: caco-"), std::string::npos);
}

TEST(HttpModel, NeverHasMoreInFlightThanAllowedAndReusesConnections) {
  TestHttpServer server([](const TestRequest& request, int64_t) {
    TestReply reply = good(request);
    reply.delay_ms = 5;
    return reply;
  });
  HttpModelOptions options = options_for(server.url());
  options.max_in_flight = 4;
  const auto model = make_http_model(options).value();
  std::vector<std::thread> callers;
  callers.reserve(3);
  for (int caller = 0; caller < 3; ++caller) {
    callers.emplace_back([&] { EXPECT_TRUE(model->complete(make_requests(20)).ok()); });
  }
  for (std::thread& caller : callers)
    caller.join();
  EXPECT_EQ(server.num_requests(), 60);
  EXPECT_LE(server.most_at_once(), 4);
  EXPECT_LE(server.num_connections(), 8);
}

// What one request meets, try after try, and what comes out of it.
TEST(HttpModel, TriesAgainOrGivesUp) {
  struct Row {
    std::string name;
    std::vector<TestReply> replies;  // the last one repeats; a status of 0 stands for a good one
    bool is_ok;
    ErrorCode code;
    int64_t num_requests;
    size_t num_choices = 1;
  };
  const TestReply fine = failing(0, "");
  TestReply closed;
  closed.closes_at_once = true;
  TestReply half = failing(200, completion_body("half"));
  half.closes_in_body = true;
  const std::string quota = R"({"error":{"message":"no money","code":"insufficient_quota"}})";
  const std::string too_long = R"({"error":{"message":"maximum context length is 8","code":400}})";
  const std::string html = "<html>Bad Gateway</html>";
  const std::vector<Row> rows = {
      {"500 twice, then good", {failing(500, ""), failing(500, ""), fine}, true, {}, 3},
      {"502 in HTML, then good", {failing(502, html), fine}, true, {}, 2},
      {"429 with a wait, then good", {failing(429, "", {"Retry-After-Ms: 30"}), fine}, true, {}, 2},
      {"429 for good", {failing(429, "{}")}, false, ErrorCode::Unavailable, 4},
      {"429 with too long a wait",
       {failing(429, "", {"Retry-After: 600"})},
       false,
       ErrorCode::Unavailable,
       1},
      {"out of quota", {failing(429, quota)}, false, ErrorCode::ResourceExhausted, 1},
      {"503 for good", {failing(503, "")}, false, ErrorCode::Unavailable, 4},
      {"500 that says not to",
       {failing(500, "", {"X-Should-Retry: false"})},
       false,
       ErrorCode::Unavailable,
       1},
      {"connection closed, then good", {closed, fine}, true, {}, 2},
      {"half a body, then good", {half, fine}, true, {}, 2},
      {"connection closed for good", {closed}, false, ErrorCode::Unavailable, 4},
      {"garbage once, then good", {failing(200, "}{"), fine}, true, {}, 2},
      {"garbage for good", {failing(200, "}{")}, false, ErrorCode::InvalidArgument, 2},
      {"HTML for good", {failing(200, html)}, false, ErrorCode::InvalidArgument, 2},
      {"another kind of JSON",
       {failing(200, R"({"ok":true})")},
       false,
       ErrorCode::InvalidArgument,
       2},
      {"no key", {failing(401, "{}")}, false, ErrorCode::InvalidArgument, 1},
      {"no such model", {failing(404, "{}")}, false, ErrorCode::NotFound, 1},
      {"prompt too long", {failing(400, too_long)}, true, {}, 1, 0},
  };
  for (const Row& row : rows) {
    TestHttpServer server([&](const TestRequest& request, int64_t number) {
      const size_t index = std::min(static_cast<size_t>(number), row.replies.size() - 1);
      return row.replies[index].status == 0 ? good(request) : row.replies[index];
    });
    const auto model = make_http_model(options_for(server.url())).value();
    const Result<std::vector<ModelReply>> replies = model->complete(make_requests(1));
    EXPECT_EQ(server.num_requests(), row.num_requests) << row.name;
    ASSERT_EQ(replies.ok(), row.is_ok) << row.name;
    if (replies.ok()) {
      EXPECT_EQ(replies.value()[0].choices.size(), row.num_choices) << row.name;
      continue;
    }
    const Error& error = replies.error();
    EXPECT_EQ(error.code, row.code) << row.name;
    EXPECT_NE(error.message.find(server.url()), std::string::npos) << error.message;
    EXPECT_FALSE(error.hint.empty()) << row.name;
  }
}

TEST(HttpModel, WaitsAsLongAsTheServerAsks) {
  TestHttpServer server([](const TestRequest& request, int64_t number) {
    return number == 0 ? failing(429, "", {"Retry-After: 0.3"}) : good(request);
  });
  const auto model = make_http_model(options_for(server.url())).value();
  const Clock::time_point start = Clock::now();
  EXPECT_TRUE(model->complete(make_requests(1)).ok());
  EXPECT_GE(Clock::now() - start, std::chrono::milliseconds(300));
}

TEST(HttpModel, ASlowReplyIsATimeout) {
  TestHttpServer server([](const TestRequest& request, int64_t) {
    TestReply reply = good(request);
    reply.delay_ms = 400;
    return reply;
  });
  HttpModelOptions options = options_for(server.url());
  options.request_timeout_ms = 50;
  options.max_retries = 1;
  const auto model = make_http_model(options).value();
  const Result<std::vector<ModelReply>> replies = model->complete(make_requests(1));
  ASSERT_FALSE(replies.ok());
  EXPECT_EQ(replies.error().code, ErrorCode::Unavailable);
  EXPECT_NE(replies.error().message.find("2 tries"), std::string::npos) << replies.error().message;
}

TEST(HttpModel, OneFatalAnswerEndsItsCallButNotOthers) {
  TestHttpServer server([](const TestRequest& request, int64_t) {
    if (request.body.find("\"p7\"") != std::string::npos) return failing(401, "{}");
    TestReply reply = good(request);
    reply.delay_ms = 5;
    return reply;
  });
  HttpModelOptions options = options_for(server.url());
  options.max_in_flight = 2;
  const auto model = make_http_model(options).value();
  int64_t num_observed = 0;
  std::thread other([&] { EXPECT_TRUE(model->complete(make_requests(7)).ok()); });
  const Result<std::vector<ModelReply>> replies = model->complete_observed(
      make_requests(40), [&](size_t, const ModelReply&) { ++num_observed; });
  other.join();
  ASSERT_FALSE(replies.ok());
  EXPECT_EQ(replies.error().code, ErrorCode::InvalidArgument);
  EXPECT_GE(num_observed, 6);
  EXPECT_LT(num_observed, 39);
}

TEST(HttpModel, ADeadServerIsUnavailableAndSaysWhatToDo) {
  int port = 0;
  {
    const TestHttpServer server([](const TestRequest& request, int64_t) { return good(request); });
    port = server.port();
  }
  const auto model =
      make_http_model(options_for("http://127.0.0.1:" + std::to_string(port) + "/v1")).value();
  const Result<std::vector<ModelReply>> replies = model->complete(make_requests(5));
  ASSERT_FALSE(replies.ok());
  EXPECT_EQ(replies.error().code, ErrorCode::Unavailable);
  EXPECT_NE(replies.error().hint.find("start the server"), std::string::npos);
}

TEST(HttpModel, RefusesWhatIsNoHttpAddress) {
  for (const std::string url : {"", "localhost:8000", "ftp://x/v1", "file:///etc/passwd"}) {
    const auto model = make_http_model(options_for(url));
    ASSERT_FALSE(model.ok()) << url;
    EXPECT_EQ(model.error().code, ErrorCode::InvalidArgument);
  }
}

}  // namespace
}  // namespace caco
