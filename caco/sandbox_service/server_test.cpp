// The server over a sandbox that does what the test says: routes, refusals, the queue, stopping.
#include "caco/sandbox_service/server.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace caco {
namespace {

constexpr int64_t kGraceMs = 10'000;

// Runs "wait" until it is released, "break" never, and anything else at once.
class ScriptedSandbox final : public Sandbox {
 public:
  Result<Execution> run(const std::string&) override {
    return Error{ErrorCode::Internal, "not used", ""};
  }

  Result<RunReport> run_request(const RunRequest& request) override {
    if (request.program == "break") return Error{ErrorCode::Unavailable, "broken worker", ""};
    RunReport report;
    report.execution.verdict = ExecutionVerdict::Ok;
    if (request.program.find("platform") != std::string::npos)
      report.execution.output_value = "3.11.2";
    report.execution.stdout_text = request.program + request.standard_input;
    std::unique_lock<std::mutex> lock(mutex_);
    ++num_started_;
    has_started_.notify_all();
    if (request.program == "wait") is_released_.wait(lock, [this] { return is_free_; });
    return report;
  }

  std::vector<SandboxCheck> checks() const override { return {{"network", true, ""}}; }

  void release() {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_free_ = true;
    is_released_.notify_all();
  }

  void wait_until_started(int64_t count) {
    std::unique_lock<std::mutex> lock(mutex_);
    has_started_.wait(lock, [&] { return num_started_ >= count; });
  }

  int64_t num_started() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return num_started_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable has_started_, is_released_;
  int64_t num_started_ = 0;
  bool is_free_ = false;
};

class Service {
 public:
  explicit Service(ServiceOptions options = {}) {
    options.port = 0;
    options.num_workers = 1;
    Result<std::unique_ptr<SandboxServer>> created = SandboxServer::create(sandbox, options);
    EXPECT_TRUE(created.ok()) << to_string(created.error());
    server = std::move(created).value();
    thread_ = std::thread([this] { server->run(); });
  }

  ~Service() {
    sandbox.release();
    stop();
  }

  void stop() {
    if (!thread_.joinable()) return;
    server->stop(kGraceMs);
    thread_.join();
  }

  httplib::Client client() const {
    httplib::Client client("127.0.0.1", static_cast<int>(server->port()));
    client.set_read_timeout(20);
    return client;
  }

  // Status and body of one POST.
  std::pair<int, std::string> post(const std::string& route, const std::string& body,
                                   const httplib::Headers& headers = {},
                                   const char* type = "application/json") const {
    httplib::Client one = client();
    const httplib::Result result = one.Post(route, headers, body, type);
    if (!result) return {0, httplib::to_string(result.error())};
    return {result->status, result->body};
  }

  std::pair<int, std::string> get(const std::string& route) const {
    httplib::Client one = client();
    const httplib::Result result = one.Get(route);
    return {result ? result->status : 0, result ? result->body : ""};
  }

  ScriptedSandbox sandbox;  // one program, the question for its version, ran before any other
  std::unique_ptr<SandboxServer> server;

