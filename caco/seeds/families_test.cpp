#include "caco/seeds/families.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <set>

#include "caco/base/file.h"

namespace caco {
namespace {

class FamiliesTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    SandboxOptions options;
    options.num_workers = 1;
    Result<std::unique_ptr<Sandbox>> made = Sandbox::create(SeedFamilies::sandbox_options(options));
    if (made.ok()) {
      sandbox = std::move(made).value().release();
    } else {
      problem = to_string(made.error());
    }
  }
  static void TearDownTestSuite() {
    delete sandbox;
    sandbox = nullptr;
  }
  void SetUp() override {
    if (sandbox == nullptr) GTEST_SKIP() << "no sandbox here: " << problem;
  }
  static SeedFamilies load() {
    return SeedFamilies::load(std::filesystem::path(CACO_SOURCE_DIR) / "caco/seeds/families")
        .value();
  }

  inline static Sandbox* sandbox = nullptr;
  inline static std::string problem;
};

TEST_F(FamiliesTest, MakesSeedsInRawForms) {
  const SeedFamilies families = load();
  const Result<std::vector<Sample>> made = families.make_seeds(*sandbox, 1, 0, 300, "world");
  ASSERT_TRUE(made.ok()) << to_string(made.error());
  const std::vector<Sample>& samples = made.value();
  ASSERT_EQ(samples.size(), 300u);
  std::set<std::string> ids;
  int64_t num_with_program = 0;
  for (size_t i = 0; i < samples.size(); ++i) {
    const Sample& sample = samples[i];
    ids.insert(sample.id);
    EXPECT_EQ(sample.origin, Origin::Seed);
    EXPECT_FALSE(sample.rejection);
    EXPECT_EQ(sample.seed->source, "world");
    EXPECT_EQ(sample.seed->location, "families:" + std::to_string(i));
    EXPECT_FALSE(sample.seed->question.empty());
    EXPECT_FALSE(sample.seed->answer.empty());
    EXPECT_FALSE(sample.seed->solution.empty() && sample.seed->program.empty());
    if (!sample.seed->program.empty()) ++num_with_program;
  }
  EXPECT_EQ(ids.size(), 300u);
  EXPECT_GT(num_with_program, 100);
  EXPECT_LT(num_with_program, 290);
}

TEST_F(FamiliesTest, AnyPieceOfARangeIsTheSame) {
  const SeedFamilies families = load();
  const std::vector<Sample> whole = families.make_seeds(*sandbox, 7, 0, 20, "w").value();
  const std::vector<Sample> part = families.make_seeds(*sandbox, 7, 13, 5, "w").value();
  for (size_t i = 0; i < part.size(); ++i) {
    EXPECT_EQ(encode_sample(part[i]), encode_sample(whole[13 + i]));
  }
  const std::vector<Sample> other = families.make_seeds(*sandbox, 8, 0, 1, "w").value();
  EXPECT_NE(other[0].id, whole[0].id);
  EXPECT_TRUE(families.make_seeds(*sandbox, 7, 0, 0, "w").value().empty());
}

TEST_F(FamiliesTest, HeldOutStructuresAreNotAmongThoseOfSeeds) {
  const SeedFamilies families = load();
  const std::vector<FamilyProblem> of_seeds =
      families.make_problems(*sandbox, "seen", 1, 0, 300).value();
  const std::vector<FamilyProblem> held_out =
      families.make_problems(*sandbox, "unseen", 1, 0, 300).value();
  std::set<std::string> seen;
  for (const FamilyProblem& made : of_seeds) {
    EXPECT_FALSE(made.program.empty());
    EXPECT_FALSE(made.solution.empty());
    seen.insert(made.structure);
  }
  EXPECT_GT(seen.size(), 50u);
  for (const FamilyProblem& made : held_out) {
    EXPECT_FALSE(seen.contains(made.structure)) << made.structure;
  }
}

TEST_F(FamiliesTest, BrokenFamiliesAreErrorsThatSayWhere) {
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / ("families_test_" + std::to_string(::getpid()));
  std::filesystem::remove_all(folder);
  EXPECT_EQ(SeedFamilies::load(folder).error().code, ErrorCode::NotFound);
  ASSERT_TRUE(write_file_atomic(folder / "world.py", "import json\n").ok());
  for (const char* const name : {"compose.py", "raw_seeds.py"}) {
    ASSERT_TRUE(write_file_atomic(folder / name, "").ok());
  }
  EXPECT_EQ(SeedFamilies::load(folder).error().code, ErrorCode::NotFound);
  const std::pair<std::string, std::string> rows[] = {
      {"def make_seeds(seed, start, count):\n    return 1 / 0\n", "ZeroDivisionError"},
      {"def make_seeds(seed, start, count):\n    return [{}]\n", "not a list of 2"},
      {"def make_seeds(seed, start, count):\n    return [1, 2]\n", "not an object"},
      {"def make_seeds(seed, start, count):\n    return [{}, {}]\n", "no question"},
      {"def make_seeds(seed, start, count)\n", "compile_error"},
  };
  for (const auto& [text, says] : rows) {
    ASSERT_TRUE(write_file_atomic(folder / "area" / "family.py", text).ok());
    const Result<std::vector<Sample>> made =
        SeedFamilies::load(folder).value().make_seeds(*sandbox, 1, 0, 2, "w");
    ASSERT_FALSE(made.ok()) << text;
    EXPECT_EQ(made.error().code, ErrorCode::Internal);
    EXPECT_NE(made.error().message.find(says), std::string::npos) << made.error().message;
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace caco
