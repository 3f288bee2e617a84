#include "caco/lm/kernels.h"

#include <immintrin.h>

#include <cstdlib>
#include <string_view>

namespace caco::lm {

extern const Kernels kKernelsBaseline;
extern const Kernels kKernelsAvx2;
extern const Kernels kKernelsAvx512;
extern const Kernels kKernelsAvx512Bf16;

namespace {

const Kernels& choose_kernels() {
  __builtin_cpu_init();
  const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool has_avx512 = has_avx2 && __builtin_cpu_supports("avx512f") &&
                          __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  const bool has_bf16 = has_avx512 && __builtin_cpu_supports("avx512bf16");
  const char* named = std::getenv("CACO_LM_KERNELS");
  const std::string_view most = named != nullptr ? named : "";
  const auto is_allowed = [&](const Kernels& table) {
    return most.empty() || most == table.name;
  };
  if (has_bf16 && is_allowed(kKernelsAvx512Bf16)) return kKernelsAvx512Bf16;
  if (has_avx512 && is_allowed(kKernelsAvx512)) return kKernelsAvx512;
  if (has_avx2 && is_allowed(kKernelsAvx2)) return kKernelsAvx2;
  return kKernelsBaseline;
}

}  // namespace

const Kernels& kernels() {
  static const Kernels& chosen = choose_kernels();
  return chosen;
}

void flush_denormals() {
  _MM_SET_FLUSH_ZERO_MODE(_MM_FLUSH_ZERO_ON);
  _mm_setcsr(_mm_getcsr() | 0x0040u);  // denormals are zero
}

}  // namespace caco::lm
