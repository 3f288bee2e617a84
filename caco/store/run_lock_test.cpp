#include "caco/store/run_lock.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <thread>

namespace caco {
namespace {

TEST(RunLock, ASecondHolderIsToldWhoHasIt) {
  const RunDirectory run(std::filesystem::path(testing::TempDir()) /
                         ("run_lock_test_" + std::to_string(getpid())));
  {
    std::optional<RunLock> first = RunLock::acquire(run).value();
    const Result<RunLock> second = RunLock::acquire(run);
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code, ErrorCode::Unavailable);
    EXPECT_NE(second.error().message.find(std::to_string(getpid())), std::string::npos);
    first.reset();
    EXPECT_TRUE(RunLock::acquire(run).ok());
  }
  std::filesystem::remove_all(run.root());
}

TEST(RunLock, OneThatIsGivenUpSoonIsWaitedFor) {
  const RunDirectory run(std::filesystem::path(testing::TempDir()) /
                         ("run_lock_soon_" + std::to_string(getpid())));
  std::optional<RunLock> first = RunLock::acquire(run).value();
  std::thread ending([&first] {
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    first.reset();
  });
  EXPECT_TRUE(RunLock::acquire(run).ok());
  ending.join();
  std::filesystem::remove_all(run.root());
}

}  // namespace
}  // namespace caco
