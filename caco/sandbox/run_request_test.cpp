// What a request brings beyond its program, and what a report tells beyond its result: standard
// input, arguments, files, limits, exit codes, stderr, traceback.
#include "caco/sandbox/run_request.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <string>
#include <utility>
#include <vector>

#include "caco/sandbox/test_sandbox.h"

namespace caco {
namespace {

RunReport run(const RunRequest& request) {
  Result<RunReport> report = test_sandbox().run_request(request);
  EXPECT_TRUE(report.ok()) << to_string(report.error());
  return report.ok() ? std::move(report).value() : RunReport();
}

RunReport run(const std::string& program, const std::string& standard_input = "") {
  RunRequest request;
  request.program = program;
  request.standard_input = standard_input;
  return run(request);
}

TEST(RunRequest, BringsStandardInputToAllWaysOfReading) {
  const std::string long_text(200'000, 'x');
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"print(input(), end='')", "a\nb\n"},
      {"import sys\nprint(sys.stdin.readline().strip(), end='')", "a\nb\n"},
      {"print(open(0).read().split()[0], end='')", "a\nb\n"},
      {"import os\nprint(os.read(0, 1).decode(), end='')", "a\nb\n"},
      {"import sys\nfor line in sys.stdin:\n    print(line.strip(), end='')\n    break", "a\nb\n"},
      {"import sys\nprint('a' * (len(sys.stdin.buffer.read()) == 200000), end='')", long_text},
  };
  for (const auto& [program, text] : rows)
    EXPECT_EQ(run(program, text).execution.stdout_text, "a") << program;
  // What one was given, the next does not see.
  EXPECT_EQ(run("import sys\nprint(repr(sys.stdin.read()))").execution.stdout_text, "''\n");
  EXPECT_EQ(run("import os\nprint(os.fstat(0).st_size)").execution.stdout_text, "0\n");
  EXPECT_EQ(run("input()").execution.error_type, "EOFError");
}

TEST(RunRequest, StandardInputCannotBeWritten) {
  for (const char* program : {"import os\nos.write(0, b'x')", "import os\nos.truncate(0, 0)",
                              "import mmap\nmmap.mmap(0, 1)", "open('/proc/self/fd/0', 'w')",
                              "open(0, 'w').write('x' * 99999)"}) {
    EXPECT_EQ(run(program, "given").execution.verdict, ExecutionVerdict::ErrorRaised) << program;
  }
}

struct EndRow {
  std::string program;
  std::string verdict;
  int64_t exit_code;
  int64_t signal;
  std::string stderr_text;
};

TEST(RunReport, TellsHowItEnded) {
  const std::vector<EndRow> rows = {
      {"import sys\nprint('e', file=sys.stderr)", "no_output", 0, 0, "e\n"},
      {"raise ValueError", "error_raised", 1, 0, ""},
      {"x = (", "compile_error", 1, 0, ""},
      {"import sys\nsys.exit()", "exited", 0, 0, ""},
      {"exit(7)", "exited", 7, 0, ""},
      {"raise SystemExit(True)", "exited", 1, 0, ""},
      {"raise SystemExit(-1)", "exited", 255, 0, ""},
      {"raise SystemExit('why')", "exited", 1, 0, "why\n"},
      {"raise SystemExit([])", "exited", 1, 0, ""},
      {"import os\nos._exit(5)", "exited", 5, 0, ""},
      {"import ctypes\nctypes.string_at(0)", "signaled", 0, SIGSEGV, ""},
      {"import os\nos.write(2, b'x')\nwhile True: pass", "cpu_time_limit", 0, SIGKILL, "x"},
      {"import sys\nprint('line', file=sys.stderr)\nwhile True: pass", "cpu_time_limit", 0, SIGKILL,
       "line\n"},
  };
  for (const EndRow& row : rows) {
    SCOPED_TRACE(row.program);
    const RunReport report = run(row.program);
    EXPECT_EQ(to_string(report.execution.verdict), row.verdict);
    EXPECT_EQ(report.exit_code, row.exit_code);
    EXPECT_EQ(report.signal, row.signal);
    EXPECT_EQ(report.stderr_text, row.stderr_text);
    EXPECT_GT(report.wall_us, 0);
  }
}

TEST(RunReport, CutsStderrAndGoesOn) {
  const RunReport report =
      run("import sys\nfor i in range(3000):\n    sys.stderr.write('x' * 100)\nprint('done')");
  EXPECT_TRUE(report.is_stderr_truncated);
  EXPECT_EQ(report.stderr_text.size(), 64U * 1024);
  EXPECT_EQ(report.execution.stdout_text, "done\n");
  EXPECT_EQ(run("print(1)").stderr_text, "");
}

TEST(RunReport, TellsWhereAnExceptionCameFrom) {
  const RunReport report = run("def f(n):\n    return f(n - 1) if n else 1 / 0\n\nf(1)\n");
  const std::vector<std::pair<int64_t, std::string>> expected = {
      {4, "<module>"}, {2, "f"}, {2, "f"}};
  EXPECT_EQ(report.traceback, expected);
  EXPECT_EQ(run("def f():\n    f()\nf()").traceback.size(), 20U);
}

TEST(RunRequest, HasLimitsOfItsOwn) {
  RunRequest request;
  request.program = "while True: pass";
  request.cpu_limit_ms = 50;
  EXPECT_LT(run(request).cpu_us, 250'000);
  request.program = "import time\ntime.sleep(60)";
  request.wall_limit_ms = 100;
  EXPECT_EQ(run(request).execution.verdict, ExecutionVerdict::WallTimeLimit);
  request = {};
  request.program = "x = bytearray(200 << 20)\nprint(len(x))";
  EXPECT_EQ(run(request).execution.verdict, ExecutionVerdict::MemoryLimit);
  request.memory_limit_mb = 400;
  EXPECT_EQ(run(request).execution.verdict, ExecutionVerdict::NoOutput);
  request.program = "print('x' * 99)";
  request.stdout_limit_bytes = 10;
  const RunReport report = run(request);
  EXPECT_EQ(report.execution.verdict, ExecutionVerdict::OutputLimit);
  EXPECT_TRUE(report.is_stdout_truncated);
}

TEST(RunRequest, IsKilledWhenGivenUp) {
  RunRequest request;
  request.program = "import time\ntime.sleep(50)";
  int64_t num_asked = 0;
  request.is_given_up = [&num_asked] {
    return ++num_asked > 1;
  };
  const RunReport report = run(request);
  EXPECT_EQ(report.signal, SIGKILL);
  EXPECT_LT(report.wall_us, 20'000'000);
  EXPECT_EQ(run("print(1)").execution.stdout_text, "1\n");
}

TEST(RunRequest, BringsArguments) {
  RunRequest request;
  request.program = "import sys\nprint(sys.argv[1:])";
  request.arguments = {"a", "b c", ""};
  EXPECT_EQ(run(request).execution.stdout_text, "['a', 'b c', '']\n");
}

TEST(RunRequest, BringsFilesAndTakesThemBack) {
  RunRequest request;
  request.files = {{"in/a.bin", std::string("\0\xff\n", 3)}, {"b", ""}};
  request.wanted_files = {"out/c", "absent", "in", "b", "in/a.bin"};
  request.program =
      "import os\nos.makedirs('out')\n"
      "with open('out/c', 'wb') as file:\n    file.write(open('in/a.bin', 'rb').read() * 2)\n"
      "os.remove('b')\nopen('big', 'w').write('x' * (1 << 20))\nprint(os.getcwd())\n";
  const RunReport report = run(request);
  EXPECT_EQ(report.execution.stdout_text, "/scratch\n") << report.execution.error_message;
  ASSERT_EQ(report.files.size(), 2U);
  EXPECT_EQ(report.files[0].path, "out/c");
  EXPECT_EQ(report.files[0].content, std::string("\0\xff\n\0\xff\n", 6));
  EXPECT_EQ(report.files[1].content, request.files[0].content);
}

// Each leaves what it can behind; the next must find an empty folder and room in it.
TEST(RunRequest, LeavesNothingInTheScratchFolder) {
  const std::vector<std::string> programs = {
      "open('a', 'w').write('x')",
      "import os\nos.makedirs('/'.join(['d'] * 500))",
      "import os\nfor i in range(2000):\n    open(str(i), 'w').close()",
      "f = open('big', 'wb')\nwhile True: f.write(bytes(1 << 16)); f.flush()",
      "import os\nos.mkdir('a')\nopen('a/b', 'w').close()\nos.chmod('a', 0)",
      "import os\nos.mkdir('a', 0o300)\nopen('a/b', 'w').close()",
      "import os\nopen('a', 'w').close()\nos.chmod('.', 0)",
      "import os\nfor i in range(60):\n    os.mkdir('x' * 250)\n    os.chdir('x' * 250)",
      "import os\nopen(b'\\xff\\n', 'w').close()\nwhile True: pass",
      "import os\nopen('a', 'w').close()\nos.rename('a', 'b')\nos.abort()",
  };
  for (const std::string& program : programs) {
    SCOPED_TRACE(program);
    RunRequest hostile;
    hostile.has_scratch = true;
    hostile.program = program;
    run(hostile);
    RunRequest next;
    next.has_scratch = true;
    next.program =
        "import os\nprint(os.listdir(), os.getcwd())\nopen('f', 'w').write('x' * (8 << 20))";
    const RunReport report = run(next);
    EXPECT_EQ(report.execution.stdout_text, "[] /scratch\n");
    EXPECT_EQ(report.execution.verdict, ExecutionVerdict::NoOutput) << report.execution.error_type;
  }
}

TEST(RunRequest, ConfinesWhatScratchProgramsWrite) {
  for (const char* program :
       {"import os\nos.symlink('/usr', 'x')", "import os\nos.link('a', 'b')",
        "import os\nos.mkfifo('x')", "open('/usr/x', 'w')", "open('../x', 'w')",
        "open('/tmp/x', 'w')", "import os\nos.mkdir('/x')", "import os\nos.chmod('/usr', 0)",
        "import os\nos.execv('/scratch/a', ['a'])", "import os\nos.truncate('/usr/bin/env', 0)",
        "import os\nos.chown('a', 0, 0)", "import socket\nsocket.socket(socket.AF_UNIX)",
        "import os\nos.rename('a', '/usr/a')", "import os\nos.fork()"}) {
    RunRequest request;
    request.has_scratch = true;
    request.files = {{"a", "#!/usr/bin/env true\n"}};
    request.program = program;
    const RunReport report = run(request);
    EXPECT_EQ(report.execution.verdict, ExecutionVerdict::ErrorRaised) << program;
  }
}

TEST(RunRequest, KeepsOthersWithoutScratch) {
  RunRequest with;
  with.has_scratch = true;
  with.program = "open('a', 'w').write('x')";
  EXPECT_EQ(run(with).execution.verdict, ExecutionVerdict::NoOutput);
  EXPECT_EQ(run("open('a', 'w')").execution.verdict, ExecutionVerdict::ErrorRaised);
  EXPECT_EQ(run("open('/scratch/a', 'w')").execution.verdict, ExecutionVerdict::ErrorRaised);
}

struct PathRow {
  std::string path;
  bool is_good;
};

TEST(RunRequest, RefusesPathsThatLeaveTheFolder) {
  const std::vector<PathRow> rows = {
      {"a", true},
      {"a/b.txt", true},
      {"..a/b..", true},
      {"a b/\xc3\xa9\n", true},
      {std::string(255, 'x'), true},
      {"", false},
      {"/", false},
      {"/etc/passwd", false},
      {"..", false},
      {"../a", false},
      {"a/..", false},
      {"a/../../b", false},
      {".", false},
      {"./a", false},
      {"a//b", false},
      {"a/", false},
      {std::string("a\0b", 3), false},
      {std::string(256, 'x'), false},
  };
  for (const PathRow& row : rows) {
    EXPECT_EQ(is_scratch_path(row.path), row.is_good) << row.path;
    RunRequest in, out;
    in.files = {{row.path, ""}};
    out.wanted_files = {row.path};
    EXPECT_EQ(check_request(in).ok(), row.is_good) << row.path;
    EXPECT_EQ(check_request(out).ok(), row.is_good) << row.path;
  }
}

TEST(RunRequest, RefusesTooMuch) {
  RunRequest request;
  request.files = {{"a", ""}, {"b", ""}, {"a", ""}};
  EXPECT_FALSE(check_request(request).ok());
  request.files = {{"a/b", ""}, {"a.txt", ""}, {"a", ""}};
  EXPECT_FALSE(check_request(request).ok());
  request.files = {{"a/b", ""}, {"a.txt", ""}, {"ab", ""}};
  EXPECT_TRUE(check_request(request).ok());
  request.files[0].content.assign(static_cast<size_t>(kMaxScratchInputBytes) + 1, 'x');
  EXPECT_FALSE(check_request(request).ok());
  request.files.assign(static_cast<size_t>(kMaxScratchFiles) + 1, {"a", ""});
  EXPECT_FALSE(check_request(request).ok());
  request = {};
  request.arguments = {std::string(static_cast<size_t>(kMaxArgumentBytes), 'x')};
  EXPECT_FALSE(check_request(request).ok());
}

}  // namespace
}  // namespace caco
