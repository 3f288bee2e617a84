#include "caco/sandbox_service/run_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace caco {
namespace {

void wait_until_waiting(const RunQueue& queue, int64_t count) {
  while (queue.num_waiting() < count)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

TEST(RunQueue, GivesTurnsInTheOrderOfArrivalUpToItsBound) {
  RunQueue queue(1, 3);
  ASSERT_EQ(queue.enter({}), Admission::Granted);
  std::vector<int> order;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&, i] {
      ASSERT_EQ(queue.enter({}), Admission::Granted);
      order.push_back(i);  // one runs at a time
      queue.leave();
    });
    wait_until_waiting(queue, i + 1);
  }
  EXPECT_EQ(queue.enter({}), Admission::Full);
  EXPECT_EQ(queue.num_running(), 1);
  queue.leave();
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(queue.num_running(), 0);
  EXPECT_EQ(queue.enter({}), Admission::Granted);
}

TEST(RunQueue, LetsThoseGoWhoseClientsAreGoneOrWhoWaitTooLong) {
  RunQueue queue(1, 10);
  ASSERT_EQ(queue.enter({}), Admission::Granted);
  RunQueue::Caller gone;
  gone.is_gone = [] {
    return true;
  };
  EXPECT_EQ(queue.enter(gone), Admission::Cancelled);
  RunQueue::Caller hasty;
  hasty.max_wait_ms = 1;
  EXPECT_EQ(queue.enter(hasty), Admission::TooLate);
  EXPECT_EQ(queue.num_waiting(), 0);
}

TEST(RunQueue, StopsInTwoSteps) {
  RunQueue queue(1, 10);
  ASSERT_EQ(queue.enter({}), Admission::Granted);
  std::atomic<bool> is_first_done{false};
  std::thread first([&] {
    EXPECT_EQ(queue.enter({}), Admission::Granted);
    is_first_done = true;
  });
  wait_until_waiting(queue, 1);
  queue.stop_admitting();
  EXPECT_EQ(queue.enter({}), Admission::Stopping);
  queue.leave();
  first.join();
  EXPECT_TRUE(is_first_done);
  RunQueue::Caller row;
  row.is_part_of_batch = true;
  std::thread second([&] { EXPECT_EQ(queue.enter(row), Admission::Stopping); });
  wait_until_waiting(queue, 1);
  queue.give_up();
  second.join();
  EXPECT_EQ(queue.enter(row), Admission::Stopping);
}

}  // namespace
}  // namespace caco
