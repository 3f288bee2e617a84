// Runs the labelled suite (tests/answers/suite/FORM.jsonl): no wrong pair may be accepted, and the
// share of right verdicts of each form may not fall below what it once was. The labels come from
// mathematics and from the stated policies (docs/answers.md), never from the engine.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "caco/answer/answer.h"
#include "caco/answer/modes/grade.h"
#include "caco/base/json.h"

namespace caco {
namespace {

struct Row {
  std::string id, form, gold, pred, expect;
  PredictionForm prediction = PredictionForm::Bare;
};

// Returns all rows in the order of the files' names; a line that cannot be read fails the test.
std::vector<Row> read_suite() {
  std::vector<std::filesystem::path> files;
  const auto folder = std::filesystem::path(CACO_SOURCE_DIR) / "tests/answers/suite";
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<Row> rows;
  for (const std::filesystem::path& file : files) {
    std::ifstream stream(file, std::ios::binary);
    std::string line;
    while (std::getline(stream, line)) {
      const Result<Json> value = parse_json(line);
      EXPECT_TRUE(value.ok()) << file << ": " << line;
      if (!value.ok()) continue;
      Row row;
      row.id = value.value()["id"].get<std::string>();
      row.form = value.value()["form"].get<std::string>();
      row.gold = value.value()["gold"].get<std::string>();
      row.pred = value.value()["pred"].get<std::string>();
      row.expect = value.value()["expect"].get<std::string>();
      const std::string mode = value.value()["mode"].get<std::string>();
      row.prediction = mode == "extract" ? PredictionForm::Solution : PredictionForm::Bare;
      rows.push_back(row);
    }
  }
  return rows;
}

bool is_right(const std::string& expect, Equality equality) {
  if (expect == "not_equal") return equality != Equality::Equal;
  return expect == to_string(equality);
}

struct Count {
  int64_t num_rows = 0;
  int64_t num_right = 0;
  int64_t num_missed = 0;    // equal pairs that were not accepted
  int64_t num_accepted = 0;  // wrong pairs that were
};

// Least number of right rows of each form: what the engine reached when the number was last raised.
const std::map<std::string, int64_t>& floors() {
  static const std::map<std::string, int64_t> kFloors = {
      // clang-format off
      {"base_n", 42}, {"boolean", 38}, {"complex", 58}, {"currency", 52}, {"date", 42},
      {"decimal", 89}, {"decimal_comma", 75}, {"degree", 44}, {"equation", 93}, {"expression", 138},
      {"extract_boxed", 60}, {"extract_other", 51}, {"extract_phrase", 67},
      {"extract_tag_hash", 33}, {"hostile", 82}, {"inequality", 75}, {"infinity", 35},
      {"integer", 79}, {"interval", 77}, {"list", 69}, {"logexp", 58}, {"matrix", 48},
      {"mixed", 49}, {"model_bare", 601}, {"model_extract", 131}, {"option", 40},
      {"percent", 62}, {"plus_minus", 44}, {"polynomial", 55}, {"python", 108},
      {"radical", 65}, {"rational", 75}, {"rational_function", 41}, {"scientific", 51},
      {"set", 62}, {"text", 56}, {"time", 40}, {"trig", 54}, {"tuple", 46}, {"unit", 93},
      {"vector", 34},
      // clang-format on
  };
  return kFloors;
}

void print_table(const std::map<std::string, Count>& counts) {
  Count all;
  fmt::print("{:<18} {:>5} {:>6} {:>7} {:>7} {:>14}\n", "form", "rows", "right", "share", "missed",
             "wrongly equal");
  const auto print = [](const std::string& name, const Count& count) {
    fmt::print("{:<18} {:>5} {:>6} {:>6.1f}% {:>7} {:>14}\n", name, count.num_rows, count.num_right,
               100.0 * static_cast<double>(count.num_right) / static_cast<double>(count.num_rows),
               count.num_missed, count.num_accepted);
  };
  for (const auto& [form, count] : counts) {
    print(form, count);
    all.num_rows += count.num_rows;
    all.num_right += count.num_right;
    all.num_missed += count.num_missed;
    all.num_accepted += count.num_accepted;
  }
  print("all", all);
}

TEST(AnswerSuite, NoWrongPairIsAcceptedAndNoFormGetsWorse) {
  const bool is_listing = std::getenv("CACO_LIST_MISSES") != nullptr;
  std::map<std::string, Count> counts;
  for (const Row& row : read_suite()) {
    const Grade grade = grade_answer(GradeMode::Exact, row.gold, row.pred, row.prediction);
    const Equality equality = grade.comparison.equality;
    Count& count = counts[row.form];
    ++count.num_rows;
    count.num_right += is_right(row.expect, equality) ? 1 : 0;
    count.num_missed += row.expect == "equal" && equality != Equality::Equal ? 1 : 0;
    if (row.expect != "equal" && equality == Equality::Equal) {
      ++count.num_accepted;
      ADD_FAILURE() << row.id << " accepted: " << row.gold << " | " << row.pred << ": "
                    << grade.comparison.reason;
    }
    if (is_listing && !is_right(row.expect, equality)) {
      fmt::print("{} should be {}, is {}: {}\n", row.id, row.expect, to_string(equality),
                 grade.comparison.reason);
    }
  }
  print_table(counts);
  for (const auto& [form, count] : counts) {
    const auto floor = floors().find(form);
    ASSERT_NE(floor, floors().end()) << "no floor for " << form;
    EXPECT_GE(count.num_right, floor->second) << form;
  }
}

TEST(AnswerSuite, IsLargeAndBalanced) {
  std::map<std::string, int64_t> labels;
  for (const Row& row : read_suite())
    ++labels[row.expect];
  const int64_t num_good = labels["equal"];
  const int64_t num_bad = labels["different"] + labels["unknown"] + labels["not_equal"];
  EXPECT_EQ(labels.size(), 4U) << "labels are equal, different, unknown and not_equal";
  EXPECT_GE(num_good + num_bad, 2000);
  EXPECT_LT(num_good, 2 * num_bad);
  EXPECT_LT(num_bad, 2 * num_good);
}

TEST(AnswerSuite, ExchangedSidesHaveTheSameVerdict) {
  for (const Row& row : read_suite()) {
    if (row.prediction != PredictionForm::Bare) continue;
    const AnswerComparison forth = compare_answers(row.gold, row.pred);
    const AnswerComparison back = compare_answers(row.pred, row.gold);
    EXPECT_EQ(forth.equality, back.equality) << row.id << ": " << row.gold << " | " << row.pred;
    EXPECT_EQ(forth.proof, back.proof) << row.id << ": " << row.gold << " | " << row.pred;
  }
}

// Hostile answers may be empty or too large, which is unknown even against itself.
TEST(AnswerSuite, AnAnswerEqualsItself) {
  for (const Row& row : read_suite()) {
    const Equality gold = compare_answers(row.gold, row.gold).equality;
    if (row.form == "hostile") {
      EXPECT_NE(gold, Equality::Different) << row.id << ": " << row.gold;
      EXPECT_NE(compare_answers(row.pred, row.pred).equality, Equality::Different) << row.id;
      continue;
    }
    EXPECT_EQ(gold, Equality::Equal) << row.id << ": " << row.gold;
    if (row.prediction == PredictionForm::Bare) {
      EXPECT_EQ(compare_answers(row.pred, row.pred).equality, Equality::Equal)
          << row.id << ": " << row.pred;
    }
  }
}

}  // namespace
}  // namespace caco
