#include "caco/sandbox_service/row_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace caco {
namespace {

// Numbers as lines; odd ones take longer.
struct Fixture {
  explicit Fixture(int64_t count) {
    rows.num_threads = 4;
    rows.max_ahead = 8;
    rows.next = [this, count]() -> std::optional<std::string> {
      if (num_made == count) return std::nullopt;
      most_ahead = std::max<int64_t>(most_ahead, num_made - num_given);
      return std::to_string(++num_made);
    };
    rows.work = [](int64_t number, const std::string& line) {
      if (number % 2 == 1) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      return std::to_string(number) + ":" + line;
    };
    rows.emit = [this](const std::string* result) {
      if (result != nullptr) {
        ++num_given;
        results.push_back(*result);
      }
      return static_cast<int64_t>(results.size()) < stop_after;
    };
  }

  RowWork rows;
  std::atomic<int64_t> num_made{0};
  std::atomic<int64_t> num_given{0};
  int64_t most_ahead = 0;
  int64_t stop_after = 1 << 30;
  std::vector<std::string> results;
};

std::vector<std::string> numbered(int64_t count) {
  std::vector<std::string> expected;
  for (int64_t i = 1; i <= count; ++i)
    expected.push_back(std::to_string(i) + ":" + std::to_string(i));
  return expected;
}

TEST(RowStream, KeepsTheOrder) {
  for (const int64_t count : {0, 1, 7, 300}) {
    Fixture fixture(count);
    EXPECT_TRUE(run_rows(fixture.rows));
    EXPECT_EQ(fixture.results, numbered(count));
  }
}

TEST(RowStream, GivesEachOnceAlsoWithoutOrder) {
  Fixture fixture(300);
  fixture.rows.is_ordered = false;
  EXPECT_TRUE(run_rows(fixture.rows));
  std::vector<std::string> expected = numbered(300);
  std::sort(expected.begin(), expected.end());
  std::sort(fixture.results.begin(), fixture.results.end());
  EXPECT_EQ(fixture.results, expected);
}

TEST(RowStream, StaysWithinItsBoundBeforeASlowReader) {
  Fixture fixture(100);
  const auto emit = fixture.rows.emit;
  fixture.rows.emit = [&](const std::string* result) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return emit(result);
  };
  EXPECT_TRUE(run_rows(fixture.rows));
  EXPECT_EQ(fixture.results, numbered(100));
  EXPECT_LE(fixture.most_ahead, fixture.rows.max_ahead);
}

TEST(RowStream, StopsWhenTheReaderDoes) {
  Fixture fixture(1'000'000);
  fixture.stop_after = 10;
  EXPECT_FALSE(run_rows(fixture.rows));
  EXPECT_EQ(fixture.results, numbered(10));
  EXPECT_LE(fixture.num_made, 10 + fixture.rows.max_ahead + 1);
}

TEST(RowStream, LooksAfterItsReaderWhileNothingIsReady) {
  Fixture fixture(1);
  std::atomic<bool> is_over{false};
  fixture.rows.idle_ms = 5;
  fixture.rows.work = [&](int64_t, const std::string&) {
    while (!is_over)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return std::string();
  };
  int64_t num_looks = 0;
  fixture.rows.emit = [&](const std::string* result) {
    if (result == nullptr && ++num_looks < 3) return true;
    is_over = true;
    return false;
  };
  EXPECT_FALSE(run_rows(fixture.rows));
  EXPECT_EQ(num_looks, 3);
}

}  // namespace
}  // namespace caco
