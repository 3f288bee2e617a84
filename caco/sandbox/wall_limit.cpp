#include "caco/sandbox/wall_limit.h"

#include <stdio.h>

#include <algorithm>
#include <string>

namespace caco {
namespace {

constexpr int64_t kMinExtensionUs = 10'000;

// Reads two numbers at the start of a file of the kernel; returns how many were there.
int read_numbers(const std::string& path, int64_t& first, int64_t& second) {
  FILE* file = fopen(path.c_str(), "re");
  if (file == nullptr) return 0;
  const int count = fscanf(file, "%ld %ld", &first, &second);
  fclose(file);
  return count < 0 ? 0 : count;
}

}  // namespace

int64_t waiting_us_of_child(pid_t parent) {
  const std::string own = std::to_string(parent);
  int64_t child = 0, another = 0;
  if (read_numbers("/proc/" + own + "/task/" + own + "/children", child, another) != 1) return 0;
  // schedstat: nanoseconds on a core, nanoseconds of waiting for one, turns.
  int64_t running_ns = 0, waiting_ns = 0;
  const std::string path = "/proc/" + std::to_string(child) + "/schedstat";
  return read_numbers(path, running_ns, waiting_ns) == 2 ? waiting_ns / 1000 : 0;
}

WallLimit::WallLimit(pid_t parent, int64_t limit_us, CoreWaiting waiting)
    : parent_(parent),
      limit_us_(limit_us),
      waiting_(waiting),
      ask_at_us_(limit_us),
      start_(std::chrono::steady_clock::now()) {}

int64_t WallLimit::elapsed_us() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                               start_)
      .count();
}

bool WallLimit::is_over() {
  const int64_t elapsed_us = this->elapsed_us();
  if (elapsed_us < ask_at_us_) return false;
  if (waiting_ == CoreWaiting::Counted) return true;
  const int64_t left_us = limit_us_ + waiting_us_of_child(parent_) - elapsed_us;
  if (left_us <= 0 || elapsed_us >= kMaxStretch * limit_us_) return true;
  ask_at_us_ = elapsed_us + std::max(left_us, kMinExtensionUs);
  return false;
}

int64_t WallLimit::left_ms() const {
  return std::max<int64_t>((ask_at_us_ - elapsed_us()) / 1000, 0) + 1;
}

}  // namespace caco
