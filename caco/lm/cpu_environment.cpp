#include "caco/lm/cpu_environment.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

#include "caco/lm/kernels.h"
#include "caco/lm/matmul.h"

namespace caco::lm {
namespace {

constexpr const char* kPreparedMark =
    "CACO_LM_PREPARED";             // set by the first start, so there is one
constexpr double kGoodGflops = 20;  // below, a reference BLAS or a fallback kernel is running

// The best OpenBLAS kernel that every processor with these features runs.
const char* best_openblas_core() {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    return "SkylakeX";
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "Haswell";
  return nullptr;  // OpenBLAS chooses well among the older ones
}

bool set_if_absent(const char* name, const char* value) {
  if (std::getenv(name) != nullptr || value == nullptr) return false;
  ::setenv(name, value, 0);
  return true;
}

double thread_seconds() {
  timespec now = {};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// Billions of floating-point operations per CPU second of one core, on a product of training size.
double measure_gflops(Precision precision) {
  constexpr int64_t kRows = 1024;
  constexpr int64_t kInner = 256;
  constexpr int64_t kColumns = 768;
  constexpr double kSeconds = 0.2;
  const std::vector<float> a(kRows * kInner, 0.5f);
  const std::vector<float> b(kColumns * kInner, 0.25f);
  std::vector<float> c(kRows * kColumns);
  const Matmul matmul(precision);
  int64_t rounds = -1;  // the first round warms up
  double start = 0;
  do {
    matmul.multiply(kRows, kColumns, kInner, {a.data(), kInner, false}, {b.data(), kInner, true},
                    c.data(), kColumns, 0);
    if (++rounds == 0) start = thread_seconds();
  } while (rounds == 0 || thread_seconds() - start < kSeconds);
  const double operations = 2.0 * kRows * kInner * kColumns * static_cast<double>(rounds);
  return operations / (thread_seconds() - start) * 1e-9;
}

std::string format_gflops(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.0f GFLOP/s per core", value);
  return text;
}

}  // namespace

void prepare_cpu_environment(char** argv) {
  if (std::getenv(kPreparedMark) != nullptr) return;
  bool is_changed = set_if_absent("OPENBLAS_CORETYPE", best_openblas_core());
  is_changed |= set_if_absent("OPENBLAS_NUM_THREADS", "1");
  is_changed |= set_if_absent("OMP_WAIT_POLICY", "PASSIVE");
  ::setenv(kPreparedMark, "1", 1);
  if (is_changed) ::execv("/proc/self/exe", argv);  // returns only if it failed: go on as we are
}

std::vector<CpuFact> examine_cpu() {
  use_single_threaded_blas();
  std::vector<CpuFact> facts;
  facts.push_back({"kernels", kernels().name});
  facts.push_back({"BLAS core", blas_core_name()});
  const double float32 = measure_gflops(Precision::Float32);
  facts.push_back({"products in float32", format_gflops(float32), float32 >= kGoodGflops});
  if (has_fast_bfloat16()) {
    facts.push_back({"products in bfloat16", format_gflops(measure_gflops(Precision::BFloat16))});
  } else {
    facts.push_back({"products in bfloat16", "not on this processor; training uses float32"});
  }
  return facts;
}

}  // namespace caco::lm
