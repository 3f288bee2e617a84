#include "caco/base/file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

namespace caco {
namespace {

class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::path(testing::TempDir()) / ("file_test_" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
  }
  void TearDown() override {
    set_write_fault(WriteFault::None, 0);
    std::filesystem::remove_all(folder_);
  }
  int64_t num_entries() const {
    int64_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_))
      ++count;
    return count;
  }
  std::filesystem::path folder_;
};

TEST_F(FileTest, WritesAndReadsBackEveryByte) {
  const std::string content("a\0b\xff\n", 5);
  ASSERT_TRUE(write_file_atomic(folder_ / "deep" / "x", content).ok());
  EXPECT_EQ(read_file(folder_ / "deep" / "x").value(), content);
}

TEST_F(FileTest, MissingFileIsNotFoundAndNamesThePath) {
  const Result<std::string> result = read_file(folder_ / "absent");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::NotFound);
  EXPECT_NE(result.error().message.find("absent"), std::string::npos);
}

TEST_F(FileTest, RefusesFilesAboveTheLimit) {
  ASSERT_TRUE(write_file_atomic(folder_ / "x", "12345").ok());
  EXPECT_EQ(read_file(folder_ / "x", 4).error().code, ErrorCode::ResourceExhausted);
}

TEST_F(FileTest, FullDiskLeavesTheOldContentAndNoLitter) {
  ASSERT_TRUE(write_file_atomic(folder_ / "x", "old").ok());
  set_write_fault(WriteFault::DiskFull, 1);
  const Status status = write_file_atomic(folder_ / "x", "new");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::ResourceExhausted);
  EXPECT_EQ(read_file(folder_ / "x").value(), "old");
  EXPECT_EQ(num_entries(), 1);
}

TEST_F(FileTest, KilledWriteLeavesTheOldContent) {
  ASSERT_TRUE(write_file_atomic(folder_ / "x", "old").ok());
  EXPECT_EXIT(
      {
        set_write_fault(WriteFault::Kill, 1);
        (void)write_file_atomic(folder_ / "x", "new");
      },
      testing::KilledBySignal(SIGKILL), "");
  EXPECT_EQ(read_file(folder_ / "x").value(), "old");
}

}  // namespace
}  // namespace caco
