// The kernels of kernels.h for one instruction set: the build compiles this file once per set and
// names the table by CACO_KERNEL_TABLE. Nothing here may have external linkage but that table, and
// no library templates are used: a function that the linker shares between the compilations could
// otherwise run instructions that the processor lacks.
//
// The loops are written for the compiler's vectoriser: reductions over independent lanes, no
// branches, an own exponential. They are exact enough for training (exp within 2 ulp).
#include <cstdint>

#include "caco/lm/kernels.h"

#if defined(__AVX512BF16__)
#include "caco/lm/matmul_bf16.inc"
#endif

namespace caco::lm {
namespace {

// Returns e^x, 0 below -87.3, e^88 above 88. Cody-Waite reduction by ln 2 in two parts, then a
// polynomial of degree 6 on [-ln2/2, ln2/2].
inline float exponential(float x) {
  x = x < -87.3f ? -87.3f : x;
  x = x > 88.0f ? 88.0f : x;
  const float scaled = x * 1.44269504088896341f;
  // Conversion truncates, so half a unit away from zero rounds to the nearest integer.
  const int32_t whole = static_cast<int32_t>(scaled + (scaled >= 0 ? 0.5f : -0.5f));
  const float n = static_cast<float>(whole);
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.0f / 720.0f;
  p = p * r + 1.0f / 120.0f;
  p = p * r + 1.0f / 24.0f;
  p = p * r + 1.0f / 6.0f;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  const int32_t bits = (whole + 127) << 23;
  float power;
  __builtin_memcpy(&power, &bits, sizeof(power));
  return p * power;
}

float dot(const float* __restrict x, const float* __restrict y, int64_t n) {
  float sum = 0;
  for (int64_t i = 0; i < n; ++i)
    sum += x[i] * y[i];
  return sum;
}

void add(float* __restrict y, const float* __restrict x, int64_t n) {
  for (int64_t i = 0; i < n; ++i)
    y[i] += x[i];
}

void rms_norm(const float* x, const float* __restrict weight, float* out, float* rstd, int64_t n,
              int64_t d, float eps) {
  for (int64_t row = 0; row < n; ++row) {
    const float* __restrict from = x + row * d;
    float* __restrict to = out + row * d;
    const float scale = 1.0f / __builtin_sqrtf(dot(from, from, d) / static_cast<float>(d) + eps);
    rstd[row] = scale;
    for (int64_t i = 0; i < d; ++i)
      to[i] = from[i] * scale * weight[i];
  }
}

// With y = x * r * w and r = (mean(x^2) + eps)^(-1/2):
// dx_i = r * w_i * dy_i - x_i * r^3 / d * sum_j(dy_j * w_j * x_j), dw_i = dy_i * x_i * r.
void rms_norm_backward(const float* dout, const float* x, const float* __restrict weight,
                       const float* rstd, float* dx, float* __restrict dweight, int64_t n,
                       int64_t d) {
  for (int64_t row = 0; row < n; ++row) {
    const float* __restrict dy = dout + row * d;
    const float* __restrict from = x + row * d;
    float* __restrict to = dx + row * d;
    const float r = rstd[row];
    float sum = 0;
    for (int64_t i = 0; i < d; ++i)
      sum += dy[i] * weight[i] * from[i];
    const float factor = sum * r * r * r / static_cast<float>(d);
    for (int64_t i = 0; i < d; ++i) {
      to[i] += dy[i] * weight[i] * r - from[i] * factor;
      dweight[i] += dy[i] * from[i] * r;
    }
  }
}

void swiglu(const float* gate_up, float* act, int64_t n, int64_t f) {
  for (int64_t row = 0; row < n; ++row) {
    const float* __restrict gate = gate_up + row * 2 * f;
    const float* __restrict up = gate + f;
    float* __restrict to = act + row * f;
    for (int64_t i = 0; i < f; ++i)
      to[i] = gate[i] * up[i] / (1.0f + exponential(-gate[i]));
  }
}

void swiglu_backward(float* gate_up, float* dact_to_act, int64_t n, int64_t f) {
  for (int64_t row = 0; row < n; ++row) {
    float* __restrict gate = gate_up + row * 2 * f;
    float* __restrict up = gate + f;
    float* __restrict both = dact_to_act + row * f;
    for (int64_t i = 0; i < f; ++i) {
      const float g = gate[i];
      const float u = up[i];
      const float d = both[i];
      const float sigmoid = 1.0f / (1.0f + exponential(-g));
      const float silu = g * sigmoid;
      gate[i] = d * u * (sigmoid + silu * (1.0f - sigmoid));
      up[i] = d * silu;
      both[i] = silu * u;
    }
  }
}

void rotate(float* x, const float* __restrict cosines, const float* __restrict sines, int64_t d,
            float sign) {
  const int64_t half = d / 2;
  float* __restrict low = x;
  float* __restrict high = x + half;
  for (int64_t i = 0; i < half; ++i) {
    const float a = low[i];
    const float b = high[i];
    const float s = sines[i] * sign;
    low[i] = a * cosines[i] - b * s;
    high[i] = b * cosines[i] + a * s;
  }
}

// Sixteen independent maxima: a single one would be a chain that strict NaN rules keep scalar.
inline float row_maximum(const float* __restrict x, int64_t n) {
  float lanes[16];
  for (int64_t j = 0; j < 16; ++j)
    lanes[j] = x[0];
  int64_t i = 0;
  for (; i + 16 <= n; i += 16) {
    for (int64_t j = 0; j < 16; ++j)
      lanes[j] = x[i + j] > lanes[j] ? x[i + j] : lanes[j];
  }
  for (; i < n; ++i)
    lanes[0] = x[i] > lanes[0] ? x[i] : lanes[0];
  for (int64_t j = 1; j < 16; ++j)
    lanes[0] = lanes[j] > lanes[0] ? lanes[j] : lanes[0];
  return lanes[0];
}

inline float natural_log(float x) {
  return __builtin_logf(x);
}

float softmax_row(float* __restrict scores, int64_t visible, int64_t width, float scale) {
  const float most = row_maximum(scores, visible) * scale;
  float sum = 0;
  for (int64_t i = 0; i < visible; ++i) {
    const float e = exponential(scores[i] * scale - most);
    scores[i] = e;
    sum += e;
  }
  const float inverse = 1.0f / sum;
  for (int64_t i = 0; i < visible; ++i)
    scores[i] *= inverse;
  for (int64_t i = visible; i < width; ++i)
    scores[i] = 0;
  return most + natural_log(sum);
}

void softmax_again(float* __restrict scores, int64_t visible, int64_t width, float scale,
                   float log_sum) {
  for (int64_t i = 0; i < visible; ++i)
    scores[i] = exponential(scores[i] * scale - log_sum);
  for (int64_t i = visible; i < width; ++i)
    scores[i] = 0;
}

void softmax_backward(const float* __restrict p, float* __restrict dp, float delta, float scale,
                      int64_t width) {
  for (int64_t i = 0; i < width; ++i)
    dp[i] = p[i] * (dp[i] - delta) * scale;
}

float cross_entropy(float* __restrict logits, int64_t v, int64_t target) {
  const float most = row_maximum(logits, v);
  const float wanted = logits[target];
  float sum = 0;
  for (int64_t i = 0; i < v; ++i) {
    const float e = exponential(logits[i] - most);
    logits[i] = e;
    sum += e;
  }
  const float inverse = 1.0f / sum;
  for (int64_t i = 0; i < v; ++i)
    logits[i] *= inverse;
  logits[target] -= 1.0f;
  return most + natural_log(sum) - wanted;
}

void adamw(float* __restrict value, const float* __restrict gradient, float* __restrict moment1,
           float* __restrict moment2, int64_t n, const AdamWStep& step) {
  const float beta1 = step.beta1;
  const float beta2 = step.beta2;
  const float scale = step.gradient_scale;
  const float keep = 1.0f - step.learning_rate * step.weight_decay;
  const float rate = step.learning_rate / step.bias_correction1;
  const float inverse2 = 1.0f / step.bias_correction2;
  const float epsilon = step.epsilon;
  for (int64_t i = 0; i < n; ++i) {
    const float g = gradient[i] * scale;
    const float m = beta1 * moment1[i] + (1.0f - beta1) * g;
    const float s = beta2 * moment2[i] + (1.0f - beta2) * g * g;
    moment1[i] = m;
    moment2[i] = s;
    value[i] = value[i] * keep - rate * m / (__builtin_sqrtf(s * inverse2) + epsilon);
  }
}

}  // namespace

extern const Kernels CACO_KERNEL_TABLE;
const Kernels CACO_KERNEL_TABLE = {
    CACO_KERNEL_NAME,
    rms_norm,
    rms_norm_backward,
    swiglu,
    swiglu_backward,
    rotate,
    softmax_row,
    softmax_again,
    softmax_backward,
    cross_entropy,
    adamw,
    add,
    dot,
#if defined(__AVX512BF16__)
    matmul_bf16,
#else
    nullptr,
#endif
};

}  // namespace caco::lm
