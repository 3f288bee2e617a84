#include "caco/program/program_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "caco/program/embedded_python.h"

namespace caco {
namespace {

TEST(ProgramText, TakesTheProgramOutOfAReply) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"x = 1", "x = 1\n"},
      {"\n\n  x = 1  \n\n", "x = 1\n"},
      {"Here it is:\n```python\nx = 1\ny = 2\n```\nDone.", "x = 1\ny = 2\n"},
      {"```\nx = 1\n```", "x = 1\n"},
      {"```py\nx = 1\n```\n```python\ny = 2\n```", "x = 1\n"},
      {"```python\n\n    x = 1\n```", "    x = 1\n"},
      {"```python\nx = 1\n", "x = 1\n"},
      {"```x = 1```", "x = 1\n"},
      {"```python\r\nx = 1\r\n```", "x = 1\n"},
      {"", ""},
      {"   \n ", ""},
      {"```python\n```", ""},
      {"```", ""},
  };
  for (const auto& [reply, program] : rows)
    EXPECT_EQ(extract_program(reply), program) << reply;
}

TEST(ProgramText, QuotesWhatItIsGiven) {
  const std::string program = make_unify_program("x = \"a\\n\"\nprint(x)", "Why \"that\"?\n", "1");
  EXPECT_NE(program.find(R"--("program": "x = \"a\\n\"\nprint(x)")--"), std::string::npos)
      << program;
  EXPECT_NE(program.find(R"--("question": "Why \"that\"?\n")--"), std::string::npos) << program;
}

TEST(ProgramText, HoldsThePythonSources) {
  EXPECT_NE(kFactsSource.find("def facts_of("), std::string_view::npos);
  EXPECT_NE(kUnifySource.find("def unify("), std::string_view::npos);
}

}  // namespace
}  // namespace caco
