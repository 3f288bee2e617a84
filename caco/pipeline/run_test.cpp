#include "caco/pipeline/run.h"

#include <gtest/gtest.h>

#include "caco/base/file.h"
#include "caco/pipeline/test_steps.h"

namespace caco {
namespace {

using test::make_plan;
using test::PlanOptions;
using test::read_run;

class RunTest : public testing::Test {
 protected:
  RunTest() : root_(test::make_test_folder("run_test")) {}
  void TearDown() override { std::filesystem::remove_all(root_); }

  Result<std::vector<StepResult>> run(const PlanOptions& options, const std::string& name = "a") {
    RunControls controls;
    controls.shard_size = 8;
    if (options.cancel_soon != nullptr) {
      controls.is_cancelled = [&] {
        return options.cancel_soon->load();
      };
    }
    const RunDirectory directory(root_ / name);
    return run_steps(make_plan(options, directory.root()), directory, controls);
  }

  std::filesystem::path root_;
};

// Shards per step that were made, not found finished.
std::vector<int64_t> made(const std::vector<StepResult>& results) {
  std::vector<int64_t> counts;
  for (const StepResult& result : results) {
    const bool is_reused_barrier = result.progress.is_reused;
    counts.push_back(
        is_reused_barrier ? 0 : result.progress.num_shards - result.progress.num_shards_reused);
  }
  return counts;
}

TEST_F(RunTest, TheNumbersAddUp) {
  const std::vector<StepResult> results = run({}).value();
  ASSERT_EQ(results.size(), 7U);
  EXPECT_EQ(results[0].progress.num_kept + results[0].progress.num_rejected, 50);
  EXPECT_EQ(results[0].rejected.at(RejectReason::UnreadableSeed), 3);
  EXPECT_EQ(results[1].progress.num_kept, 47);
  EXPECT_EQ(results[2].progress.num_kept + results[2].progress.num_rejected, 47);
  EXPECT_EQ(results[6].progress.num_kept + results[6].progress.num_rejected,
            results[2].progress.num_kept + results[5].progress.num_kept);
  EXPECT_EQ(results[6].progress.state, StepState::Done);
}

TEST_F(RunTest, RejectsNameTheStep) {
  ASSERT_TRUE(run({}).ok());
  ShardReader reader = ShardReader::open(rejects_path(root_ / "a" / "03-filter", 0)).value();
  std::string line;
  ASSERT_TRUE(reader.next(line).value());
  const Sample sample = decode_sample(line).value();
  EXPECT_EQ(sample.rejection->step, "filter");
  EXPECT_EQ(sample.rejection->reason, RejectReason::TooShort);
}

TEST_F(RunTest, TheNumberOfThreadsDoesNotChangeBytes) {
  PlanOptions options;
  options.num_threads = 1;
  ASSERT_TRUE(run(options, "one").ok());
  options.num_threads = 8;
  ASSERT_TRUE(run(options, "eight").ok());
  EXPECT_EQ(read_run(root_ / "one"), read_run(root_ / "eight"));
}

TEST_F(RunTest, RunningAgainDoesNothing) {
  ASSERT_TRUE(run({}).ok());
  const auto before = read_run(root_ / "a");
  const std::vector<StepResult> results = run({}).value();
  EXPECT_EQ(made(results), std::vector<int64_t>(7, 0));
  EXPECT_EQ(results[6].progress.num_kept + results[6].progress.num_rejected, 77);
  EXPECT_EQ(read_run(root_ / "a"), before);
}

TEST_F(RunTest, AChangedOptionRedoesOnlyWhatDependsOnIt) {
  PlanOptions options;
  ASSERT_TRUE(run(options).ok());
  options.modulus = 9;
  const std::vector<int64_t> counts = made(run(options).value());
  EXPECT_EQ(counts[0], 0);
  EXPECT_EQ(counts[1], 0);
  EXPECT_GT(counts[2], 0);
  EXPECT_GT(counts[4], 0) << "its model was trained on other samples";
  EXPECT_GT(counts[6], 0);
  // Same as if it had been so from the start, files included.
  ASSERT_TRUE(run(options, "b").ok());
  EXPECT_EQ(read_run(root_ / "a"), read_run(root_ / "b"));
}

TEST_F(RunTest, ADifferentNumberOfSamplesRedoesOnlyTheShardsThatChanged) {
  PlanOptions options;
  ASSERT_TRUE(run(options).ok());
  options.num_generated = 43;
  EXPECT_EQ(made(run(options).value()), (std::vector<int64_t>{0, 0, 0, 0, 1, 1, 10}));
  options.num_generated = 16;
  EXPECT_EQ(made(run(options).value()), (std::vector<int64_t>{0, 0, 0, 0, 0, 0, 7}));
  ASSERT_TRUE(run(options, "b").ok());
  EXPECT_EQ(read_run(root_ / "a"), read_run(root_ / "b")) << "shards that are too many are removed";
}

TEST_F(RunTest, DamagedOrMissingFilesAreMadeAnew) {
  ASSERT_TRUE(run({}).ok());
  const auto before = read_run(root_ / "a");
  for (const auto& [file, bytes] : before) {
    if (file.ends_with("fingerprint.txt")) continue;
    ASSERT_TRUE(write_file_atomic(root_ / "a" / file, bytes.substr(0, bytes.size() / 2)).ok());
    ASSERT_TRUE(run({}).ok()) << file;
    ASSERT_EQ(read_run(root_ / "a"), before) << file;
    std::filesystem::remove(root_ / "a" / file);
    ASSERT_TRUE(run({}).ok()) << file;
    ASSERT_EQ(read_run(root_ / "a"), before) << file;
  }
}

TEST_F(RunTest, AnErrorNamesStepAndShardAndKeepsWhatWasDone) {
  PlanOptions options;
  options.fail_at_seed = 20;
  const auto result = run(options);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message, "step mark, shard 2: the server does not answer");
  EXPECT_EQ(result.error().hint, "start it");
  options.fail_at_seed = -1;
  std::atomic<int64_t> num_marked{0};
  options.num_marked = &num_marked;
  ASSERT_TRUE(run(options).ok());
  // 47 seeds less the 15 of the two finished shards, and the 37 generated ones.
  EXPECT_EQ(num_marked, 47 - 15 + 37);
  options.num_marked = nullptr;
  ASSERT_TRUE(run(options, "b").ok());
  EXPECT_EQ(read_run(root_ / "a"), read_run(root_ / "b"));
}

TEST_F(RunTest, CancellingStopsCleanly) {
  std::atomic<bool> cancel_soon{false};
  PlanOptions options;
  options.num_seeds = 100000;
  options.cancel_soon = &cancel_soon;
  const auto result = run(options);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::Cancelled);
  EXPECT_TRUE(std::filesystem::exists(receipt_path(root_ / "a" / "01-seeds", 0)));
  EXPECT_FALSE(std::filesystem::exists(root_ / "a" / "07-dedup"));
}

TEST_F(RunTest, NothingInNothingOut) {
  PlanOptions options;
  options.num_seeds = 0;
  options.num_generated = 0;
  const std::vector<StepResult> results = run(options).value();
  EXPECT_EQ(results[6].progress.num_kept, 0);
  EXPECT_EQ(made(run(options).value()), std::vector<int64_t>(7, 0));
}

}  // namespace
}  // namespace caco
