// The modes that a request can ask for: the paper's rules, a clock that stands still, a second run,
// no facts; and that images are chosen by what a program mentions.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "caco/sandbox/test_sandbox.h"

namespace caco {
namespace {

RunReport run_request(const RunRequest& request) {
  Result<RunReport> report = test_sandbox().run_request(request);
  if (report.ok()) return std::move(report).value();
  ADD_FAILURE() << to_string(report.error());
  return {};
}

struct PaperRow {
  std::string name;
  std::string program;
  std::string verdict;
  std::string output_or_message;
};

const std::string kLines = "a = 1\nb = 2\nc = 3\nd = 4\ne = 5\n";

TEST(Modes, ThePapersCheckerWithItsQuirks) {
  const std::string given = kLines + "input = {'a': 1}\n";
  const std::vector<PaperRow> rows = {
      {"plain", given + "output = a + 1", "ok", "2"},
      {"too short", "input = {'a': 1}\noutput = 1\na = 1\n# one\n\nimport os", "error_raised",
       "Code is too short"},
      {"from imports count as lines",
       "from os import path\nfrom os import sep\nfrom os import name\ninput = {'a': 1}\na = 2\n"
       "output = 1",
       "ok", "1"},
      {"main guard never runs", kLines + "if __name__ == '__main__':\n    input = {}\noutput = 1",
       "error_raised", "'NoneType' object is not iterable"},
      {"name is that of builtins", given + "output = __name__", "ok", "\"builtins\""},
      {"unused key", kLines + "input = {'zz': 1, 'a': 2}\noutput = 1", "error_raised",
       "Unused input parameters: zz"},
      {"any identifier counts as use", kLines + "input = {'n': 1}\nfor n in []: pass\noutput = 1",
       "ok", "1"},
      {"keys that are no strings", kLines + "input = {1: 2}\noutput = 1", "error_raised",
       "sequence item 0: expected str instance, int found"},
      {"empty input", kLines + "input = {}\noutput = 1", "ok", "1"},
      {"no input", kLines + "output = 1", "error_raised", "'NoneType' object is not iterable"},
      {"printed text stands for output", given + "print('seven', 7)", "ok", "\"seven 7\\n\""},
      {"nothing printed", given, "no_output", ""},
      {"output None", given + "output = None", "no_output", ""},
      {"output empty", given + "output = ''", "no_output", ""},
      {"output False", given + "output = False", "ok", "false"},
      {"output empty list", given + "output = []", "ok", "[]"},
      {"nan is bare", given + "output = float('nan')", "ok", "NaN"},
      {"sets become text", given + "output = {1}", "ok", "\"{1}\""},
      {"complex becomes text", given + "output = 1j", "ok", "\"1j\""},
      {"tuples become lists", given + "output = (1, (2,))", "ok", "[1, [2]]"},
      {"keys collide", given + "output = {1: 'a', '1': 'b'}", "ok", "{\"1\": \"b\"}"},
      {"too many digits", given + "output = 10 ** 10_000", "error_raised",
       "the output has too many digits"},
      {"many digits in a list", given + "output = [10 ** 10_000 > 1, 10 ** 10_001 // 10 ** 10_000]",
       "ok", "[true, 10]"},
      {"the last input wins", given + "input = {'b': 5}\noutput = 1", "ok", "1"},
      {"exit leaves nothing", given + "output = 1\nraise SystemExit", "exited", ""},
      {"error", given + "1 / 0", "error_raised", "division by zero"},
      {"a class of its own cannot be pickled", given + "class P: pass\noutput = P()",
       "error_raised", ""},
      {"endless", given + "while True: pass", "cpu_time_limit", "over the limit of CPU time"},
  };
  for (const PaperRow& row : rows) {
    SCOPED_TRACE(row.name);
    RunRequest request;
    request.program = row.program + "\n";
    request.semantics = Semantics::PaperChecker;
    const Execution execution = run_request(request).execution;
    EXPECT_EQ(to_string(execution.verdict), row.verdict) << execution.error_message;
    const bool is_ok = execution.verdict == ExecutionVerdict::Ok;
    if (!row.output_or_message.empty()) {
      EXPECT_EQ(is_ok ? execution.output_repr : execution.error_message, row.output_or_message);
    }
    if (is_ok) {
      EXPECT_EQ(execution.output_value, (Json{{"json", execution.output_repr}}));
    }
  }
}

TEST(Modes, OurRulesDifferWhereThePapersHaveHoles) {
  const Execution guarded =
      run_in_test_sandbox("if __name__ == '__main__':\n    input = {}\n    output = 1\n");
  EXPECT_EQ(guarded.verdict, ExecutionVerdict::Ok);
  const Execution keys = run_in_test_sandbox("output = {1: 'a', '1': 'b'}\n");
  EXPECT_EQ(keys.output_repr, "{1: 'a', '1': 'b'}");
}

TEST(Modes, AFixedClockStandsStillForAllThatReadsIt) {
  RunRequest request;
  request.fixed_time_s = 1'700'000'000;
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"import time\noutput = [time.time(), time.time_ns(), time.time() - time.time()]",
       "[1700000000.0, 1700000000000000000, 0.0]"},
      {"import datetime\noutput = [datetime.datetime.utcnow(), datetime.date.today()]",
       "[datetime.datetime(2023, 11, 14, 22, 13, 20), datetime.date(2023, 11, 14)]"},
      {"import time\noutput = time.localtime()[:3]", "(2023, 11, 14)"},
      {"import time\na = time.monotonic()\nwhile time.monotonic() == a: pass\noutput = 1", "1"},
  };
  for (const auto& [program, output] : rows) {
    SCOPED_TRACE(program);
    request.program = program + "\n";
    EXPECT_EQ(run_request(request).execution.output_repr, output);
  }
  // The clock of the next program goes on.
  const Execution next = run_in_test_sandbox("import time\noutput = time.time() > 1.75e9\n");
  EXPECT_EQ(next.output_repr, "True");
}

