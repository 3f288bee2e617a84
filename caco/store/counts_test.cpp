#include "caco/store/counts.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "caco/base/file.h"

namespace caco {
namespace {

TEST(Counts, AddUpOverShardsInTheOrderAsked) {
  const RunDirectory run(std::filesystem::path(testing::TempDir()) /
                         ("counts_test_" + std::to_string(getpid())));
  for (int64_t shard = 0; shard < 3; ++shard) {
    Receipt receipt;
    receipt.shard = shard;
    receipt.output.num_lines = 10;
    receipt.rejects.num_lines = 2;
    receipt.rejected = {{RejectReason::TooShort, 1}, {RejectReason::TimeLimit, 1}};
    receipt.seconds = 0.25;
    ASSERT_TRUE(
        write_file_atomic(receipt_path(run.step("r2-08-filter"), shard), encode_receipt(receipt))
            .ok());
  }
  const std::vector<StepCounts> counts = read_counts(run, {"01-seeds", "r2-08-filter"});
  ASSERT_EQ(counts.size(), 2U);
  EXPECT_EQ(counts[0].num_shards, 0);
  EXPECT_EQ(counts[1].label, "r2-filter");
  EXPECT_EQ(counts[1].num_shards, 3);
  EXPECT_EQ(counts[1].num_kept, 30);
  EXPECT_EQ(counts[1].num_rejected(), 6);
  EXPECT_DOUBLE_EQ(counts[1].seconds, 0.75);
  EXPECT_EQ(counts[1].rejected.at(RejectReason::TooShort), 3);
  std::filesystem::remove_all(run.root());
}

}  // namespace
}  // namespace caco
