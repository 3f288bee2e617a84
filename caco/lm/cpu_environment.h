// The settings that numeric libraries read when they are loaded, chosen for this processor.
//
// Why: OpenBLAS picks its kernel from a table of processors that it knows, and on a newer one it
// falls back to code of 2004 that is five times slower; and worker threads that spin while they
// wait slow everything down on a shared machine. Both can only be set before the libraries load.
#pragma once

#include <string>
#include <vector>

namespace caco::lm {

// Sets OPENBLAS_CORETYPE (by processor features), OPENBLAS_NUM_THREADS=1 and
// OMP_WAIT_POLICY=PASSIVE where the user has not set them, and starts this program again with the
// same arguments, once. Returns if there is nothing to set or the restart failed. To be called
// first in main, before any thread exists.
void prepare_cpu_environment(char** argv);

// One measured or chosen property of the machine, for `caco-lm doctor`.
struct CpuFact {
  std::string name;
  std::string value;
  bool is_good = true;
};

// Measures (about a second) and lists: kernels, BLAS core, products per second of one core in
// float32 and, where there is one, of the bfloat16 kernel.
std::vector<CpuFact> examine_cpu();

}  // namespace caco::lm
