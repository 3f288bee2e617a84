#include "caco/stages/accuracy.h"

#include <gtest/gtest.h>

namespace caco {
namespace {

// Reference values: the formulas of the papers in Python, the test from exact binomials.
TEST(Accuracy, WilsonInterval) {
  const struct {
    int64_t correct, trials;
    double low, high;
  } rows[] = {
      {0, 10, 0.0, 0.277533}, {5, 10, 0.236593, 0.763407},   {10, 10, 0.722467, 1.0},
      {1, 1, 0.206549, 1.0},  {81, 263, 0.255289, 0.366210},
  };
  for (const auto& row : rows) {
    const Interval found = wilson_interval(row.correct, row.trials);
    EXPECT_NEAR(found.low, row.low, 2e-6) << row.correct << "/" << row.trials;
    EXPECT_NEAR(found.high, row.high, 2e-6) << row.correct << "/" << row.trials;
  }
  EXPECT_EQ(wilson_interval(0, 0).high, 1);
}

TEST(Accuracy, PairedDifference) {
  const PairedDifference clear = paired_difference({50, 30, 5, 15});
  EXPECT_NEAR(clear.difference, 0.25, 1e-12);
  EXPECT_GT(clear.interval.low, 0.1);
  EXPECT_LT(clear.interval.high, 0.4);
  EXPECT_NEAR(clear.p_value, 2.23615e-5, 1e-9);

  const PairedDifference none = paired_difference({50, 6, 6, 38});
  EXPECT_EQ(none.difference, 0);
  EXPECT_EQ(none.p_value, 1);
  EXPECT_LT(none.interval.low, 0);

  EXPECT_NEAR(paired_difference({0, 6, 0, 0}).p_value, 0.03125, 1e-12);
  EXPECT_EQ(paired_difference({}).p_value, 1);
}

}  // namespace
}  // namespace caco
