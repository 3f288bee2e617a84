#include "caco/lm/rope.h"

#include <gtest/gtest.h>

#include <cmath>

namespace caco::lm {
namespace {

// parity_test compares whole models; here are the corners that short texts do not reach.
TEST(Rope, FrequenciesOfEachType) {
  const RotaryFrequencies plain = rotary_frequencies(8, 10000.0, {});
  EXPECT_EQ(plain.amplitude, 1.0);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_DOUBLE_EQ(plain.frequencies[i], std::pow(10000.0, -static_cast<double>(i) / 4.0));
  }
  RopeScaling linear;
  linear.type = RopeType::Linear;
  linear.factor = 4;
  EXPECT_DOUBLE_EQ(rotary_frequencies(8, 10000.0, linear).frequencies[2], 0.0025);

  // Llama 3.1: the shortest wavelengths stay, the longest are stretched by the factor.
  RopeScaling llama3;
  llama3.type = RopeType::Llama3;
  llama3.factor = 8;
  llama3.original_max_position_embeddings = 8192;
  const RotaryFrequencies scaled = rotary_frequencies(128, 500000.0, llama3);
  EXPECT_EQ(scaled.frequencies.front(), 1.0);
  const double last = std::pow(500000.0, -126.0 / 128.0);
  EXPECT_DOUBLE_EQ(scaled.frequencies.back(), last / 8);
  EXPECT_EQ(scaled.amplitude, 1.0);

  // Qwen2.5's long context: 0.1 ln 4 + 1.
  RopeScaling yarn;
  yarn.type = RopeType::Yarn;
  yarn.factor = 4;
  yarn.original_max_position_embeddings = 32768;
  EXPECT_NEAR(rotary_frequencies(128, 1e6, yarn).amplitude, 1.1386294361119891, 1e-15);
  EXPECT_EQ(rotary_frequencies(128, 1e6, yarn).frequencies.front(), 1.0);
  EXPECT_DOUBLE_EQ(rotary_frequencies(128, 1e6, yarn).frequencies.back(),
                   std::pow(1e6, -126.0 / 128.0) / 4);
  yarn.attention_factor = 0.5;
  EXPECT_EQ(rotary_frequencies(128, 1e6, yarn).amplitude, 0.5);
}

TEST(Rope, RotationsCarryTheAmplitude) {
  std::vector<float> cosines(6);
  std::vector<float> sines(6);
  write_rotations({{1.0, 0.5}, 2.0}, 3, cosines, sines);
  EXPECT_EQ(cosines[0], 2.0f);
  EXPECT_EQ(sines[1], 0.0f);
  EXPECT_FLOAT_EQ(cosines[4], static_cast<float>(2.0 * std::cos(2.0)));
  EXPECT_FLOAT_EQ(sines[5], static_cast<float>(2.0 * std::sin(1.0)));
}

}  // namespace
}  // namespace caco::lm
