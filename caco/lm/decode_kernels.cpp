// Chooses the table of decode kernels; see decode_kernels.h.
#include "caco/lm/decode_kernels.h"

namespace caco::lm {

#if defined(__x86_64__)
extern const DecodeKernels kDecodeKernelsAvx2;
extern const DecodeKernels kDecodeKernelsAvx512;
#endif
extern const DecodeKernels kDecodeKernelsBaseline;

DecodeKernelTables runnable_decode_kernels() {
  DecodeKernelTables result{};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) {
    result.tables[result.count++] = &kDecodeKernelsAvx512;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("f16c")) {
    result.tables[result.count++] = &kDecodeKernelsAvx2;
  }
#endif
  result.tables[result.count++] = &kDecodeKernelsBaseline;
  return result;
}

const DecodeKernels& decode_kernels() {
  static const DecodeKernels& best = *runnable_decode_kernels().tables[0];
  return best;
}

}  // namespace caco::lm
