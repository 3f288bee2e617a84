// A bound on the processor time of one input, for fuzz targets: what takes longer is a hang. Time
// of the thread, so that a busy machine does not matter.
#pragma once

#include <time.h>

#include <cstdlib>

#include "tests/fuzz/fuzz_target.h"

namespace caco {

// One comparison may take 50 ms; sanitizers and slow machines get a factor of ten. The environment
// variable CACO_FUZZ_SECONDS sets another bound, such as 0.05 for a fuzzer without sanitizers.
inline double max_seconds_per_comparison() {
  const char* const given = std::getenv("CACO_FUZZ_SECONDS");
  const double seconds = given == nullptr ? 0 : std::atof(given);
  return seconds > 0 ? seconds : 0.5;
}

class TimeBound {
 public:
  TimeBound() { ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &x_start); }

  // Ends the process when `count` comparisons took longer than they may.
  void check(int count) const {
    timespec now = {};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    const double seconds = static_cast<double>(now.tv_sec - x_start.tv_sec) +
                           1e-9 * static_cast<double>(now.tv_nsec - x_start.tv_nsec);
    require(seconds < max_seconds_per_comparison() * count, "a comparison ends in time");
  }

 private:
  timespec x_start = {};
};

}  // namespace caco
