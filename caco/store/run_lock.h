// The lock of a run directory: one process at a time works in it. Held from acquire() to
// destruction; the kernel gives it back when the process dies in any way.
#pragma once

#include "caco/base/result.h"
#include "caco/store/run_directory.h"

namespace caco {

class RunLock {
 public:
  // Waits up to a second for a run that is just ending. Unavailable, with the process id of the
  // holder, when another process works in the run.
  static Result<RunLock> acquire(const RunDirectory& run);
  ~RunLock();
  RunLock(RunLock&& other) noexcept;
  RunLock& operator=(RunLock&& other) noexcept;

 private:
  explicit RunLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace caco
