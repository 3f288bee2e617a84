#include "caco/lm/muon.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace caco::lm {
namespace {

std::vector<float> random_matrix(int64_t size, uint32_t seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<size_t>(size));
  for (float& value : values)
    value = normal(generator);
  return values;
}

// Rows of the result are nearly orthonormal, whatever the size of the input.
TEST(Muon, OrthogonalizesRows) {
  const struct {
    int64_t rows;
    int64_t columns;
    float scale;
  } rows[] = {{1, 1, 3.0f}, {4, 4, 1.0f}, {8, 40, 1e-6f}, {33, 70, 1e4f}};
  for (const Precision precision : {Precision::Float32, Precision::BFloat16}) {
    Muon muon(precision);
    for (const auto& row : rows) {
      std::vector<float> x = random_matrix(row.rows * row.columns, 4);
      for (float& value : x)
        value *= row.scale;
      muon.orthogonalize(x, row.rows, row.columns);
      for (int64_t i = 0; i < row.rows; ++i) {
        double norm = 0;
        for (int64_t j = 0; j < row.columns; ++j) {
          norm += std::pow(static_cast<double>(x[static_cast<size_t>(i * row.columns + j)]), 2);
        }
        EXPECT_GT(norm, 0.3) << row.rows << "x" << row.columns;
        EXPECT_LT(norm, 1.6) << row.rows << "x" << row.columns;
      }
    }
  }
}

// A tall matrix gets the transposed update of its transposed gradient.
TEST(Muon, TallAndWideAgree) {
  Muon muon(Precision::Float32);
  const MuonStep step{0.1, 0.9, 0.01, 0.5};
  const std::vector<float> gradient = random_matrix(3 * 7, 8);
  std::vector<float> wide = random_matrix(3 * 7, 9);
  std::vector<float> tall(21);
  std::vector<float> tall_gradient(21);
  for (size_t i = 0; i < 3; ++i) {
    for (size_t j = 0; j < 7; ++j) {
      tall[j * 3 + i] = wide[i * 7 + j];
      tall_gradient[j * 3 + i] = gradient[i * 7 + j];
    }
  }
  std::vector<float> wide_momentum(21, 0.0f);
  std::vector<float> tall_momentum(21, 0.0f);
  for (int round = 0; round < 3; ++round) {
    muon.update(wide.data(), gradient.data(), wide_momentum.data(), 3, 7, step);
    muon.update(tall.data(), tall_gradient.data(), tall_momentum.data(), 7, 3, step);
  }
  for (size_t i = 0; i < 3; ++i) {
    for (size_t j = 0; j < 7; ++j)
      EXPECT_NEAR(tall[j * 3 + i], wide[i * 7 + j], 1e-5f);
  }
}

TEST(Muon, ZeroGradientMovesNothingButDecay) {
  Muon muon(Precision::Float32);
  std::vector<float> value(6, 1.0f);
  std::vector<float> momentum(6, 0.0f);
  const std::vector<float> gradient(6, 0.0f);
  muon.update(value.data(), gradient.data(), momentum.data(), 2, 3, {0.1, 0.95, 0.5, 1.0});
  for (const float v : value)
    EXPECT_NEAR(v, 0.95f, 1e-6f);
}

}  // namespace
}  // namespace caco::lm
