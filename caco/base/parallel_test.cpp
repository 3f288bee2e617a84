#include "caco/base/parallel.h"

#include <gtest/gtest.h>

#include <string>

namespace caco {
namespace {

TEST(Parallel, ResultsAreInOrderWhateverTheThreads) {
  for (const int64_t threads : {1, 2, 7}) {
    const Result<std::vector<int64_t>> squares =
        parallel_map<int64_t>(100, threads, [](int64_t i) -> Result<int64_t> { return i * i; });
    ASSERT_TRUE(squares.ok());
    for (int64_t i = 0; i < 100; ++i)
      EXPECT_EQ(squares.value()[static_cast<size_t>(i)], i * i);
  }
}

TEST(Parallel, ReturnsAnErrorAndStops) {
  const Status status = parallel_for(1000, 3, [](int64_t i) -> Status {
    if (i == 5) return Error{ErrorCode::Unavailable, "item " + std::to_string(i), ""};
    return {};
  });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "item 5");
}

TEST(Parallel, NothingToDo) {
  EXPECT_TRUE(parallel_for(0, 4, [](int64_t) -> Status {
                return Error{ErrorCode::Internal, "x", ""};
              }).ok());
}

}  // namespace
}  // namespace caco
