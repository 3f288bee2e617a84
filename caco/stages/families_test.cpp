// The stages on the seed families: problems that are right by construction must pass, whatever
// their area, and raw seeds must become programs. This is the measure of how many good samples the
// mechanical checks lose.
#include "caco/seeds/families.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>

#include "caco/answer/answer.h"
#include "caco/base/environment.h"
#include "caco/base/test_data.h"
#include "caco/seeds/seed_reader.h"
#include "caco/stages/execute.h"
#include "caco/stages/filter.h"
#include "caco/stages/unify.h"
#include "caco/stages/verify.h"

namespace caco {
namespace {

// The large number is for calibrating the checks.
const int64_t kNumProblems = environment_variable("CACO_SLOW_TESTS").empty() ? 200 : 2000;

class Families : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    SandboxOptions options;
    options.allow_weak_isolation = true;
    sandbox = Sandbox::create(SeedFamilies::sandbox_options(options)).value();
    families = std::make_unique<SeedFamilies>(
        SeedFamilies::load(CACO_SOURCE_DIR "/caco/seeds/families").value());
  }
  static void TearDownTestSuite() {
    sandbox.reset();
    families.reset();
  }

  // Counts what became of the samples, and prints the first losses of each kind.
  static std::map<std::string, int64_t> tally(const Batch& batch) {
    std::map<std::string, int64_t> counts;
    for (const Sample& sample : batch) {
      const std::string fate =
          sample.rejection ? std::string(to_string(sample.rejection->reason)) : "kept";
      if (sample.rejection && counts[fate] < (kNumProblems > 200 ? 100 : 3)) {
        std::cout << fate << ": " << sample.rejection->detail << "\n";
        if (sample.problem) std::cout << "  " << sample.problem->question << "\n";
        for (const Solution& solution : sample.solutions)
          std::cout << solution.text << "\n";
      }
      ++counts[fate];
    }
    for (const auto& [fate, count] : counts)
      std::cout << fate << " " << count << "\n";
    return counts;
  }

  static std::unique_ptr<Sandbox> sandbox;
  static std::unique_ptr<SeedFamilies> families;
  PromptSet prompts_ = builtin_prompts("embedded").value();
};

std::unique_ptr<Sandbox> Families::sandbox;
std::unique_ptr<SeedFamilies> Families::families;

TEST_F(Families, RightProblemsPassFilterAndVerify) {
  Batch batch;
  for (int64_t first = 0; first < kNumProblems; first += 100) {
    const std::vector<FamilyProblem> problems =
        families->make_problems(*sandbox, "seed", 7, first, 100).value();
    for (const FamilyProblem& problem : problems) {
      Sample& sample = batch.emplace_back();
      sample.id = problem.id;
      sample.origin = Origin::Generated;
      sample.program = Program{problem.program + "\n", "generator"};
      sample.problem = Problem{problem.question, "reverser"};
      sample.solutions = {{problem.solution, extract_answer(problem.solution).text, "stop"}};
    }
  }
  ASSERT_TRUE(make_execute_stage({}, *sandbox)->process(batch).ok());
  ASSERT_TRUE(make_filter_stage({}, FilterKind::Generated)->process(batch).ok());
  const int64_t num_passed = tally(batch)["kept"];
  EXPECT_GE(num_passed, kNumProblems * 85 / 100);
  std::erase_if(batch, [](const Sample& sample) { return sample.rejection.has_value(); });
  ASSERT_TRUE(make_verify_stage({}, *sandbox, nullptr, prompts_)->process(batch).ok());
  EXPECT_GE(tally(batch)["kept"], num_passed * 97 / 100);
}

TEST_F(Families, RawSeedsBecomeProgramsThatGiveTheGoldAnswer) {
  Batch batch;
  for (int64_t first = 0; first < kNumProblems; first += 100) {
    std::vector<Sample> seeds = families->make_seeds(*sandbox, 7, first, 100, "families").value();
    for (Sample& sample : seeds) {
      if (!sample.seed->program.empty()) batch.push_back(std::move(sample));
    }
  }
  const int64_t num_seeds = std::ssize(batch);
  ASSERT_TRUE(make_unify_stage({}, *sandbox, nullptr, prompts_)->process(batch).ok());
  std::erase_if(batch, [](const Sample& sample) { return sample.rejection.has_value(); });
  EXPECT_GE(std::ssize(batch), num_seeds * 95 / 100);
  ASSERT_TRUE(make_execute_stage({}, *sandbox)->process(batch).ok());
  std::erase_if(batch, [](const Sample& sample) { return sample.rejection.has_value(); });
  ASSERT_TRUE(make_filter_stage({}, FilterKind::Seeds)->process(batch).ok());
  EXPECT_GE(tally(batch)["kept"], num_seeds * 80 / 100);
}

// GSM8K's training problems with the programs and the solutions that came with them: the text of
// real people. What verify rejects of them is what the mechanical checks cost on real data.
TEST_F(Families, RealSolutionsAgreeWithTheirPrograms) {
  const std::filesystem::path path = test_data_folder() / "seeds/gsm8k_train.jsonl.gz";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no " << path;
  const SeedReader reader =
      SeedReader::open(path, field_map_preset("gsm8k").value(), "gsm8k").value();
  Batch batch;
  for (int64_t i = 0; i < std::min(kNumProblems, reader.size()); ++i) {
    Sample sample = reader.read(i);
    if (!sample.rejection && !sample.seed->program.empty()) batch.push_back(std::move(sample));
  }
  const int64_t num_seeds = std::ssize(batch);
  ASSERT_TRUE(make_unify_stage({}, *sandbox, nullptr, prompts_)->process(batch).ok());
  std::cout << "unify\n";
  tally(batch);
  std::erase_if(batch, [](const Sample& sample) { return sample.rejection.has_value(); });
  ASSERT_TRUE(make_execute_stage({}, *sandbox)->process(batch).ok());
  ASSERT_TRUE(make_filter_stage({}, FilterKind::Seeds)->process(batch).ok());
  std::cout << "filter\n";
  tally(batch);
  std::erase_if(batch, [](const Sample& sample) { return sample.rejection.has_value(); });
  EXPECT_GE(std::ssize(batch), num_seeds / 2);
  for (Sample& sample : batch) {
    const std::string& text = sample.seed->solution;
    sample.solutions = {{text, extract_answer(text).text, "stop"}};
  }
  const int64_t num_passed = std::ssize(batch);
  ASSERT_TRUE(make_verify_stage({}, *sandbox, nullptr, prompts_)->process(batch).ok());
  std::cout << "verify\n";
  EXPECT_GE(tally(batch)["kept"], num_passed * 90 / 100);
}

}  // namespace
}  // namespace caco
