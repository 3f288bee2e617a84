#include "caco/pipeline/ordered_work.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace caco {
namespace {

// Makes `count` batches, works on each for a time that depends on its number, and returns the
// order in which they were taken.
struct Fixture {
  int64_t count = 0;
  int64_t fail_making_at = -1;
  int64_t fail_working_at = -1;
  int64_t fail_taking_at = -1;

  Status run(int64_t num_threads) {
    OrderedWork work;
    work.num_threads = num_threads;
    work.make = [this](PassingBatch& batch) -> Result<bool> {
      if (made == fail_making_at) return Error{ErrorCode::Unavailable, "make", ""};
      batch.first = made;
      return made++ < count;
    };
    work.work = [this](PassingBatch& batch) -> Status {
      const int64_t at_once = ++working;
      most_at_once = std::max(most_at_once.load(), at_once);
      std::this_thread::sleep_for(std::chrono::microseconds(batch.first * 7919 % 400));
      --working;
      if (batch.first == fail_working_at) return Error{ErrorCode::Unavailable, "work", ""};
      return {};
    };
    work.take = [this](PassingBatch& batch) -> Status {
      if (batch.first == fail_taking_at) return Error{ErrorCode::Unavailable, "take", ""};
      taken.push_back(batch.first);
      return {};
    };
    return run_in_order(work);
  }

  int64_t made = 0;
  std::atomic<int64_t> working{0};
  std::atomic<int64_t> most_at_once{0};
  std::vector<int64_t> taken;
};

TEST(OrderedWork, TakesInTheOrderOfMaking) {
  for (const int64_t num_threads : {1, 2, 8}) {
    for (const int64_t count : {0, 1, 3, 200}) {
      Fixture fixture;
      fixture.count = count;
      ASSERT_TRUE(fixture.run(num_threads).ok());
      ASSERT_EQ(static_cast<int64_t>(fixture.taken.size()), count);
      for (int64_t i = 0; i < count; ++i)
        EXPECT_EQ(fixture.taken[static_cast<size_t>(i)], i);
      EXPECT_LE(fixture.most_at_once, num_threads);
    }
  }
}

TEST(OrderedWork, WorksOnSeveralAtOnce) {
  Fixture fixture;
  fixture.count = 100;
  ASSERT_TRUE(fixture.run(4).ok());
  EXPECT_GT(fixture.most_at_once, 1);
}

TEST(OrderedWork, AnErrorEndsItWithoutTakingWhatFollows) {
  for (const int64_t num_threads : {1, 8}) {
    for (const char* where : {"make", "work", "take"}) {
      Fixture fixture;
      fixture.count = 100;
      (where[0] == 'm'   ? fixture.fail_making_at
       : where[0] == 'w' ? fixture.fail_working_at
                         : fixture.fail_taking_at) = 20;
      const Status status = fixture.run(num_threads);
      ASSERT_FALSE(status.ok()) << where;
      EXPECT_EQ(status.error().message, where);
      EXPECT_LE(fixture.taken.size(), 20U);
    }
  }
}

}  // namespace
}  // namespace caco
