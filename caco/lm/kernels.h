// The element-wise and row-wise kernels of training, as one table of functions per instruction set.
//
// `kernels_variant.cpp` is compiled several times with different flags (baseline x86-64, AVX2,
// AVX-512); `kernels()` picks the best table that this processor runs. So one binary runs on any
// x86-64 and is fast where it can be. All matrices are row-major float; a "row" is one token.
// Thread-safety: all functions are pure apart from their output arguments.
#pragma once

#include <cstdint>

namespace caco::lm {

struct AdamWStep {
  float learning_rate = 0;
  float beta1 = 0.9f;
  float beta2 = 0.95f;
  float epsilon = 1e-8f;
  float weight_decay = 0;
  float gradient_scale = 1;    // multiplies every gradient first: clipping and the token count
  float bias_correction1 = 1;  // 1 - beta1^t
  float bias_correction2 = 1;  // 1 - beta2^t
};

struct Kernels {
  const char* name;

  // out[i] = x[i] * rstd * weight, rstd = 1/sqrt(mean(x[i]^2) + eps), for n rows of d.
  void (*rms_norm)(const float* x, const float* weight, float* out, float* rstd, int64_t n,
                   int64_t d, float eps);

  // Adds the gradient of rms_norm: dx += ..., dweight += ...
  void (*rms_norm_backward)(const float* dout, const float* x, const float* weight,
                            const float* rstd, float* dx, float* dweight, int64_t n, int64_t d);

  // act = silu(gate) * up, with rows [gate (f) | up (f)] of gate_up.
  void (*swiglu)(const float* gate_up, float* act, int64_t n, int64_t f);

  // In: gate_up and the gradient of act. Out, in place: the gradient of gate_up, and act itself
  // again (which the gradient of the next matrix needs, so that it is not kept from the forward).
  void (*swiglu_backward)(float* gate_up, float* dact_to_act, int64_t n, int64_t f);

  // Rotates head vectors of size d at x (split halves) by the angles whose cosines and sines are
  // given; backward is the rotation by the negative angle (sign -1).
  void (*rotate)(float* x, const float* cosines, const float* sines, int64_t d, float sign);

  // Turns a row of raw scores into probabilities: p = softmax(scale * s[0..visible)), zeros up to
  // `width`. Returns log(sum(exp(scale * s))).
  float (*softmax_row)(float* scores, int64_t visible, int64_t width, float scale);

  // p = exp(scale * s - log_sum) in place for the visible scores, zeros up to `width`.
  void (*softmax_again)(float* scores, int64_t visible, int64_t width, float scale, float log_sum);

  // ds = p * (dp - delta) * scale, written over dp.
  void (*softmax_backward)(const float* p, float* dp, float delta, float scale, int64_t width);

  // Cross-entropy of one row of logits (width v) against `target`, replaced by its gradient
  // (softmax - onehot). Returns the loss in nats.
  float (*cross_entropy)(float* logits, int64_t v, int64_t target);

  // One AdamW update with decoupled weight decay (Loshchilov and Hutter, 2019).
  void (*adamw)(float* value, const float* gradient, float* moment1, float* moment2, int64_t n,
                const AdamWStep& step);

  // y += x; the dot product and the sum of squares, in an order that n alone determines.
  void (*add)(float* y, const float* x, int64_t n);
  float (*dot)(const float* x, const float* y, int64_t n);

  // Multiplies by bfloat16 inputs with float accumulators, nullptr when the processor cannot.
  // C[m, n] = beta * C + A B, where A(i, k) = a[i * a_row + k * a_column] and
  // B(k, j) = b[k * b_row + j * b_column]; of each pair of strides one must be 1. `scratch` holds
  // at least kMatmulScratchBytes, aligned to 64 bytes.
  void (*matmul_bf16)(int64_t m, int64_t n, int64_t k, const float* a, int64_t a_row,
                      int64_t a_column, const float* b, int64_t b_row, int64_t b_column, float* c,
                      int64_t c_row, float beta, void* scratch);
};

inline constexpr int64_t kMatmulScratchBytes = int64_t{1} << 20;

// Returns the table for this processor. The environment variable CACO_LM_KERNELS may name a lower
// one ("baseline", "avx2", "avx512", "avx512bf16") for tests and comparisons.
const Kernels& kernels();

// Denormal numbers are treated as zero by the calling thread from here on: gradients full of them
// run many times slower otherwise.
void flush_denormals();

}  // namespace caco::lm
