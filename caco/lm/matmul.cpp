#include "caco/lm/matmul.h"

#include <cblas.h>

#include <cassert>
#include <cstdlib>

#include "caco/lm/kernels.h"

namespace caco::lm {

Matmul::Matmul(Precision precision)
    : precision_(has_fast_bfloat16() ? precision : Precision::Float32) {
  if (precision_ == Precision::BFloat16) {
    scratch_ = std::aligned_alloc(64, static_cast<size_t>(kMatmulScratchBytes));
  }
}

Matmul::~Matmul() {
  std::free(scratch_);
}

void Matmul::multiply(int64_t m, int64_t n, int64_t k, const MatrixView& a, const MatrixView& b,
                      float* c, int64_t c_stride, float beta) const {
  assert(m > 0 && n > 0 && k > 0);
  if (precision_ == Precision::BFloat16) {
    kernels().matmul_bf16(m, n, k, a.values, a.is_transposed ? 1 : a.stride,
                          a.is_transposed ? a.stride : 1, b.values, b.is_transposed ? 1 : b.stride,
                          b.is_transposed ? b.stride : 1, c, c_stride, beta, scratch_);
    return;
  }
  cblas_sgemm(CblasRowMajor, a.is_transposed ? CblasTrans : CblasNoTrans,
              b.is_transposed ? CblasTrans : CblasNoTrans, static_cast<int>(m), static_cast<int>(n),
              static_cast<int>(k), 1.0f, a.values, static_cast<int>(a.stride), b.values,
              static_cast<int>(b.stride), beta, c, static_cast<int>(c_stride));
}

bool has_fast_bfloat16() {
  return kernels().matmul_bf16 != nullptr;
}

void use_single_threaded_blas() {
  openblas_set_num_threads(1);
}

const char* blas_core_name() {
  return openblas_get_corename();
}

}  // namespace caco::lm
