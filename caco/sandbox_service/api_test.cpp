// The shapes of the APIs: requests good and bad, and what the answer to each kind of run looks
// like.
#include "caco/sandbox_service/api.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <string>
#include <vector>

namespace caco {
namespace {

const std::string kVersion = "3.11.2";

ServiceLimits small_limits() {
  ServiceLimits limits;
  limits.max_cpu_ms = 20'000;
  limits.max_wall_ms = 30'000;
  limits.max_memory_mb = 1024;
  return limits;
}

Json json_of(const std::string& text) {
  Result<Json> json = parse_json(text);
  EXPECT_TRUE(json.ok()) << text;
  return json.ok() ? std::move(json).value() : Json();
}

// Status of a call that is refused or answered at once; 0 for one that is to be run.
int status_of(const ReadCall& read) {
  const ApiReply* const reply = std::get_if<ApiReply>(&read);
  return reply == nullptr ? 0 : reply->status;
}

struct RequestRow {
  std::string body;
  int status;        // 0: it is run
  std::string says;  // part of the refusal
};

TEST(FusionApi, ReadsRequests) {
  const std::vector<RequestRow> rows = {
      {R"({"code":"pass","language":"python"})", 0, ""},
      {R"({"code":"pass"})", 0, ""},
      {R"({"code":"","language":"python","stdin":null,"files":{},"fetch_files":[]})", 0, ""},
      {R"({"code":"1","compile_timeout":10,"run_timeout":10.5,"memory_limit_MB":1024,"extra":1})",
       0, ""},
      {R"({"code":"1","run_timeout":1e9,"memory_limit_MB":-1})", 0, ""},
      {R"({"code":"1","files":{"a/b.txt":"aGk=","c":null}})", 0, ""},
      {R"({"language":"python"})", 422, "Field required"},
      {R"({"code":5})", 422, "valid string"},
      {R"({"code":"1","language":"klingon"})", 422, "klingon"},
      {R"({"code":"1","language":7})", 422, "valid string"},
      {R"({"code":"1","run_timeout":"5"})", 422, "valid number"},
      {R"({"code":"1","run_timeout":-1})", 422, "greater than 0"},
      {R"({"code":"1","run_timeout":0})", 422, "greater than 0"},
      {R"({"code":"1","memory_limit_MB":1.5})", 422, "valid integer"},
      {R"({"code":"1","stdin":["a"]})", 422, "valid string"},
      {R"({"code":"1","files":[]})", 422, "dictionary"},
      {R"({"code":"1","files":{"a":"not base64!"}})", 422, "base64"},
      {R"({"code":"1","files":{"../a":"aGk="}})", 422, "../a"},
      {R"({"code":"1","files":{"/etc/cron.d/x":"aGk="}})", 422, "/etc/cron.d/x"},
      {R"({"code":"1","files":{"a":"aGk=","a/b":"aGk="}})", 422, "both file and folder"},
      {R"({"code":"1","fetch_files":["a/../../b"]})", 422, "a/../../b"},
      {R"({"code":"1","fetch_files":"a"})", 422, "valid list"},
      {R"({"code":"1","fetch_files":[""]})", 422, "relative path"},
      {"[1]", 422, "JSON object"},
      {"null", 422, "JSON object"},
  };
  for (const RequestRow& row : rows) {
    SCOPED_TRACE(row.body);
    const ReadCall read = read_fusion_call(json_of(row.body), small_limits());
    EXPECT_EQ(status_of(read), row.status);
    if (const ApiReply* const reply = std::get_if<ApiReply>(&read)) {
      EXPECT_TRUE(reply->body["detail"].is_array());
      EXPECT_NE(dump_json(reply->body).find(row.says), std::string::npos) << reply->body;
    }
  }
}

TEST(FusionApi, NamesEveryFault) {
  const ReadCall read = read_fusion_call(json_of(R"({"code":1,"run_timeout":"x"})"), {});
  const ApiReply& reply = std::get<ApiReply>(read);
  ASSERT_EQ(reply.body["detail"].size(), 2U);
  EXPECT_EQ(reply.body["detail"][0]["loc"], Json::array({"body", "code"}));
  EXPECT_EQ(reply.body["detail"][1]["loc"], Json::array({"body", "run_timeout"}));
}

TEST(FusionApi, TurnsTimeoutsIntoLimitsAndCapsThem) {
  const ReadCall read = read_fusion_call(
      json_of(R"({"code":"1","run_timeout":5,"memory_limit_MB":256,"stdin":"in"})"),
      small_limits());
  const ApiCall& call = std::get<ApiCall>(read);
  EXPECT_EQ(call.request.cpu_limit_ms, 5000);
  EXPECT_EQ(call.request.wall_limit_ms, 6000);
  EXPECT_EQ(call.request.memory_limit_mb, 256);
  EXPECT_EQ(call.request.standard_input, "in");
  EXPECT_FALSE(call.is_capped);
  const ReadCall greedy = read_fusion_call(
      json_of(R"({"code":"1","run_timeout":1e300,"memory_limit_MB":99999999})"), small_limits());
  const ApiCall& capped = std::get<ApiCall>(greedy);
  EXPECT_EQ(capped.request.cpu_limit_ms, 20'000);
  EXPECT_EQ(capped.request.wall_limit_ms, 30'000);
  EXPECT_EQ(capped.request.memory_limit_mb, 1024);
  EXPECT_TRUE(capped.is_capped);
}

TEST(FusionApi, AnswersOtherLanguagesAsAServerWithoutThem) {
  const ReadCall compiled = read_fusion_call(json_of(R"({"code":"a=b","language":"cpp"})"), {});
  const Json& first = std::get<ApiReply>(compiled).body;
  EXPECT_EQ(status_of(compiled), 200);
  EXPECT_EQ(first["status"], "Failed");
  EXPECT_EQ(first["compile_result"]["status"], "Finished");
  EXPECT_EQ(first["compile_result"]["return_code"], 127);
  EXPECT_TRUE(first["run_result"].is_null());
  const ReadCall shell = read_fusion_call(json_of(R"({"code":"ls","language":"bash"})"), {});
  const Json& second = std::get<ApiReply>(shell).body;
  EXPECT_TRUE(second["compile_result"].is_null());
  EXPECT_EQ(second["run_result"]["return_code"], 127);
}

struct RunRow {
  ExecutionVerdict verdict;
  int64_t exit_code;
  int64_t signal;
  std::string status;      // SandboxFusion
  std::string run_status;  // SandboxFusion
  Json return_code;        // SandboxFusion
  Json piston_status;
  std::string nemo_status;
  int64_t snekbox_code;
};

const std::vector<RunRow>& run_rows() {
  using V = ExecutionVerdict;
  static const std::vector<RunRow> rows = {
      {V::Ok, 0, 0, "Success", "Finished", 0, nullptr, "completed", 0},
      {V::NoOutput, 0, 0, "Success", "Finished", 0, nullptr, "completed", 0},
      {V::TooLarge, 0, 0, "Success", "Finished", 0, nullptr, "completed", 0},
      {V::Unserializable, 0, 0, "Success", "Finished", 0, nullptr, "completed", 0},
      {V::ErrorRaised, 1, 0, "Failed", "Finished", 1, "RE", "completed", 1},
      {V::CompileError, 1, 0, "Failed", "Finished", 1, "RE", "completed", 1},
      {V::MemoryLimit, 1, 0, "Failed", "Finished", 1, "RE", "completed", 1},
      {V::MemoryLimit, 0, SIGKILL, "Failed", "Finished", -9, "SG", "completed", 137},
      {V::Exited, 0, 0, "Success", "Finished", 0, nullptr, "completed", 0},
      {V::Exited, 3, 0, "Failed", "Finished", 3, "RE", "completed", 3},
      {V::Signaled, 0, SIGSEGV, "Failed", "Finished", -11, "SG", "completed", 139},
      {V::CpuTimeLimit, 0, SIGKILL, "Failed", "TimeLimitExceeded", nullptr, "TO", "timeout", 137},
      {V::WallTimeLimit, 0, SIGKILL, "Failed", "TimeLimitExceeded", nullptr, "TO", "timeout", 137},
      {V::OutputLimit, 0, SIGKILL, "Failed", "Finished", -9, "OL", "completed", 137},
      {V::Protocol, 0, 0, "Failed", "Finished", 1, "RE", "completed", 1},
  };
  return rows;
}

TEST(Apis, GiveEachVerdictInTheirOwnWords) {
  for (const RunRow& row : run_rows()) {
    RunReport report;
    report.execution.verdict = row.verdict;
    report.execution.stdout_text = "out\n";
    report.exit_code = row.exit_code;
    report.signal = row.signal;
    report.wall_us = 1'500'000;
    SCOPED_TRACE(std::string(to_string(row.verdict)) + " " + std::to_string(row.signal));
    ApiCall call;
    call.max_output_characters = 100;
    const Json fusion = write_fusion_reply(call, report).body;
    EXPECT_EQ(fusion["status"], row.status);
    EXPECT_EQ(fusion["run_result"]["status"], row.run_status);
    EXPECT_EQ(fusion["run_result"]["return_code"], row.return_code);
    EXPECT_EQ(fusion["run_result"]["stdout"], "out\n");
    EXPECT_EQ(fusion["run_result"]["execution_time"], 1.5);
    EXPECT_TRUE(fusion["run_result"]["stderr"].is_string());
    EXPECT_EQ(fusion["run_result"]["verdict"], std::string(to_string(row.verdict)));
    const Json piston = write_piston_reply(call, report, kVersion).body;
    EXPECT_EQ(piston["run"]["status"], row.piston_status);
    EXPECT_EQ(piston["run"]["wall_time"], 1500);
    EXPECT_EQ(piston["run"]["code"].is_null(), !piston["run"]["signal"].is_null());
    EXPECT_EQ(write_nemo_reply(call, report).body["process_status"], row.nemo_status);
    EXPECT_EQ(write_snekbox_reply(call, report).body["returncode"], row.snekbox_code);
  }
}

TEST(Apis, BlameTheSandboxForItsOwnFailuresAlone) {
  const Error error{ErrorCode::Unavailable, "no worker", ""};
  const Json fusion = write_fusion_reply({}, error).body;
  EXPECT_EQ(fusion["status"], "SandboxError");
  EXPECT_EQ(fusion["message"], "no worker");
  EXPECT_EQ(write_piston_reply({}, error, kVersion).body["run"]["status"], "XX");
  EXPECT_EQ(write_nemo_reply({}, error).status, 500);
  EXPECT_EQ(write_snekbox_reply({}, error).status, 500);
}

TEST(Apis, ShowTheTracebackWithTheProgramsLines) {
  ApiCall call;
  call.request.program = "def f():\n    return 1 / 0\n\nf()\n";
  RunReport report;
  report.execution.verdict = ExecutionVerdict::ErrorRaised;
  report.execution.error_type = "ZeroDivisionError";
  report.execution.error_message = "division by zero";
  report.traceback = {{4, "<module>"}, {2, "f"}};
  report.stderr_text = "warned";
  report.exit_code = 1;
  EXPECT_EQ(write_fusion_reply(call, report).body["run_result"]["stderr"],
            "warned\nTraceback (most recent call last):\n"
            "  File \"main.py\", line 4, in <module>\n    f()\n"
            "  File \"main.py\", line 2, in f\n    return 1 / 0\n"
            "ZeroDivisionError: division by zero\n");
  report.execution.verdict = ExecutionVerdict::CompileError;
  report.execution.error_type = "SyntaxError";
  report.execution.error_message = "invalid syntax";
  report.execution.error_line = 2;
  report.traceback.clear();
  report.stderr_text.clear();
  EXPECT_EQ(write_fusion_reply(call, report).body["run_result"]["stderr"],
            "  File \"main.py\", line 2\n    return 1 / 0\nSyntaxError: invalid syntax\n");
}

TEST(FusionApi, KeepsBytesThatAreNoText) {
  RunReport report;
  report.execution.verdict = ExecutionVerdict::NoOutput;
  report.execution.stdout_text = "\xff\xfe";
  const Json run = write_fusion_reply({}, report).body["run_result"];
  EXPECT_EQ(run["stdout_b64"], "//4=");
  report.execution.stdout_text = "h\xc3\xa9 \"\\\n\x01";
  EXPECT_FALSE(write_fusion_reply({}, report).body["run_result"].contains("stdout_b64"));
}

TEST(PistonApi, ReadsRequests) {
  const std::string python = R"("language":"python","version":"3.11.x",)";
  const std::string files = R"("files":[{"content":"pass"}])";
  const std::vector<RequestRow> rows = {
      {"{" + python + files + "}", 0, ""},
      {R"({"language":"py","version":"*","files":[{"name":"a.py","content":"1"}],"args":["x"]})", 0,
       ""},
      {"{" + python + R"("files":[{"content":"cHJpbnQ=","encoding":"base64"},{"content":"1"}]})", 0,
       ""},
      {"{" + python +
           R"("files":[{"content":"1"},{"name":"d","content":"00fF","encoding":"hex"}]})",
       0, ""},
      {"{" + python + files + R"(,"run_timeout":20000,"run_memory_limit":-1})", 0, ""},
      {R"({"version":"*",)" + files + "}", 400, "language"},
      {R"({"language":"python",)" + files + "}", 400, "version"},
      {R"({"language":"python","version":"*"})", 400, "files is required"},
      {"{" + python + R"("files":[]})", 400, "at least one utf8"},
      {"{" + python + R"("files":[{"content":"AA==","encoding":"base64"}]})", 400,
       "at least one utf8"},
      {"{" + python + R"("files":[{"name":"a"}]})", 400, "content"},
      {"{" + python + R"("files":[5]})", 400, "JSON object"},
      {"{" + python + R"("files":[{"content":"1","encoding":"rot13"}]})", 400, "encoding"},
      {"{" + python + R"("files":[{"content":"1"},{"content":"0g","encoding":"hex"}]})", 400,
       "not hex"},
      {"{" + python + R"("files":[{"name":"../a","content":"1"}]})", 400, "../a"},
      {R"({"language":"ruby","version":"*",)" + files + "}", 400, "ruby-* runtime is unknown"},
      {R"({"language":"python","version":"2.7",)" + files + "}", 400, "runtime is unknown"},
      {"{" + python + files + R"(,"run_timeout":20001})", 400, "cannot exceed"},
      {"{" + python + files + R"(,"run_timeout":-5})", 400, "positive"},
      {"{" + python + files + R"(,"run_timeout":"9"})", 400, "valid integer"},
      {"{" + python + files + R"(,"run_memory_limit":99999999999})", 400, "cannot exceed"},
      {"{" + python + files + R"(,"args":[1]})", 400, "list of strings"},
      {"7", 400, "JSON object"},
  };
  for (const RequestRow& row : rows) {
    SCOPED_TRACE(row.body);
    const ReadCall read = read_piston_call(json_of(row.body), small_limits(), kVersion);
    EXPECT_EQ(status_of(read), row.status);
    if (const ApiReply* const reply = std::get_if<ApiReply>(&read)) {
      EXPECT_NE(reply->body["message"].get<std::string>().find(row.says), std::string::npos)
          << reply->body;
    }
  }
}

TEST(PistonApi, EndsTheStandardInputWithALine) {
  const ReadCall read = read_piston_call(
      json_of(R"({"language":"python","version":"*","files":[{"content":"1"}],"stdin":"a"})"), {},
      kVersion);
  EXPECT_EQ(std::get<ApiCall>(read).request.standard_input, "a\n");
}

TEST(PistonApi, DoesNotRepeatTheWordsThatMeanOverload) {
  RunReport report;
  report.execution.verdict = ExecutionVerdict::Exited;
  report.exit_code = 1;
  report.stderr_text = "x: Resource temporarily unavailable, Resource temporarily unavailable";
  const std::string body = dump_json(write_piston_reply({}, report, kVersion).body);
  EXPECT_EQ(body.find("temporarily"), std::string::npos) << body;
}

TEST(SmallApis, ReadRequests) {
  const std::vector<RequestRow> nemo = {
      {R"({"generated_code":"pass","language":"python","timeout":5})", 0, ""},
      {R"({"generated_code":"pass","std_input":"a","language":"python3"})", 0, ""},
      {R"({"generated_code":"pass"})", 400, "sessions are not supported"},
      {R"({"generated_code":"pass","language":"lean4"})", 400, "python only"},
      {R"({"language":"python"})", 400, "Field required"},
      {R"({"generated_code":"1","language":"python","timeout":0})", 400, "greater than 0"},
  };
  for (const RequestRow& row : nemo) {
    SCOPED_TRACE(row.body);
    const ReadCall read = read_nemo_call(json_of(row.body), small_limits());
    EXPECT_EQ(status_of(read), row.status);
    if (const ApiReply* const reply = std::get_if<ApiReply>(&read)) {
      EXPECT_NE(dump_json(reply->body).find(row.says), std::string::npos) << reply->body;
    }
  }
  const std::vector<RequestRow> snekbox = {
      {R"({"input":"pass"})", 0, ""},
      {R"({"args":["-c","pass","x"]})", 0, ""},
      {R"({"args":["main.py"],"files":[{"path":"main.py","content":"cHJpbnQoMSk="}]})", 0, ""},
      {"{}", 400, "needs input"},
      {R"({"args":["other.py"],"files":[{"path":"main.py","content":""}]})", 400, "needs input"},
      {R"({"input":"1","files":[{"path":"/x","content":""}]})", 400, "relative path"},
      {R"({"input":"1","files":[{"path":"x","content":"?"}]})", 400, "base64"},
      {R"({"input":5})", 400, "valid string"},
  };
  for (const RequestRow& row : snekbox) {
    SCOPED_TRACE(row.body);
    const ReadCall read = read_snekbox_call(json_of(row.body), small_limits());
    EXPECT_EQ(status_of(read), row.status);
    if (const ApiReply* const reply = std::get_if<ApiReply>(&read)) {
      EXPECT_NE(dump_json(reply->body).find(row.says), std::string::npos) << reply->body;
    }
  }
}

TEST(NemoApi, CutsInCharacters) {
  RunReport report;
  report.execution.verdict = ExecutionVerdict::NoOutput;
  report.execution.stdout_text = "h\xc3\xa9llo";
  ApiCall call;
  call.max_output_characters = 2;
  EXPECT_EQ(write_nemo_reply(call, report).body["stdout"], "h\xc3\xa9<output cut>");
  call.max_output_characters = 5;
  EXPECT_EQ(write_nemo_reply(call, report).body["stdout"], "h\xc3\xa9llo");
}

}  // namespace
}  // namespace caco
