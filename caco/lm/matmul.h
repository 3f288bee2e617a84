// Matrix products of training behind one door: OpenBLAS in float32, or the project's own kernel
// with bfloat16 inputs and float32 accumulators where the processor has AVX512_BF16.
#pragma once

#include <cstdint>

namespace caco::lm {

enum class Precision {
  Float32,   // cblas_sgemm
  BFloat16,  // inputs rounded to bfloat16 on the fly, sums and results in float32
};

// A row-major matrix view: element (i, j) is values[i * stride + j], or values[j * stride + i] when
// it is transposed.
struct MatrixView {
  const float* values = nullptr;
  int64_t stride = 0;
  bool is_transposed = false;
};

// Multiplies for one thread: owns the scratch memory that packing needs. Not thread-safe; one
// object per thread.
class Matmul {
 public:
  // Falls back to Float32 where the processor has no fast bfloat16.
  explicit Matmul(Precision precision);
  ~Matmul();
  Matmul(const Matmul&) = delete;
  Matmul& operator=(const Matmul&) = delete;

  Precision precision() const { return precision_; }

  // c[m, n] = beta * c + a[m, k] b[k, n]; c has row stride `c_stride` and may not overlap a or b.
  void multiply(int64_t m, int64_t n, int64_t k, const MatrixView& a, const MatrixView& b, float* c,
                int64_t c_stride, float beta) const;

 private:
  Precision precision_;
  void* scratch_ = nullptr;
};

// Whether this processor runs products in bfloat16 faster than in float32.
bool has_fast_bfloat16();

// Lets every BLAS call run on the calling thread alone: parallelism is by documents, above.
void use_single_threaded_blas();

// Name of the OpenBLAS kernel that runs ("SkylakeX").
const char* blas_core_name();

}  // namespace caco::lm
