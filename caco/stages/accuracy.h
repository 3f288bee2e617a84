// The statistics of an evaluation: how sure an accuracy is, and whether two models that answered
// the same problems really differ. Pure functions, thread-safe.
#pragma once

#include <cstdint>

namespace caco {

struct Interval {
  double low = 0;
  double high = 0;
};

// Returns the 95 % score interval of a proportion (Wilson 1927); [0, 1] when there are no trials.
// REQUIRES: 0 <= num_correct <= num_trials
Interval wilson_interval(int64_t num_correct, int64_t num_trials);

// Two models on the same problems, counted by problem.
struct PairedCounts {
  int64_t both = 0;
  int64_t only_left = 0;
  int64_t only_right = 0;
  int64_t neither = 0;
};

struct PairedDifference {
  double difference = 0;  // accuracy of the left minus that of the right
  Interval interval;      // 95 %, adjusted Wald (Agresti and Min 2005)
  double p_value = 1;     // exact two-sided test of McNemar (1947)
};

// Returns zeros, [-1, 1] and p = 1 when there are no problems.
PairedDifference paired_difference(const PairedCounts& counts);

}  // namespace caco
