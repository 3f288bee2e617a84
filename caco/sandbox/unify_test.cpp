// The mechanical unifier (caco/program/unify.py), run where it lives: in the sandbox.
#include <gtest/gtest.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "caco/base/test_data.h"
#include "caco/program/program_text.h"
#include "caco/sandbox/test_sandbox.h"

namespace caco {
namespace {

std::string unify(const std::string& program, const std::string& question = "") {
  const Execution execution = run_in_test_sandbox(make_unify_program(program, question, "0"));
  EXPECT_EQ(to_string(execution.verdict), "ok") << execution.error_type << execution.error_message;
  return execution.output_value.is_string() ? execution.output_value.get<std::string>() : "?";
}

struct UnifyRow {
  std::string name;
  std::string program;
  std::string question;
  std::string unified;
};

const std::string kTail = "output = solve(**input)\nprint(output)\n";

TEST(Unify, WritesKnownFormsExactly) {
  const std::vector<UnifyRow> rows = {
      {"plain script",
       "# muffins\ntrays = 4\nper_tray = 6\ntotal = trays * per_tray\nprint(total)\n", "",
       "def solve(trays, per_tray):\n    total = trays * per_tray\n    return total\n\ninput = "
       "{\"trays\": 4, \"per_tray\": 6}\n" +
           kTail},
      {"constants that the question does not give stay",
       "hours = 3\nrate = 60\nprint(f\"Minutes: {hours * rate}\")\n",
       "How many minutes are 3 hours?",
       "def solve(hours):\n    rate = 60\n    return hours * rate\n\ninput = {\"hours\": 3}\n" +
           kTail},
      {"a number in words", "boxes = 2\nprint(boxes * 12)\n", "Ann has two boxes of a dozen.",
       "def solve(boxes):\n    return boxes * 12\n\ninput = {\"boxes\": 2}\n" + kTail},
      {"accumulators are no inputs",
       "n = 5\ntotal = 0\nfor i in range(n):\n    total += i\nprint('sum', total)\n", "",
       "def solve(n):\n    total = 0\n    for i in range(n):\n        total += i\n    return "
       "total\n\ninput = {\"n\": 5}\n" +
           kTail},
      {"function with a test",
       "def count_muffins(trays, per_tray):\n    \"\"\"Counts.\"\"\"\n    total = trays * "
       "per_tray\n    return total\n\nassert count_muffins(4, 6) == 24\nassert count_muffins(1, 1) "
       "== 1\n",
       "",
       "def solve(trays, per_tray):\n    total = trays * per_tray\n    return total\n\ninput = "
       "{\"trays\": 4, \"per_tray\": 6}\n" +
           kTail},
      {"function with defaults",
       "def solution(x1=100, x2=15):\n    # step\n    s1 = x1 - x2\n    return "
       "s1\n\n\nprint(solution())",
       "",
       "def solve(x1, x2):\n    s1 = x1 - x2\n    return s1\n\ninput = {\"x1\": 100, \"x2\": "
       "15}\n" +
           kTail},
      {"call with named constants",
       "import math\nA = 3\n\ndef area(r: float) -> float:\n    return math.pi * r ** 2\n\nresult "
       "= area(A)\nprint(result)\n",
       "",
       "import math\n\ndef solve(r):\n    return math.pi * r ** 2\n\ninput = {\"r\": 3}\n" + kTail},
      {"helper and recursion",
       "def double(x):\n    return 2 * x\n\ndef f(n):\n    return 1 if n == 0 else double(f(n - "
       "1))\n\nprint(f(5))\n",
       "",
       "def double(x):\n    return 2 * x\n\ndef solve(n):\n    return 1 if n == 0 else "
       "double(solve(n - 1))\n\ninput = {\"n\": 5}\n" +
           kTail},
      {"main function",
       "def main():\n    a = 2\n    b = 3\n    print(a + b)\n\nif __name__ == '__main__':\n    "
       "main()\n",
       "", "def solve(a, b):\n    return a + b\n\ninput = {\"a\": 2, \"b\": 3}\n" + kTail},
      {"printed in branches", "x = 7\nif x % 2 == 0:\n    print('even')\nelse:\n    print('odd')\n",
       "",
       "def solve(x):\n    if x % 2 == 0:\n        return \"even\"\n    else:\n        return "
       "\"odd\"\n\ninput = {\"x\": 7}\n" +
           kTail},
      {"dict of arguments",
       "def main_solution(a, b):\n    return {'sum': a + b}\n\nprint(main_solution(**{'a': 1, 'b': "
       "[2]}))\n",
       "",
       "def solve(a, b):\n    return {\"sum\": a + b}\n\ninput = {\"a\": 1, \"b\": [2]}\n" + kTail},
      {"doctest",
       "def f(word):\n    \"\"\"Turns.\n\n    >>> f('abc')\n    'cba'\n    \"\"\"\n    return "
       "word[::-1]\n",
       "", "def solve(word):\n    return word[::-1]\n\ninput = {\"word\": \"abc\"}\n" + kTail},
      {"unified already",
       "def solve(a):\n    return a\n\ninput = {\"a\": 1}\noutput = solve(**input)\n", "",
       "def solve(a):\n    return a\n\ninput = {\"a\": 1}\n" + kTail},
      {"unified and printed", "def solve(a):\n    return a  # kept\n\ninput = {\"a\": 1}\n" + kTail,
       "", "def solve(a):\n    return a  # kept\n\ninput = {\"a\": 1}\n" + kTail},
  };
  for (const UnifyRow& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(unify(row.program, row.question), row.unified);
  }
}

TEST(Unify, LeavesUnknownFormsAlone) {
  const std::vector<std::string> programs = {
      "",
      "x = (",
      "for i in range(3):\n    print(i)\n",
      "n = int(input())\nprint(n)\n",
      "class A:\n    pass\n",
      "def f(*numbers):\n    return sum(numbers)\n\nprint(f(1, 2))\n",
      "def f(a, b):\n    return a\n",
      "def f(node):\n    return node\n\nassert f(root) == 1\n",
      "import os\n",
  };
  for (const std::string& program : programs)
    EXPECT_EQ(unify(program), "") << program;
}

TEST(Unify, AWrongTestDoesNotChangeTheResult) {
  const Execution execution =
      run_in_test_sandbox(unify("def f(a, b):\n    return a + b\n\nassert f(2, 3) == 6\n"));
  EXPECT_EQ(execution.output_repr, "5");
}

// The share of GSM8K's mechanical programs that are unified and give the gold answer.
TEST(Unify, RealPrograms) {
  const std::filesystem::path path = test_data_folder() / "seeds/gsm8k_train.jsonl.gz";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no data: " << path;
  FILE* pipe = popen(("gzip -dc '" + path.string() + "'").c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  char* line = nullptr;
  size_t capacity = 0;
  int64_t total = 0, equal = 0;
  while (total < 120 && getline(&line, &capacity, pipe) > 0) {
    const Result<Json> seed = parse_json(line);
    ASSERT_TRUE(seed.ok());
    if (!seed.value().value("program_verified", false)) continue;
    ++total;
    const std::string answer = seed.value()["answer"].get<std::string>();
    const Execution execution = run_in_test_sandbox(unify(
        seed.value()["program"].get<std::string>(), seed.value()["question"].get<std::string>()));
    std::string digits;
    for (const char c : answer) {
      if (c != ',') digits += c;
    }
    const double gold = strtod(digits.c_str(), nullptr);
    const double output = strtod(execution.output_repr.c_str(), nullptr);
    if (execution.verdict == ExecutionVerdict::Ok &&
        std::abs(gold - output) <= 1e-6 * std::max(1.0, std::abs(gold)))
      ++equal;
  }
  free(line);
  pclose(pipe);
  EXPECT_GE(equal, total * 99 / 100) << "of " << total;
  EXPECT_GE(total, 100);
}

}  // namespace
}  // namespace caco
