// plain_values.py, seen from outside: what it writes and what it leaves to encode.py.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "caco/sandbox/test_sandbox.h"

namespace caco {
namespace {

// Plain values are written in a short way, all others in a long one, to which a tuple around it
// brings any value: what is written must not differ.
TEST(PlainValues, AreWrittenAsTheLongWayWrites) {
  const std::string classes =
      "class Number(int): __repr__ = lambda self: '42'\nclass Text(str): pass\n"
      "class Row(list): __len__ = lambda self: 1\nclass Table(dict): pass\n"
      "loop = []\nloop.append(loop)\n";
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"0", "ok"},
      {"-7", "ok"},
      {"2**63 - 1", "ok"},
      {"-2**63", "ok"},
      {"-2**63 - 1", "ok"},
      {"True", "ok"},
      {"None", "ok"},
      {"0.1", "ok"},
      {"-0.0", "ok"},
      {"1e308", "ok"},
      {"5e-324", "ok"},
      {"float('inf')", "ok"},
      {"''", "ok"},
      {"''.join(map(chr, range(128)))", "ok"},
      {"'x' * 129", "ok"},
      {"'x' * 5000", "ok"},
      {"'\"quoted\"' + \"'\"", "ok"},
      {"'\\u00e9\\u20ac\\U0001f600'", "ok"},
      {"'\\ud800'", "ok"},
      {"[]", "ok"},
      {"{}", "ok"},
      {"[1, 1.0, True, '1', None, -1e-7]", "ok"},
      {"list(range(64))", "ok"},
      {"list(range(65))", "ok"},
      {"[[1], {2: 3}]", "ok"},
      {"[2**64]", "ok"},
      {"[float('nan')]", "ok"},
      {"{True: 0, 2: False, 0.5: None, None: 'n', 'k': 1.5}", "ok"},
      {"{'\\x01' * n: '\\x7f' * n for n in range(40)}", "ok"},
      {"{(1, 2): 3}", "ok"},
      {"{i: str(i) for i in range(65)}", "ok"},
      {"['\\x01' * 128 for _ in range(64)]", "ok"},
      {"{'\\x01' * 126 + str(i): '\\x01' * 128 for i in range(10, 74)}", "too_large"},
      {"10 ** 10000", "too_large"},
      {"[10 ** 10000]", "too_large"},
      {"Number(1)", "unserializable"},
      {"[Number(1)]", "unserializable"},
      {"[Text('a')]", "unserializable"},
      {"{Text('a'): 1}", "unserializable"},
      {"Row([1, 2])", "unserializable"},
      {"Table(a=1)", "unserializable"},
      {"loop", "unserializable"},
      {"[len]", "unserializable"},
  };
  for (const auto& [expression, verdict] : rows) {
    SCOPED_TRACE(expression);
    const Execution given = run_in_test_sandbox(classes + "output = " + expression + "\n");
    const Execution wrapped = run_in_test_sandbox(classes + "output = (" + expression + ",)\n");
    EXPECT_EQ(to_string(given.verdict), verdict);
    EXPECT_EQ(to_string(wrapped.verdict), verdict);
    EXPECT_EQ(wrapped.error_message, given.error_message);
    if (given.verdict != ExecutionVerdict::Ok) continue;
    EXPECT_EQ(wrapped.output_repr, "(" + given.output_repr + ",)");
    EXPECT_EQ(dump_json(wrapped.output_value),
              "{\"tuple\":[" + dump_json(given.output_value) + "]}");
  }
}

TEST(PlainValues, KeepToTheLimits) {
  SandboxOptions options;
  options.num_workers = 1;
  options.max_int_digits = 3;
  options.value_limit_bytes = 20;
  Result<std::unique_ptr<Sandbox>> sandbox = Sandbox::create(options);
  ASSERT_TRUE(sandbox.ok()) << to_string(sandbox.error());
  const std::vector<std::pair<std::string, std::string>> rows = {{"-999", "ok"},
                                                                 {"1000", "too_large"},
                                                                 {"[999]", "ok"},
                                                                 {"[1000]", "too_large"},
                                                                 {"{-1000: 1}", "too_large"},
                                                                 {"'x' * 18", "ok"},
                                                                 {"'x' * 19", "too_large"},
                                                                 {"[1, 2, 3, 4, 5, 6]", "ok"},
                                                                 {"[1] * 40", "too_large"}};
  for (const auto& [expression, verdict] : rows) {
    const Result<Execution> run = sandbox.value()->run("output = " + expression + "\n");
    ASSERT_TRUE(run.ok()) << expression;
    EXPECT_EQ(to_string(run.value().verdict), verdict) << expression;
  }
}

}  // namespace
}  // namespace caco
