// The facts about programs (caco/program/facts.py), as they come out of the sandbox.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "caco/sandbox/test_sandbox.h"

namespace caco {
namespace {

using Names = std::vector<std::string>;

const std::string kProgram =
    "import math\n\ndef solve(trays, rolls):\n    \"\"\"Counts.\"\"\"\n    # all\n    total = "
    "trays * rolls\n"
    "    left = total - 5\n    return left\n\ninput = {\"trays\": 4, \"rolls\": 6}\noutput = "
    "solve(**input)\nprint(output)\n";

TEST(Facts, CountsEffectiveLines) {
  const std::vector<std::pair<std::string, int64_t>> rows = {
      {"output = 1", 1},
      {"# comment\n\n   \noutput = 1\n", 1},
      {"import math\nfrom math import (\n    pi,\n    e)\noutput = 1", 1},
      {"def f():\n    '''Two\n    lines.'''\n    return 1\noutput = f()", 3},
      {"output = [\n    1,\n    2,\n]", 4},
      {kProgram, 7},
  };
  for (const auto& [program, lines] : rows) {
    EXPECT_EQ(run_in_test_sandbox(program).facts.effective_lines, lines) << program;
  }
}

struct InputRow {
  std::string program;
  Names names;
  Names unused;
};

TEST(Facts, FindsInputsThatNothingReads) {
  const std::string tail = "input = {\"a\": 1, \"b\": 2}\n";
  const std::vector<InputRow> rows = {
      {"def f(a, b):\n    return a + b\n" + tail + "output = f(**input)", {"a", "b"}, {}},
      {"def f(a, b):\n    return a\n" + tail + "output = f(**input)", {"a", "b"}, {"b"}},
      {"def f(a, b):\n    b = 3\n    return a\n" + tail + "output = f(**input)", {"a", "b"}, {"b"}},
      {"def f(a, b):\n    def g():\n        return b\n    return a + g()\n" + tail +
           "output = f(**input)",
       {"a", "b"},
       {}},
      {"def f(a, **rest):\n    return a\n" + tail + "output = f(**input)", {"a", "b"}, {"b"}},
      {"def f(a, **rest):\n    return a + rest['b']\n" + tail + "output = f(**input)",
       {"a", "b"},
       {}},
      {tail + "output = input['a']", {"a", "b"}, {"b"}},
      {tail + "output = input.get('b')", {"a", "b"}, {"a"}},
      {tail + "a = input['a']\nb = input['b']\noutput = a", {"a", "b"}, {"b"}},
      {tail + "output = sum(input.values())", {"a", "b"}, {}},
      {tail + "output = 5", {"a", "b"}, {"a", "b"}},
      {"def f(data):\n    return data['a']\n" + tail + "output = f(input)", {"a", "b"}, {"b"}},
      {"def f(data):\n    return g(data)\ndef g(d):\n    return d['b']\n" + tail +
           "output = f(input)",
       {"a", "b"},
       {"a"}},
      {"def f(n, data):\n    return f(n - 1, data) if n else data['a']\n" + tail +
           "output = f(3, input)",
       {"a", "b"},
       {"b"}},
      {"input = dict(a=1, b=2)\ndef f(a, b):\n    return b\noutput = f(**input)",
       {"a", "b"},
       {"a"}},
      {tail + "print(input)\noutput = 1", {"a", "b"}, {"a", "b"}},
      {"output = 1", {}, {}},
      {"input = {}\noutput = 1", {}, {}},
  };
  for (const InputRow& row : rows) {
    SCOPED_TRACE(row.program);
    const ProgramFacts facts = run_in_test_sandbox(row.program).facts;
    EXPECT_EQ(facts.input_names, row.names);
    EXPECT_EQ(facts.unused_inputs, row.unused);
  }
}

TEST(Facts, ListsImports) {
  const ProgramFacts facts = run_in_test_sandbox(
                                 "import os.path, math as m\nfrom collections import Counter\ndef "
                                 "f():\n    import json\noutput = 1\n")
                                 .facts;
  EXPECT_EQ(facts.imports, (Names{"collections", "json", "math", "os"}));
}

TEST(Facts, NormalFormForgetsLayoutAndNamesOnly) {
  const ProgramFacts facts = run_in_test_sandbox(kProgram).facts;
  EXPECT_EQ(facts.normal_form,
            "import math\n\ndef v0(v1, v2):\n    v3 = v1 * v2\n    v4 = v3 - 5\n    return v4\n"
            "input = {'v1': 4, 'v2': 6}\noutput = v0(**input)\nprint(output)");
}

struct PairRow {
  std::string name;
  std::string first;
  std::string second;
  bool is_same_normal_form;
  bool is_same_structure;
};

TEST(Facts, TellsWhichProgramsAreAlike) {
  const std::string base =
      "def solve(a, b):\n    c = a * b\n    return c - 5\n\ninput = {\"a\": 4, \"b\": 6}\noutput = "
      "solve(**input)\nprint(output)\n";
  const std::vector<PairRow> rows = {
      {"other names", base,
       "def work(x, y):  # multiply\n    z = x * y\n    return z - 5\ninput = {'x': 4, 'y': "
       "6}\noutput = work(**input)\nprint(output)",
       true, true},
      {"other numbers", base,
       "def solve(a, b):\n    c = a * b\n    return c - 7\n\ninput = {\"a\": 14, \"b\": "
       "61}\noutput = solve(**input)\nprint(output)\n",
       false, true},
      {"negative and fractional numbers", base,
       "def solve(a, b):\n    c = a * b\n    return c - 0.5\n\ninput = {\"a\": -4, \"b\": "
       "6}\noutput = solve(**input)\nprint(output)\n",
       false, true},
      {"inputs in another order", base,
       "def solve(b, a):\n    c = a * b\n    return c - 5\n\ninput = {\"b\": 6, \"a\": 4}\noutput "
       "= solve(**input)\nprint(output)\n",
       false, true},
      {"an import more", base, "import math\n" + base, false, true},
      {"another operation", base,
       "def solve(a, b):\n    c = a + b\n    return c - 5\n\ninput = {\"a\": 4, \"b\": 6}\noutput "
       "= solve(**input)\nprint(output)\n",
       false, false},
      {"another function", "output = max([1, 2])", "output = min([1, 2])", false, false},
      {"longer list", "input = {'a': [1, 2]}\noutput = sum(input['a'])",
       "input = {'b': [3, 4, 5]}\noutput = sum(input['b'])", false, true},
      {"a step more", base,
       "def solve(a, b):\n    c = a * b\n    d = c - 5\n    return d\n\ninput = {\"a\": 4, \"b\": "
       "6}\noutput = solve(**input)\nprint(output)\n",
       false, false},
  };
  for (const PairRow& row : rows) {
    SCOPED_TRACE(row.name);
    const ProgramFacts first = run_in_test_sandbox(row.first).facts;
    const ProgramFacts second = run_in_test_sandbox(row.second).facts;
    EXPECT_EQ(first.normal_form == second.normal_form, row.is_same_normal_form)
        << second.normal_form;
    EXPECT_EQ(first.structure == second.structure, row.is_same_structure);
    EXPECT_EQ(first.structure.size(), 32U);
  }
}

TEST(Facts, DoNotChangeWhatTheProgramDoes) {
  const Execution execution = run_in_test_sandbox(
      "def f(x):\n    'Doc.'\n    return f.__doc__ + f.__name__ + x\ninput = {'x': '!'}\noutput = "
      "f(**input)\n");
  EXPECT_EQ(execution.output_repr, "'Doc.f!'");
}

TEST(Facts, OfVeryLongProgramsAreShort) {
  std::string program;
  for (int i = 0; i < 8000; ++i)
    program += "x" + std::to_string(i) + " = 1\n";
  const Execution execution = run_in_test_sandbox(program + "output = 1\n");
  EXPECT_EQ(execution.facts.effective_lines, 8001);
  EXPECT_EQ(execution.facts.normal_form, "");
}

}  // namespace
}  // namespace caco
