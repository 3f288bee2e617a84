#include "caco/sandbox/protocol.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <string.h>

#include <string>
#include <vector>

namespace caco {
namespace {

const std::string kNonce(static_cast<size_t>(kNonceBytes), 'n');

std::string make_frame(char kind, const std::string& payload, const std::string& nonce = kNonce) {
  const uint32_t length = static_cast<uint32_t>(payload.size());
  std::string length_bytes(4, '\0');
  memcpy(length_bytes.data(), &length, 4);
  return kind + nonce + length_bytes + payload;
}

struct FrameRow {
  std::string name;
  std::string result_bytes;
  std::string verdict;
  int64_t wait_status = 0;
  KillReason killed = KillReason::None;
};

TEST(Protocol, TrustsWholeFramesOnly) {
  const std::string facts = make_frame(
      'F',
      R"({"effective_lines":6,"input_names":["a"],"unused_inputs":[],"imports":[],"normal_form":"x","structure":"y"})");
  const std::string ok_text =
      R"({"status":"ok","inputs":[["a","1"]],"input":{"dict":[["a",1]]},"output":7,"repr":"7"})";
  const std::string ok = make_frame('R', ok_text);
  const std::vector<FrameRow> rows = {
      {"honest", facts + ok, "ok"},
      {"honest, killed after its frame", facts + ok, "ok", SIGKILL, KillReason::WallLimit},
      {"compile error",
       make_frame('R', R"({"status":"compile","type":"SyntaxError","message":"m","line":1})"),
       "compile_error"},
      {"nothing", "", "exited"},
      {"facts only", facts, "exited"},
      {"killed for CPU time", facts, "cpu_time_limit", SIGKILL, KillReason::CpuLimit},
      {"killed for wall time", facts, "wall_time_limit", SIGKILL, KillReason::WallLimit},
      {"killed by the kernel", facts, "memory_limit", SIGKILL},
      {"crash", facts, "signaled", SIGSEGV},
      {"CPU limit of the kernel", facts, "cpu_time_limit", SIGXCPU},
      {"wrong nonce", facts + make_frame('R', ok_text, std::string(16, 'x')), "protocol"},
      {"two results", facts + ok + ok, "protocol"},
      {"two facts", facts + facts + ok, "protocol"},
      {"facts after the result", ok + facts, "protocol"},
      {"trailing byte", facts + ok + "x", "protocol"},
      {"leading byte", "x" + facts + ok, "protocol"},
      {"cut", (facts + ok).substr(0, facts.size() + ok.size() - 1), "protocol"},
      {"cut head", facts + ok.substr(0, 10), "protocol"},
      {"huge length", "R" + kNonce + "\xff\xff\xff\xff", "protocol"},
      {"unknown kind", make_frame('X', ok_text), "protocol"},
      {"not JSON", make_frame('R', "nonsense"), "protocol"},
      {"not an object", make_frame('R', "[1]"), "protocol"},
      {"unknown status", make_frame('R', R"({"status":"great"})"), "protocol"},
      {"status of a wrong type", make_frame('R', R"({"status":5})"), "protocol"},
      {"no output", make_frame('R', R"({"status":"ok","inputs":[],"input":null})"), "protocol"},
      {"inputs of a wrong type",
       make_frame('R', R"({"status":"ok","inputs":[["a"]],"input":null,"output":1,"repr":"1"})"),
       "protocol"},
      {"too deep",
       make_frame('R', "{\"status\":\"ok\",\"output\":" + std::string(5000, '[') +
                           std::string(5000, ']') + "}"),
       "protocol"},
  };
  for (const FrameRow& row : rows) {
    SCOPED_TRACE(row.name);
    RawRun raw;
    raw.result_bytes = row.result_bytes;
    raw.wait_status = row.wait_status;
    raw.killed = row.killed;
    RunLimits limits;
    limits.cpu_us = 1000;
    const Execution execution = interpret_run(raw, kNonce, limits);
    EXPECT_EQ(to_string(execution.verdict), row.verdict) << execution.error_message;
    EXPECT_EQ(execution.output_repr, row.verdict == "ok" ? "7" : "");
  }
}

TEST(Protocol, CapsComeFirst) {
  RawRun raw;
  raw.result_bytes =
      make_frame('R', R"({"status":"ok","inputs":[],"input":null,"output":1,"repr":"1"})");
  raw.is_stdout_over = true;
  EXPECT_EQ(interpret_run(raw, kNonce, {}).verdict, ExecutionVerdict::OutputLimit);
  raw.is_result_over = true;
  EXPECT_EQ(interpret_run(raw, kNonce, {}).verdict, ExecutionVerdict::Protocol);
}

}  // namespace
}  // namespace caco
