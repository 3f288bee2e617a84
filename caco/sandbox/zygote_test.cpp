#include "caco/sandbox/zygote.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "caco/sandbox/protocol.h"

namespace caco {
namespace {

const std::string kNonce(static_cast<size_t>(kNonceBytes), 'n');

RunLimits small_limits() {
  RunLimits limits;
  limits.cpu_us = 300'000;
  limits.wall_us = 60'000'000;
  limits.memory_bytes = 128 << 20;
  limits.stdout_bytes = 4096;
  limits.value_bytes = 4096;
  limits.max_int_digits = 100;
  return limits;
}

struct ContainedRow {
  std::string program;
  std::string verdict;
  std::string output_or_error;
};

// What holds where there are no namespaces: the system call filters, file rules and limits alone.
TEST(Zygote, ContainsProgramsWithoutNamespaces) {
  ZygoteSpec spec;
  spec.python = "/usr/bin/python3";
  spec.slot = 90;
  spec.strength = JailStrength::NoNamespaces;
  Result<std::unique_ptr<Zygote>> zygote = Zygote::start(spec);
  ASSERT_TRUE(zygote.ok()) << to_string(zygote.error());
  const std::vector<ContainedRow> rows = {
      {"output = 6 * 7", "ok", "42"},
      {"import os\nos.fork()", "error_raised", "PermissionError"},
      {"import os\nos.kill(os.getppid(), 9)", "error_raised", "PermissionError"},
      {"import os\nos.execv('/usr/bin/true', ['true'])", "error_raised", "PermissionError"},
      {"import socket\nsocket.socket()", "error_raised", "PermissionError"},
      {"open('/tmp/left-behind', 'w')", "error_raised", "PermissionError"},
      {"open('/etc/passwd')", "error_raised", "PermissionError"},
      {"while True: pass", "cpu_time_limit", ""},
      {"x = bytearray(1 << 30)", "memory_limit", "MemoryError"},
      {"output = 'still here'", "ok", "'still here'"},
  };
  for (const ContainedRow& row : rows) {
    SCOPED_TRACE(row.program);
    const Result<RawRun> raw = zygote.value()->run(row.program, kNonce, small_limits());
    ASSERT_TRUE(raw.ok()) << to_string(raw.error());
    const Execution execution = interpret_run(raw.value(), kNonce, small_limits());
    EXPECT_EQ(to_string(execution.verdict), row.verdict) << execution.error_message;
    EXPECT_EQ(
        execution.verdict == ExecutionVerdict::Ok ? execution.output_repr : execution.error_type,
        row.output_or_error);
  }
}

TEST(Zygote, SaysWhyItDoesNotStart) {
  ZygoteSpec spec;
  spec.python = "/usr/bin/true";
  const Result<std::unique_ptr<Zygote>> zygote = Zygote::start(spec);
  ASSERT_FALSE(zygote.ok());
  EXPECT_EQ(zygote.error().code, ErrorCode::Unavailable);
  EXPECT_NE(zygote.error().message.find("ended while starting"), std::string::npos);
}

TEST(Zygote, MeasuresTimeAndMemory) {
  ZygoteSpec spec;
  spec.python = "/usr/bin/python3";
  const Result<std::unique_ptr<Zygote>> zygote = Zygote::start(spec);
  ASSERT_TRUE(zygote.ok()) << to_string(zygote.error());
  const Result<RawRun> raw = zygote.value()->run(
      "import time\nx = b'1' * 40_000_000\ntime.sleep(0.05)\n", kNonce, small_limits());
  ASSERT_TRUE(raw.ok());
  EXPECT_GT(raw.value().wall_us, 50'000);
  EXPECT_GT(raw.value().cpu_us, 0);
  EXPECT_GT(raw.value().peak_kib, 40'000);
}

}  // namespace
}  // namespace caco
