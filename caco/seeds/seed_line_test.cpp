#include "caco/seeds/seed_line.h"

#include <gtest/gtest.h>

#include <random>

#include "caco/seeds/fuzz_seed_line.h"

namespace caco {
namespace {

struct GoodRow {
  std::string preset, line;
  std::string question, solution, program, answer, id;
};

TEST(SeedLine, ReadsTheKnownLayouts) {
  const GoodRow rows[] = {
      {"plain", R"({"id":"a","question":"Q","solution":"S","program":"P","answer":"1"})", "Q", "S",
       "P", "1", "a"},
      {"plain", R"({"question":"Q","program":"P","answer":null})", "Q", "", "P", "", ""},
      {"plain", R"({"problem":" Q ","solution":"S\n#### 1,234 "})", "Q", "S\n#### 1,234", "",
       "1,234", ""},
      {"plain", R"({"question":"Q","solution":"so \\boxed{1} and \\boxed{\\frac{1}{2}}"})", "Q",
       "so \\boxed{1} and \\boxed{\\frac{1}{2}}", "", "\\frac{1}{2}", ""},
      {"plain", R"({"question":"Q","solution":"cut \\boxed{1"})", "Q", "cut \\boxed{1", "", "", ""},
      {"plain", R"({"question":"Q","solution":"S","answer":2.50,"id":7})", "Q", "S", "", "2.5",
       "7"},
      {"plain", R"({"question":"Q","program":"P","answer":true})", "Q", "", "P", "True", ""},
      {"plain", R"({"question":"","problem":"Q2","solution":"S"})", "", "", "", "", ""},
      {"gsm8k", R"({"question":"Q","answer":"1 + 1 = <<1+1=2>>2\n#### 2"})", "Q",
       "1 + 1 = <<1+1=2>>2\n#### 2", "", "2", ""},
      {"gsm8k", R"({"question":"Q","solution":"S\n#### 2","program":"P","answer":"2"})", "Q",
       "S\n#### 2", "P", "2", ""},
      {"alpaca", R"({"instruction":"I","input":"X","output":"O"})", "I\nX", "O", "", "", ""},
      {"alpaca", R"({"instruction":"I","input":"","output":"O","code":"C","answer":"4"})", "I", "O",
       "C", "4", ""},
      {"mbpp",
       R"({"text":"T","code":"def f(): pass","test_list":["assert f() == 1","assert 2"],"task_id":3})",
       "T", "", "def f(): pass\n\nassert f() == 1\n", "", "3"},
      {"mbpp", R"({"question":"T","program":"P\n","test_list":[],"answer":"8"})", "T", "", "P\n",
       "8", ""},
  };
  for (const GoodRow& row : rows) {
    const SeedLine parsed = parse_seed_line(row.line, field_map_preset(row.preset).value());
    if (row.question.empty()) {
      EXPECT_FALSE(parsed.seed) << row.line;
      continue;
    }
    ASSERT_TRUE(parsed.seed) << row.line << ": " << parsed.problem;
    EXPECT_EQ(parsed.seed->question, row.question) << row.line;
    EXPECT_EQ(parsed.seed->solution, row.solution) << row.line;
    EXPECT_EQ(parsed.seed->program, row.program) << row.line;
    EXPECT_EQ(parsed.seed->answer, row.answer) << row.line;
    EXPECT_EQ(parsed.seed->seed_id, row.id) << row.line;
  }
}

TEST(SeedLine, SaysWhatIsWrong) {
  std::string deep = "{\"question\":";
  for (int i = 0; i < 300; ++i)
    deep += '[';
  struct Row {
    std::string line, says, preset = "plain";
  };
  const Row rows[] = {
      {"", "not valid JSON"},
      {"hello", "not valid JSON"},
      {R"({"question":"Q")", "not valid JSON"},
      {R"({"question":"Q","solution":"S"} x)", "not valid JSON"},
      {R"({"question":"\ud800","solution":"S"})", "not valid JSON"},
      {deep, "nested deeper"},
      {"[1]", "not a JSON object"},
      {"null", "not a JSON object"},
      {"{}", "no question"},
      {R"({"solution":"S"})", "no question"},
      {R"({"question":" \n","solution":"S"})", "no question"},
      {R"({"question":"Q"})", "neither a solution"},
      {R"({"question":"Q","answer":"1"})", "neither a solution"},
      {R"({"question":"Q","answer":"1"})", "neither a solution", "gsm8k"},
      {R"({"question":"Q","solution":" ","program":"\n"})", "neither a solution"},
      {R"({"question":["Q"],"solution":"S"})", "field `question` is of type array"},
      {R"({"question":"Q","solution":{"a":1}})", "field `solution` is of type object"},
      {R"({"question":"Q","solution":"S","answer":[1]})", "field `answer` is of type array"},
      {"{\"question\":\"Q\xff\",\"solution\":\"S\"}", "not UTF-8 at byte 15"},
      {"{\"question\":\"" + std::string(kMaxSeedLineBytes, 'x') + "\",\"solution\":\"S\"}",
       "longer than"},
  };
  for (const Row& row : rows) {
    const SeedLine parsed = parse_seed_line(row.line, field_map_preset(row.preset).value());
    EXPECT_FALSE(parsed.seed) << row.line.substr(0, 80);
    EXPECT_NE(parsed.problem.find(row.says), std::string::npos) << parsed.problem;
  }
}

TEST(SeedLine, FieldPathsReachIntoListsAndObjects) {
  const std::string line =
      R"({"meta":{"q":["first",{"text":"second"}]},"a.b":1,"steps":["S"],"n":null})";
  struct Row {
    std::string question, expected;
  };
  const Row rows[] = {
      {"meta.q.0", "first"},
      {"meta.q.1.text", "second"},
      {"meta.q.2|meta.q.0", "first"},
      {"n|missing|meta.q.0", "first"},
      {"meta.q.0+n+meta.q.1.text", "first\nsecond"},
      {"missing+meta.q.0", ""},
      {"meta.q.x", ""},
      {"meta.q.-1", ""},
      {"meta.q.0.0", ""},
      {"", ""},
  };
  for (const Row& row : rows) {
    FieldMap map;
    map.question = row.question;
    map.solution = "steps.0";
    const SeedLine parsed = parse_seed_line(line, map);
    EXPECT_EQ(parsed.seed ? parsed.seed->question : "", row.expected) << row.question;
  }
}

// A short run of the fuzz target: valid lines with random damage.
TEST(SeedLine, SurvivesDamagedLines) {
  const std::string line =
      R"({"question":"Q\u00e9","solution":"S\n#### 1","program":"P","answer":[1,2.5,null],"id":7})";
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string damaged = line;
    for (int change = 0; change < 3; ++change) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    fuzz_seed_line(damaged);
    fuzz_seed_line(damaged.substr(random() % damaged.size()));
  }
}

TEST(SeedLine, UnknownPresetsAreErrors) {
  EXPECT_EQ(field_map_preset("csv").error().code, ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace caco
