#include "caco/sandbox_service/run_limits.h"

#include <algorithm>

namespace caco {
namespace {

constexpr double kMaxSeconds = 1e6;
constexpr int64_t kLeastMs = 10;

bool cap(int64_t& value, int64_t most) {
  const bool is_over = value > most;
  if (value <= 0 || is_over) value = most;
  return is_over;
}

}  // namespace

void set_time_limit(RunRequest& request, double seconds, const ServiceLimits& limits) {
  const double bounded = std::clamp(seconds, 0.0, kMaxSeconds);
  request.cpu_limit_ms = std::max(kLeastMs, static_cast<int64_t>(bounded * 1000));
  request.wall_limit_ms = request.cpu_limit_ms * limits.wall_percent / 100;
}

bool cap_request(RunRequest& request, const ServiceLimits& limits) {
  const bool is_cpu_over = cap(request.cpu_limit_ms, limits.max_cpu_ms);
  const bool is_wall_over = cap(request.wall_limit_ms, limits.max_wall_ms);
  const bool is_memory_over = cap(request.memory_limit_mb, limits.max_memory_mb);
  const bool is_stdout_over = cap(request.stdout_limit_bytes, limits.max_stdout_bytes);
  // The wall limit of a capped time limit is above the server's for no reason but its percentage.
  return is_cpu_over || is_memory_over || is_stdout_over ||
         (is_wall_over && request.cpu_limit_ms < limits.max_cpu_ms);
}

}  // namespace caco
