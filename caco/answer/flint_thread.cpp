// FLINT keeps caches for each thread; they are freed when the thread ends.
#include <flint/flint.h>

#include "caco/answer/expr_ball.h"

namespace caco {
namespace {

struct FlintThread {
  bool is_used = false;
  ~FlintThread() {
    if (is_used) flint_cleanup();
  }
};

}  // namespace

void register_flint_thread() {
  static thread_local FlintThread thread;
  thread.is_used = true;
}

}  // namespace caco
