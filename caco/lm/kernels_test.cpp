// The kernels of every instruction set that this processor runs against plain double precision.
#include "caco/lm/kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "caco/lm/matmul.h"

namespace caco::lm {

extern const Kernels kKernelsBaseline;
extern const Kernels kKernelsAvx2;
extern const Kernels kKernelsAvx512;
extern const Kernels kKernelsAvx512Bf16;

namespace {

std::vector<const Kernels*> runnable_kernels() {
  __builtin_cpu_init();
  std::vector<const Kernels*> tables = {&kKernelsBaseline};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    tables.push_back(&kKernelsAvx2);
  }
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    tables.push_back(&kKernelsAvx512);
    if (__builtin_cpu_supports("avx512bf16")) tables.push_back(&kKernelsAvx512Bf16);
  }
  return tables;
}

std::vector<float> random_values(size_t count, uint32_t seed, float scale = 1.0f) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> uniform(-scale, scale);
  std::vector<float> values(count);
  for (float& value : values)
    value = uniform(generator);
  return values;
}

TEST(Kernels, SoftmaxRow) {
  for (const Kernels* table : runnable_kernels()) {
    SCOPED_TRACE(table->name);
    for (const int64_t visible : {1, 2, 15, 16, 17, 100}) {
      const std::vector<float> scores = random_values(100, static_cast<uint32_t>(visible), 60.0f);
      std::vector<float> row = scores;
      const double log_sum =
          static_cast<double>(table->softmax_row(row.data(), visible, 100, 0.5f));
      double sum = 0;
      for (size_t i = 0; i < static_cast<size_t>(visible); ++i) {
        sum += std::exp(0.5 * static_cast<double>(scores[i]));
      }
      EXPECT_NEAR(log_sum, std::log(sum), 1e-5 * (1 + std::fabs(log_sum)));
      std::vector<float> again = scores;
      table->softmax_again(again.data(), visible, 100, 0.5f, static_cast<float>(log_sum));
      for (size_t i = 0; i < 100; ++i) {
        const bool is_visible = i < static_cast<size_t>(visible);
        const double expected =
            is_visible ? std::exp(0.5 * static_cast<double>(scores[i])) / sum : 0.0;
        EXPECT_NEAR(static_cast<double>(row[i]), expected, 2e-6) << i;
        EXPECT_NEAR(static_cast<double>(again[i]), expected, 2e-5) << i;
      }
    }
  }
}

TEST(Kernels, CrossEntropyAndItsGradient) {
  for (const Kernels* table : runnable_kernels()) {
    SCOPED_TRACE(table->name);
    for (const int64_t size : {2, 16, 37, 1786}) {
      const std::vector<float> logits =
          random_values(static_cast<size_t>(size), static_cast<uint32_t>(size), 30.0f);
      double sum = 0;
      for (const float value : logits)
        sum += std::exp(static_cast<double>(value));
      const int64_t target = size / 2;
      std::vector<float> gradient = logits;
      const float loss = table->cross_entropy(gradient.data(), size, target);
      const double wanted = static_cast<double>(logits[static_cast<size_t>(target)]);
      EXPECT_NEAR(static_cast<double>(loss), std::log(sum) - wanted, 1e-4);
      for (size_t i = 0; i < gradient.size(); ++i) {
        const double expected = std::exp(static_cast<double>(logits[i])) / sum -
                                (static_cast<int64_t>(i) == target ? 1.0 : 0.0);
        EXPECT_NEAR(static_cast<double>(gradient[i]), expected, 2e-6) << i;
      }
    }
  }
}

// An extreme gate must neither overflow nor produce a NaN.
TEST(Kernels, SwigluSaturates) {
  for (const Kernels* table : runnable_kernels()) {
    SCOPED_TRACE(table->name);
    const float gates[] = {-1000.0f, -90.0f, -10.0f, -1.0f, 0.0f, 1.0f, 10.0f, 90.0f, 1000.0f};
    for (const float gate : gates) {
      std::vector<float> row = {gate, gate, 2.0f, 2.0f};
      float act[2];
      table->swiglu(row.data(), act, 1, 2);
      const double g = static_cast<double>(gate);
      const double expected = 2.0 * g / (1.0 + std::exp(-g));
      EXPECT_NEAR(static_cast<double>(act[0]), expected, 1e-5 * (1 + std::fabs(expected))) << gate;
      float upstream[2] = {1.0f, 1.0f};
      table->swiglu_backward(row.data(), upstream, 1, 2);
      EXPECT_NEAR(upstream[1], act[1], 1e-5f * (1 + std::fabs(act[1])));
      const double sigmoid = 1.0 / (1.0 + std::exp(-g));
      EXPECT_NEAR(static_cast<double>(row[0]), 2.0 * sigmoid * (1.0 + g * (1.0 - sigmoid)), 1e-4);
    }
  }
}