TEST(Modes, ASecondRunFindsWhatIsNotDetermined) {
  const std::vector<std::pair<std::string, bool>> rows = {
      {"output = 1", true},
      {"import datetime\noutput = str(datetime.date.today())", false},
      {"import time\noutput = round(time.time() / 1000)", false},
      {"import random\noutput = random.random()", false},
      {"import random\nrandom.seed(5)\noutput = random.random()", true},
      {"print(list({'apple', 'pear', 'fig', 'plum', 'lime', 'kiwi'}))", false},
      {"print(sorted({'apple', 'pear'}))", true},
      {"1 / 0", true},
  };
  for (const auto& [program, is_deterministic] : rows) {
    SCOPED_TRACE(program);
    RunRequest request;
    request.program = program + "\n";
    request.runs_twice = true;
    EXPECT_EQ(run_request(request).execution.is_deterministic, is_deterministic);
  }
}

TEST(Modes, FactsComeOnlyWhenWanted) {
  RunRequest request;
  request.program = "import math\ninput = {'a': 1}\noutput = input['a']\n";
  EXPECT_EQ(run_request(request).execution.facts.imports, std::vector<std::string>{"math"});
  request.wants_facts = false;
  const Execution execution = run_request(request).execution;
  EXPECT_TRUE(execution.facts.imports.empty());
  EXPECT_EQ(execution.output_repr, "1");
}

TEST(Modes, ImagesHoldWhatProgramsMention) {
  const std::string loaded =
      "import sys\noutput = [name in sys.modules for name in ('sym' + 'py', 'num' + 'py')]\n";
  EXPECT_EQ(run_in_test_sandbox(loaded).output_repr, "[False, False]");
  EXPECT_EQ(run_in_test_sandbox(loaded + "# sympy\n").output_repr, "[True, False]");
  EXPECT_EQ(run_in_test_sandbox(loaded + "# numpy\n").output_repr, "[True, True]");
}

TEST(Modes, WarmInterpretersGoBeforeTheSupervisorWhenMemoryRunsOut) {
  ASSERT_EQ(run_in_test_sandbox("output = 1\n").verdict, ExecutionVerdict::Ok);
  int num_children = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream status(entry.path() / "status");
    bool is_child = false;
    for (std::string line; std::getline(status, line);) {
      is_child = is_child || line == "PPid:\t" + std::to_string(getpid());
    }
    if (!is_child) continue;
    int score = 0;
    std::ifstream(entry.path() / "oom_score_adj") >> score;
    EXPECT_GE(score, 800);
    ++num_children;
  }
  EXPECT_GE(num_children, 1);
}

}  // namespace
}  // namespace caco
