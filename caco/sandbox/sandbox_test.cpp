#include "caco/sandbox/sandbox.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "caco/sandbox/test_sandbox.h"

namespace caco {
namespace {

struct ValueRow {
  std::string expression;
  std::string repr;
  std::string json;
};

TEST(Sandbox, KeepsTypesOfValues) {
  const std::string imports =
      "import collections, datetime, decimal, fractions\n"
      "from decimal import Decimal\nfrom fractions import Fraction\n";
  const std::vector<ValueRow> rows = {
      {"42", "42", "42"},
      {"-2**63", "-9223372036854775808", "-9223372036854775808"},
      {"2**63", "9223372036854775808", R"({"int":"9223372036854775808"})"},
      {"True", "True", "true"},
      {"None", "None", "null"},
      {"1.5", "1.5", "1.5"},
      {"1e16", "1e+16", "1e+16"},
      {"-0.0", "-0.0", "-0.0"},
      {"float('nan')", "nan", R"({"float":"nan"})"},
      {"-float('inf')", "-inf", R"({"float":"-inf"})"},
      {"3-4j", "(3-4j)", R"({"complex":[3.0,-4.0]})"},
      {"'it\\'s \\n ü'", "\"it's \\n ü\"", "\"it's \\n ü\""},
      {"'\\ud800'", "'\\ud800'", R"({"str":"eda080"})"},
      {"b'\\xff\\x00'", "b'\\xff\\x00'", R"({"bytes":"ff00"})"},
      {"[1, [2, []]]", "[1, [2, []]]", "[1,[2,[]]]"},
      {"(1,)", "(1,)", R"({"tuple":[1]})"},
      {"()", "()", R"({"tuple":[]})"},
      {"{3, 1, 2}", "{1, 2, 3}", R"({"set":[1,2,3]})"},
      {"set()", "set()", R"({"set":[]})"},
      {"frozenset('b a'.split())", "frozenset({'a', 'b'})", R"({"frozenset":["a","b"]})"},
      {"{'a': 1, 2: 'b'}", "{'a': 1, 2: 'b'}", R"({"dict":[["a",1],[2,"b"]]})"},
      {"range(0, 9, 2)", "range(0, 9, 2)", R"({"range":[{"int":"0"},{"int":"9"},{"int":"2"}]})"},
      {"Fraction(6, 8)", "Fraction(3, 4)", R"({"fraction":"3/4"})"},
      {"Decimal('1.10')", "Decimal('1.10')", R"({"decimal":"1.10"})"},
      {"datetime.date(2024, 2, 29)", "datetime.date(2024, 2, 29)", R"({"date":"2024-02-29"})"},
      {"datetime.timedelta(hours=25)", "datetime.timedelta(days=1, seconds=3600)",
       R"({"timedelta":[1,3600,0]})"},
      {"collections.Counter('aab')", "Counter({'a': 2, 'b': 1})",
       R"({"counter":[["a",2],["b",1]]})"},
      {"collections.deque([1])", "deque([1])", R"({"deque":[1]})"},
  };
  for (const ValueRow& row : rows) {
    SCOPED_TRACE(row.expression);
    const Execution execution = run_in_test_sandbox(imports + "input = {\"x\": " + row.expression +
                                                    "}\noutput = input[\"x\"]\n");
    EXPECT_EQ(to_string(execution.verdict), "ok") << execution.error_message;
    EXPECT_EQ(execution.output_repr, row.repr);
    EXPECT_EQ(dump_json(execution.output_value), row.json);
    ASSERT_EQ(execution.inputs.size(), 1U);
    EXPECT_EQ(execution.inputs[0].first, "x");
    EXPECT_EQ(execution.inputs[0].second, row.repr);
    EXPECT_EQ(dump_json(execution.input_value), "{\"dict\":[[\"x\"," + row.json + "]]}");
  }
}

TEST(Sandbox, KeepsTypesOfLibraries) {
  const std::vector<ValueRow> rows = {
      {"np.int64(5)", "5", R"({"numpy":["int64",5]})"},
      {"np.float64(2.5)", "2.5", R"({"numpy":["float64",2.5]})"},
      {"np.bool_(True)", "True", R"({"numpy":["bool_",true]})"},
      {"np.array([[1, 2], [3, 4]])", "[[1, 2], [3, 4]]", R"({"ndarray":["int64",[[1,2],[3,4]]]})"},
      {"np.array(1.5)", "1.5", R"({"ndarray":["float64",1.5]})"},
      {"sympy.Integer(7)", "7", R"({"sympy":["Integer","7"]})"},
      {"sympy.Rational(1, 3)", "1/3", R"({"sympy":["Rational","1/3"]})"},
      {"sympy.sqrt(8) * sympy.Symbol('x')", "2*sqrt(2)*x", R"({"sympy":["Mul","2*sqrt(2)*x"]})"},
      {"[sympy.oo]", "[oo]", R"([{"sympy":["Infinity","oo"]}])"},
      {"sympy.Matrix([[1, 2]])", "Matrix([[1, 2]])",
       R"--({"sympy":["MutableDenseMatrix","Matrix([[1, 2]])"]})--"},
  };
  if (run_in_test_sandbox("import numpy, sympy\noutput = 1\n").verdict != ExecutionVerdict::Ok) {
    GTEST_SKIP() << "NumPy or SymPy is not installed";
  }
  for (const ValueRow& row : rows) {
    SCOPED_TRACE(row.expression);
    const Execution execution =
        run_in_test_sandbox("import numpy as np\nimport sympy\noutput = " + row.expression + "\n");
    EXPECT_EQ(to_string(execution.verdict), "ok") << execution.error_message;
    EXPECT_EQ(execution.output_repr, row.repr);
    EXPECT_EQ(dump_json(execution.output_value), row.json);
  }
}

struct VerdictRow {
  std::string name;
  std::string program;
  std::string verdict;
  std::string error_type;
  std::string error_message;
  int64_t error_line = 0;
};

TEST(Sandbox, SaysHowProgramsEnd) {
  const std::vector<VerdictRow> rows = {
      {"printed", "print('hello')\noutput = 1", "ok", "", "", 0},
      {"empty", "", "no_output", "", "", 0},
      {"no output", "x = 1", "no_output", "", "", 0},
      {"exception", "x = 1\ny = x / 0", "error_raised", "ZeroDivisionError", "division by zero", 2},
      {"raised in a function", "def f():\n    return [][0]\n\nf()", "error_raised", "IndexError",
       "list index out of range", 2},
      {"raised in a library", "import json\n\njson.loads('{')", "error_raised", "JSONDecodeError",
       "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)", 3},
      {"own exception", "class Odd(Exception): pass\nraise Odd('why')", "error_raised", "Odd",
       "why", 2},
      {"key error", "{}['a']", "error_raised", "KeyError", "a", 1},
      {"assertion", "assert 1 == 2", "error_raised", "AssertionError", "", 1},
      {"syntax", "x = 1\nx = = 2", "compile_error", "SyntaxError", "invalid syntax", 2},
      {"indentation", "if 1:\nx = 1", "compile_error", "IndentationError",
       "expected an indented block after 'if' statement on line 1", 2},
      {"sys.exit", "import sys\nsys.exit(3)", "exited", "SystemExit", "(3,)", 2},
      {"exit with words", "raise SystemExit('bye')", "exited", "SystemExit", "bye", 1},
      {"os._exit", "import os\nos._exit(5)", "exited", "", "left with code 5", 0},
      {"endless", "while True: pass", "cpu_time_limit", "", "over the limit of CPU time", 0},
      {"memory", "x = bytearray(1 << 30)", "memory_limit", "MemoryError", "", 1},
      {"printed too much", "print('x' * 70000)", "output_limit", "", "printed too much", 0},
      {"no data form", "output = object()", "unserializable", "", "output: object", 0},
      {"input has no data form", "input = {'f': len}\noutput = 1", "unserializable", "",
       "input: builtin_function_or_method", 0},
      {"too large", "output = 'x' * 70000", "too_large", "", "output is above the size limit", 0},
      {"too many digits", "output = 10 ** 10000", "too_large", "", "output is above the size limit",
       0},
      {"just enough digits", "output = 10 ** 9999", "ok", "", "", 0},
      {"crash", "import ctypes\nctypes.string_at(1)", "signaled", "SIGSEGV", "died by signal 11",
       0},
  };
  for (const VerdictRow& row : rows) {
    SCOPED_TRACE(row.name);
    const Execution execution = run_in_test_sandbox(row.program);
    EXPECT_EQ(to_string(execution.verdict), row.verdict);
    EXPECT_EQ(execution.error_type, row.error_type);
    EXPECT_EQ(execution.error_message, row.error_message);
    EXPECT_EQ(execution.error_line, row.error_line);
  }
}

TEST(Sandbox, CapturesStdoutUpToTheLimit) {
  for (const size_t size : {size_t{0}, size_t{65'535}}) {
    const Execution execution =
        run_in_test_sandbox("print('x' * " + std::to_string(size) + ")\noutput = 1\n");
    EXPECT_EQ(execution.verdict, ExecutionVerdict::Ok) << size;
    EXPECT_EQ(execution.stdout_text, std::string(size, 'x') + "\n");
  }
  const Execution over = run_in_test_sandbox("print('x' * 65536)\noutput = 1\n");
  EXPECT_EQ(over.verdict, ExecutionVerdict::OutputLimit);
  EXPECT_EQ(over.stdout_text, std::string(65'536, 'x'));
}

TEST(Sandbox, LargeStdoutWithinALargerLimitArrivesWhole) {
  SandboxOptions options;
  options.num_workers = 1;
  options.stdout_limit_bytes = 4 << 20;
  Result<std::unique_ptr<Sandbox>> sandbox = Sandbox::create(options);
  ASSERT_TRUE(sandbox.ok()) << to_string(sandbox.error());
  for (const size_t size : {65'537UL, 131'072UL, 131'073UL, 196'609UL, 1UL << 20}) {
    const Result<Execution> run = sandbox.value()->run("import sys\nsys.stdout.write('x' * " +
                                                       std::to_string(size) + ")\noutput = 1\n");
    ASSERT_TRUE(run.ok());
    EXPECT_EQ(run.value().verdict, ExecutionVerdict::Ok);
    EXPECT_EQ(run.value().stdout_text.size(), size);
  }
}

TEST(Sandbox, RunsTheSameWayEveryTime) {
  const std::string program =
      "import random\n"
      "input = {\"n\": 3}\n"
      "output = [random.random(), random.sample(range(100), input[\"n\"]), hash('a'), id(object()) "
      "> 0]\n";
  const Execution first = run_in_test_sandbox(program);
  ASSERT_EQ(first.verdict, ExecutionVerdict::Ok);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(run_in_test_sandbox(program).output_repr, first.output_repr);
}

TEST(Sandbox, RunTwiceFindsWhatDependsOnSeeds) {
  SandboxOptions options;
  options.num_workers = 1;
  options.run_twice = true;
  Result<std::unique_ptr<Sandbox>> sandbox = Sandbox::create(options);
  ASSERT_TRUE(sandbox.ok()) << to_string(sandbox.error());
  const std::vector<std::pair<std::string, bool>> rows = {
      {"output = sorted({'a', 'b', 'c'})", true},
      {"output = {'a', 'b', 'c'}", true},  // sets are equal whatever their order
      {"output = list({'apple', 'pear', 'fig', 'plum', 'lime'})", false},
      {"import random\noutput = random.random()", false},
      {"import os\noutput = os.urandom(4)", false},
  };
  for (const auto& [program, is_deterministic] : rows) {
    const Result<Execution> run = sandbox.value()->run(program);
    ASSERT_TRUE(run.ok()) << program;
    EXPECT_EQ(run.value().verdict, ExecutionVerdict::Ok) << program;
    EXPECT_EQ(run.value().is_deterministic, is_deterministic) << program;
  }
}

TEST(Sandbox, ServesMoreThreadsThanWorkers) {
  std::vector<std::thread> threads;
  std::vector<int> wrong(6, 0);
  for (int thread = 0; thread < 6; ++thread) {
    threads.emplace_back([thread, &wrong] {
      for (int i = 0; i < 20; ++i) {
        const int number = 1000 * thread + i;
        const Result<Execution> run =
            test_sandbox().run("input = {\"n\": " + std::to_string(number) +
                               "}\noutput = input[\"n\"]\nprint(output)\n");
        if (!run.ok() || run.value().output_repr != std::to_string(number) ||
            run.value().stdout_text != std::to_string(number) + "\n") {
          ++wrong[static_cast<size_t>(thread)];
        }
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  for (const int count : wrong)
    EXPECT_EQ(count, 0);
}

std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "status");
    std::string line;
    while (std::getline(file, line)) {
      if (line.rfind("PPid:", 0) == 0 && atoi(line.c_str() + 5) == parent) {
        found.push_back(atoi(entry.path().filename().c_str()));
      }
    }
  }
  return found;
}

TEST(Sandbox, ReplacesAWorkerThatDied) {
  SandboxOptions options;
  options.num_workers = 1;
  const std::vector<pid_t> before = children_of(getpid());
  Result<std::unique_ptr<Sandbox>> sandbox = Sandbox::create(options);
  ASSERT_TRUE(sandbox.ok()) << to_string(sandbox.error());
  for (int round = 0; round < 3; ++round) {
    for (const pid_t pid : children_of(getpid())) {
      if (std::find(before.begin(), before.end(), pid) == before.end()) kill(pid, SIGKILL);
    }
    const Result<Execution> run = sandbox.value()->run("output = 6 * 7\n");
    ASSERT_TRUE(run.ok()) << to_string(run.error());
    EXPECT_EQ(run.value().output_repr, "42");
  }
}

TEST(Sandbox, LeavesNoProcess) {
  const std::vector<pid_t> before = children_of(getpid());
  {
    SandboxOptions options;
    options.num_workers = 2;
    ASSERT_TRUE(Sandbox::create(options).ok());
  }
  EXPECT_EQ(children_of(getpid()).size(), before.size());
}

TEST(Sandbox, RefusesWhatItCannotDo) {
  SandboxOptions options;
  options.python = "/nowhere/python3";
  Result<std::unique_ptr<Sandbox>> sandbox = Sandbox::create(options);
  ASSERT_FALSE(sandbox.ok());
  EXPECT_EQ(sandbox.error().code, ErrorCode::NotFound);
  EXPECT_NE(sandbox.error().message.find("/nowhere/python3"), std::string::npos);
  options.python = "/usr/bin/true";
  sandbox = Sandbox::create(options);
  ASSERT_FALSE(sandbox.ok());
  EXPECT_EQ(sandbox.error().code, ErrorCode::Unavailable);
  options = {};
  options.num_workers = 0;
  sandbox = Sandbox::create(options);
  ASSERT_FALSE(sandbox.ok());
  EXPECT_EQ(sandbox.error().code, ErrorCode::InvalidArgument);
}

TEST(Sandbox, TellsWhatItEnforces) {
  const std::vector<SandboxCheck> checks = test_sandbox().checks();
  EXPECT_GE(checks.size(), 30U);
  for (const SandboxCheck& check : checks)
    EXPECT_TRUE(check.is_enforced) << check.name << ": " << check.detail;
}

TEST(Sandbox, TooLongProgramsAreNotStarted) {
  const Execution execution = run_in_test_sandbox(std::string(2 << 20, '#'));
  EXPECT_EQ(execution.verdict, ExecutionVerdict::CompileError);
  // Long, but within the limit.
  const Execution longest = run_in_test_sandbox(std::string(1'000'000, '#') + "\noutput = 1\n");
  EXPECT_EQ(longest.verdict, ExecutionVerdict::Ok);
}

// Resident memory of this process and number of its descriptors.
std::pair<int64_t, int64_t> resources() {
  int64_t ignored = 0, pages = 0, descriptors = 0;
  std::ifstream("/proc/self/statm") >> ignored >> pages;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
    ++descriptors;
  return {pages * sysconf(_SC_PAGESIZE), descriptors};
}

TEST(Sandbox, SoakStaysFlat) {
  if (getenv("CACO_SLOW_TESTS") == nullptr) GTEST_SKIP() << "set CACO_SLOW_TESTS=1 to run it";
  constexpr int kPrograms = 8'000;
  const std::vector<std::pair<std::string, std::string>> programs = {
      {"output = 2 + 3\nprint(output)", "5"},
      {"x = 1 / 0", ""},
      {"import os\nos._exit(1)", ""},
      {"output = sorted('hello')", "['e', 'h', 'l', 'l', 'o']"},
      {"import os\nos.write(5, b'junk')", ""},
  };
  // Returns how many of so many programs, on two threads, ended otherwise.
  const auto run_all = [&](int num_programs) {
    std::array<int, 2> wrong{0, 0};
    const auto work = [&](size_t half) {
      for (size_t i = half; i < static_cast<size_t>(num_programs); i += wrong.size()) {
        const auto& [program, expected] = programs[i % programs.size()];
        const Result<Execution> run = test_sandbox().run(program);
        if (!run.ok() || run.value().output_repr != expected) ++wrong[half];
      }
    };
    std::thread thread(work, 1);
    work(0);
    thread.join();
    return wrong[0] + wrong[1];
  };
  EXPECT_EQ(run_all(500), 0);  // both interpreters are there, and what is kept for both threads
  const auto [memory_before, descriptors_before] = resources();
  EXPECT_EQ(run_all(kPrograms), 0);
  const auto [memory_after, descriptors_after] = resources();
  EXPECT_EQ(descriptors_after, descriptors_before);
  EXPECT_LT(memory_after - memory_before, kPrograms * 400);  // bytes a program
}

}  // namespace
}  // namespace caco