TEST(Kernels, AdamWFollowsItsDefinition) {
  for (const Kernels* table : runnable_kernels()) {
    SCOPED_TRACE(table->name);
    AdamWStep step;
    step.learning_rate = 0.01f;
    step.weight_decay = 0.1f;
    step.gradient_scale = 0.5f;
    std::vector<float> value(19, 2.0f);
    std::vector<float> moment1(19, 0.0f);
    std::vector<float> moment2(19, 0.0f);
    const std::vector<float> gradient(19, -3.0f);
    double v = 2.0;
    double m1 = 0;
    double m2 = 0;
    for (int t = 1; t <= 5; ++t) {
      step.bias_correction1 = 1.0f - std::pow(0.9f, static_cast<float>(t));
      step.bias_correction2 = 1.0f - std::pow(0.95f, static_cast<float>(t));
      table->adamw(value.data(), gradient.data(), moment1.data(), moment2.data(), 19, step);
      m1 = 0.9 * m1 + 0.1 * -1.5;
      m2 = 0.95 * m2 + 0.05 * 2.25;
      v -= 0.01 * 0.1 * v;
      v -= 0.01 * (m1 / (1 - std::pow(0.9, t))) / (std::sqrt(m2 / (1 - std::pow(0.95, t))) + 1e-8);
      EXPECT_NEAR(static_cast<double>(value[18]), v, 1e-5);
    }
  }
}

TEST(Kernels, RotationIsUndoneByItsInverse) {
  for (const Kernels* table : runnable_kernels()) {
    std::vector<float> x = random_values(24, 1);
    const std::vector<float> before = x;
    std::vector<float> cosines;
    std::vector<float> sines;
    for (int i = 0; i < 12; ++i) {
      cosines.push_back(std::cos(static_cast<float>(i)));
      sines.push_back(std::sin(static_cast<float>(i)));
    }
    table->rotate(x.data(), cosines.data(), sines.data(), 24, 1.0f);
    EXPECT_GT(std::fabs(x[13] - before[13]), 1e-3f);
    table->rotate(x.data(), cosines.data(), sines.data(), 24, -1.0f);
    for (size_t i = 0; i < x.size(); ++i)
      EXPECT_NEAR(x[i], before[i], 1e-6f);
  }
}

// All four orientations, sizes around every block border, and nothing written outside of C.
TEST(Kernels, MatmulOfEverySize) {
  std::vector<Precision> precisions = {Precision::Float32};
  if (has_fast_bfloat16()) precisions.push_back(Precision::BFloat16);
  std::minstd_rand generator(3);
  for (const Precision precision : precisions) {
    const Matmul matmul(precision);
    const double tolerance = precision == Precision::Float32 ? 1e-5 : 2e-2;
    for (int round = 0; round < 80; ++round) {
      const int64_t m = 1 + static_cast<int64_t>(generator() % (round < 60 ? 40 : 120));
      const int64_t n = 1 + static_cast<int64_t>(generator() % (round < 60 ? 70 : 1100));
      const int64_t k = 1 + static_cast<int64_t>(generator() % (round < 60 ? 50 : 600));
      const bool a_transposed = generator() % 2 == 0;
      const bool b_transposed = generator() % 2 == 0;
      const float beta = generator() % 2 == 0 ? 0.0f : 1.0f;
      const std::vector<float> a =
          random_values(static_cast<size_t>(m * k), static_cast<uint32_t>(round));
      const std::vector<float> b =
          random_values(static_cast<size_t>(k * n), static_cast<uint32_t>(round + 100));
      const int64_t stride = n + 3;
      std::vector<float> c(static_cast<size_t>(m * stride), 5.0f);
      matmul.multiply(m, n, k, {a.data(), a_transposed ? m : k, a_transposed},
                      {b.data(), b_transposed ? k : n, b_transposed}, c.data(), stride, beta);
      double worst = 0;
      for (int64_t i = 0; i < m; ++i) {
        for (int64_t j = 0; j < n; ++j) {
          double sum = static_cast<double>(beta) * 5.0;
          for (int64_t p = 0; p < k; ++p) {
            sum +=
                static_cast<double>(a[static_cast<size_t>(a_transposed ? p * m + i : i * k + p)]) *
                static_cast<double>(b[static_cast<size_t>(b_transposed ? j * k + p : p * n + j)]);
          }
          const double found = static_cast<double>(c[static_cast<size_t>(i * stride + j)]);
          worst = std::max(worst, std::fabs(found - sum));
        }
        for (int64_t j = n; j < stride; ++j) {
          EXPECT_EQ(c[static_cast<size_t>(i * stride + j)], 5.0f);
        }
      }
      EXPECT_LT(worst, tolerance * std::sqrt(static_cast<double>(k)))
          << m << " " << n << " " << k << " " << a_transposed << b_transposed;
    }
  }
}

}  // namespace
}  // namespace caco::lm