 private:
  std::thread thread_;
};

std::string run_code(const std::string& program) {
  return dump_json({{"code", program}});
}

TEST(SandboxServer, AnswersEachRoute) {
  const Service service;
  const auto [status, body] = service.post("/run_code", R"({"code":"a","stdin":"b"})");
  EXPECT_EQ(status, 200);
  EXPECT_EQ(parse_json(body).value()["run_result"]["stdout"], "ab");
  EXPECT_EQ(service.get("/v1/ping"), (std::pair<int, std::string>{200, "\"pong\""}));
  const Json runtimes = parse_json(service.get("/api/v2/runtimes").second).value();
  EXPECT_EQ(runtimes[0]["version"], "3.11.2");
  const std::string piston =
      R"({"language":"python","version":"*","files":[{"content":"x"}],"stdin":"y"})";
  EXPECT_EQ(parse_json(service.post("/api/v2/execute", piston).second).value()["run"]["output"],
            "xy\n");
  EXPECT_EQ(service.post("/execute", R"({"generated_code":"x","language":"python"})").first, 200);
  EXPECT_EQ(service.post("/eval", R"({"input":"x"})").first, 200);
  EXPECT_EQ(parse_json(service.get("/health").second).value()["status"], "ok");
  EXPECT_NE(service.get("/metrics")
                .second.find("caco_sandbox_requests_total{route=\"/run_code\",status=\"200\"} 1"),
            std::string::npos);
  EXPECT_EQ(service.get("/").first, 404);
  EXPECT_EQ(service.get("/run_code").first, 404);
  EXPECT_EQ(service.post("/nowhere", "{}").first, 404);
}

TEST(SandboxServer, SaysWhenTheSandboxFails) {
  const Service service;
  const auto [status, body] = service.post("/run_code", run_code("break"));
  EXPECT_EQ(status, 200);
  EXPECT_EQ(parse_json(body).value()["status"], "SandboxError");
  EXPECT_EQ(service.post("/eval", R"({"input":"break"})").first, 500);
  EXPECT_NE(service.get("/metrics").second.find("caco_sandbox_failures_total 2"),
            std::string::npos);
}

struct BadRow {
  std::string route;
  std::string body;
  int status;
};

TEST(SandboxServer, RefusesWhatCannotBeRead) {
  ServiceOptions options;
  options.max_body_bytes = 10'000;
  const Service service(options);
  const std::string deep = "{\"code\":" + std::string(4000, '[') + std::string(4000, ']') + "}";
  const std::vector<BadRow> rows = {
      {"/run_code", "", 422},
      {"/run_code", "{\"code\":", 422},
      {"/run_code", deep, 422},
      {"/run_code", "{\"code\":\"\xff\"}", 422},
      {"/run_code", "{}", 422},
      {"/api/v2/execute", "nonsense", 400},
      {"/execute", "nonsense", 400},
      {"/eval", "nonsense", 400},
      {"/run_code", run_code(std::string(20'000, 'x')), 413},
  };
  for (const BadRow& row : rows)
    EXPECT_EQ(service.post(row.route, row.body).first, row.status) << row.route << row.body;
  EXPECT_EQ(service.post("/run_code", run_code("x"), {}, "text/plain").first, 415);
  EXPECT_EQ(service.post("/run_code", run_code("x"), {{"Content-Encoding", "gzip"}}).first, 415);
  EXPECT_EQ(service.post("/run_code", run_code("x"), {{"Origin", "http://x.test"}}).first, 403);
  EXPECT_EQ(service.post("/run_code", run_code("x")).first, 200);
}

TEST(SandboxServer, AsksForItsToken) {
  ServiceOptions options;
  options.token = "0123456789abcdef";
  const Service service(options);
  const auto status = [&](const std::string& header) {
    return service.post("/run_code", run_code("x"), {{"Authorization", header}}).first;
  };
  EXPECT_EQ(service.post("/run_code", run_code("x")).first, 401);
  EXPECT_EQ(status("Bearer 0123456789abcdeg"), 401);
  EXPECT_EQ(status("Bearer 0123456789abcdef0"), 401);
  EXPECT_EQ(status("0123456789abcdef"), 401);
  EXPECT_EQ(status("Bearer 0123456789abcdef"), 200);
  EXPECT_EQ(service.get("/metrics").first, 401);
  EXPECT_EQ(service.get("/health").first, 200);
}

TEST(SandboxServer, DoesNotStartOpenToOthers) {
  ServiceOptions options;
  for (const char* host : {"0.0.0.0", "::", "10.0.0.1", "sandbox.example"}) {
    options.host = host;
    EXPECT_EQ(check_options(options).error().code, ErrorCode::InvalidArgument) << host;
  }
  options.token = "short";
  EXPECT_FALSE(check_options(options).ok());
  options.token = "0123456789abcdef";
  EXPECT_TRUE(check_options(options).ok());
  for (const char* host : {"127.0.0.1", "localhost", "::1"}) {
    options.host = host;
    options.token.clear();
    EXPECT_TRUE(check_options(options).ok()) << host;
  }
}

TEST(SandboxServer, TurnsAwayWhatItsQueueCannotHold) {
  ServiceOptions options;
  options.max_waiting = 1;
  Service service(options);
  std::vector<std::thread> threads;
  std::atomic<int> num_done{0};
  const auto ask = [&] {
    threads.emplace_back([&] {
      if (service.post("/run_code", run_code("wait")).first == 200) ++num_done;
    });
  };
  ask();
  service.sandbox.wait_until_started(2);
  ask();
  while (parse_json(service.get("/health").second).value()["waiting"] != 1)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  httplib::Client client = service.client();
  const httplib::Result refused = client.Post("/run_code", run_code("x"), "application/json");
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 429);
  EXPECT_GE(std::stoi(refused->get_header_value("Retry-After")), 1);
  service.sandbox.release();
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(num_done, 2);
  EXPECT_EQ(service.post("/run_code", run_code("x")).first, 200);
}

TEST(SandboxServer, ForgetsClientsThatGoAway) {
  Service service;
  std::thread first([&] { service.post("/run_code", run_code("wait")); });
  service.sandbox.wait_until_started(2);
  httplib::Client hasty = service.client();
  hasty.set_read_timeout(0, 200'000);
  EXPECT_FALSE(hasty.Post("/run_code", run_code("never runs"), "application/json"));
  hasty.stop();
  while (service.get("/metrics").second.find("reason=\"client_gone\"} 1") == std::string::npos)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  service.sandbox.release();
  first.join();
  EXPECT_EQ(service.sandbox.num_started(), 2);
}

TEST(SandboxServer, AnswersLateWorkWithATimeout) {
  ServiceOptions options;
  options.max_wait_ms = 50;
  Service service(options);
  std::thread first([&] { service.post("/run_code", run_code("wait")); });
  service.sandbox.wait_until_started(2);
  EXPECT_EQ(service.post("/run_code", run_code("x")).first, 504);
  service.sandbox.release();
  first.join();
}

TEST(SandboxServer, StreamsBatchesInOrder) {
  const Service service;
  std::string body;
  for (int i = 1; i <= 200; ++i)
    body += dump_json({{"program", "p" + std::to_string(i)}, {"id", i}}) + "\n";
  body += "nonsense\n\n{\"id\":7}\n{\"program\":\"break\"}";
  const auto [status, text] = service.post("/run_batch", body, {}, "application/x-ndjson");
  EXPECT_EQ(status, 200);
  std::vector<Json> rows;
  for (size_t start = 0; start < text.size();) {
    const size_t end = text.find('\n', start);
    rows.push_back(parse_json(text.substr(start, end - start)).value());
    start = end + 1;
  }
  ASSERT_EQ(rows.size(), 203U);
  for (int i = 1; i <= 200; ++i) {
    const Json& row = rows[static_cast<size_t>(i) - 1];
    EXPECT_EQ(row["line"], i);
    EXPECT_EQ(row["id"], i);
    EXPECT_EQ(row["stdout"], "p" + std::to_string(i));
  }
  EXPECT_EQ(rows[200]["line"], 201);
  EXPECT_TRUE(rows[200].contains("bad_row"));
  EXPECT_EQ(rows[201]["line"], 203);
  EXPECT_EQ(rows[201]["id"], 7);
  EXPECT_TRUE(rows[202].contains("sandbox_error"));
  EXPECT_EQ(service.post("/run_batch", "", {}, "application/x-ndjson").second, "");
}

TEST(SandboxServer, FinishesWhatItLetInBeforeItStops) {
  Service service;
  std::pair<int, std::string> running, waiting;
  std::thread first([&] { running = service.post("/run_code", run_code("wait")); });
  service.sandbox.wait_until_started(2);
  std::thread second([&] { waiting = service.post("/run_code", run_code("after")); });
  while (parse_json(service.get("/health").second).value()["waiting"] != 1)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  std::thread stopper([&] { service.stop(); });
  while (service.get("/health").first != 503)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(service.post("/run_code", run_code("too late")).first, 503);
  EXPECT_EQ(service.post("/run_batch", run_code("too late")).first, 503);
  service.sandbox.release();
  first.join();
  second.join();
  stopper.join();
  EXPECT_EQ(running.first, 200);
  EXPECT_EQ(waiting.first, 200);
  EXPECT_EQ(service.get("/health").first, 0);
}

}  // namespace
}  // namespace caco
