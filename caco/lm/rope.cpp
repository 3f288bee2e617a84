#include "caco/lm/rope.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <numbers>
#include <string>

namespace caco::lm {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"default", "linear", "llama3", "yarn"};

double theta_power(double theta, int64_t index, int64_t head_dim) {
  return std::pow(theta, -2.0 * static_cast<double>(index) / static_cast<double>(head_dim));
}

// Long wavelengths are stretched by `factor`, short ones kept, those between blended.
double llama3_frequency(double frequency, const RopeScaling& scaling) {
  const double original = static_cast<double>(scaling.original_max_position_embeddings);
  const double wavelength = 2.0 * std::numbers::pi / frequency;
  if (wavelength > original / scaling.low_freq_factor) return frequency / scaling.factor;
  if (wavelength < original / scaling.high_freq_factor) return frequency;
  const double kept = (original / wavelength - scaling.low_freq_factor) /
                      (scaling.high_freq_factor - scaling.low_freq_factor);
  return (1.0 - kept) * frequency / scaling.factor + kept * frequency;
}

// The pair whose wavelength makes `rotations` turns within the original context (YaRN, eq. 17).
double yarn_pair(double rotations, int64_t head_dim, double theta, const RopeScaling& scaling) {
  const double original = static_cast<double>(scaling.original_max_position_embeddings);
  return static_cast<double>(head_dim) * std::log(original / (rotations * 2.0 * std::numbers::pi)) /
         (2.0 * std::log(theta));
}

double yarn_magnitude(double factor, double mscale) {
  return factor <= 1 ? 1.0 : 0.1 * mscale * std::log(factor) + 1.0;
}

double yarn_amplitude(const RopeScaling& scaling) {
  if (scaling.attention_factor != 0) return scaling.attention_factor;
  if (scaling.mscale != 0 && scaling.mscale_all_dim != 0) {
    return yarn_magnitude(scaling.factor, scaling.mscale) /
           yarn_magnitude(scaling.factor, scaling.mscale_all_dim);
  }
  return yarn_magnitude(scaling.factor, 1.0);
}

RotaryFrequencies yarn_frequencies(int64_t head_dim, double theta, const RopeScaling& scaling) {
  double low = yarn_pair(scaling.beta_fast, head_dim, theta, scaling);
  double high = yarn_pair(scaling.beta_slow, head_dim, theta, scaling);
  if (scaling.truncate) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, static_cast<double>(head_dim - 1));
  if (low == high) high += 0.001;  // the reference's way around a division by zero
  RotaryFrequencies rotary;
  rotary.amplitude = yarn_amplitude(scaling);
  for (int64_t i = 0; i < head_dim / 2; ++i) {
    const double frequency = theta_power(theta, i, head_dim);
    const double ramp = std::clamp((static_cast<double>(i) - low) / (high - low), 0.0, 1.0);
    rotary.frequencies.push_back(frequency / scaling.factor * ramp + frequency * (1.0 - ramp));
  }
  return rotary;
}

Error impossible(const char* member) {
  return Error{ErrorCode::InvalidArgument, std::string("rope_scaling: impossible ") + member, ""};
}

}  // namespace

std::string_view rope_type_name(RopeType type) {
  return kNames[static_cast<size_t>(type)];
}

Result<void> check_rope_scaling(const RopeScaling& scaling) {
  if (scaling.type == RopeType::Default) return {};
  const auto is_positive = [](double value) {
    return value > 0 && std::isfinite(value);
  };
  if (!is_positive(scaling.factor) || scaling.factor < 1) return impossible("factor");
  if (scaling.type == RopeType::Linear) return {};
  if (scaling.original_max_position_embeddings < 1) {
    return impossible("original_max_position_embeddings");
  }
  if (scaling.type == RopeType::Llama3) {
    if (!is_positive(scaling.low_freq_factor)) return impossible("low_freq_factor");
    if (!is_positive(scaling.high_freq_factor) ||
        scaling.high_freq_factor <= scaling.low_freq_factor) {
      return impossible("high_freq_factor");
    }
    return {};
  }
  if (!is_positive(scaling.beta_slow)) return impossible("beta_slow");
  if (!is_positive(scaling.beta_fast) || scaling.beta_fast < scaling.beta_slow) {
    return impossible("beta_fast");
  }
  for (const double value : {scaling.attention_factor, scaling.mscale, scaling.mscale_all_dim}) {
    if (!(value >= 0) || !std::isfinite(value)) return impossible("attention_factor or mscale");
  }
  return {};
}

RotaryFrequencies rotary_frequencies(int64_t head_dim, double theta, const RopeScaling& scaling) {
  assert(head_dim > 0 && head_dim % 2 == 0);
  if (scaling.type == RopeType::Yarn) return yarn_frequencies(head_dim, theta, scaling);
  RotaryFrequencies rotary;
  for (int64_t i = 0; i < head_dim / 2; ++i) {
    double frequency = theta_power(theta, i, head_dim);
    if (scaling.type == RopeType::Linear) frequency /= scaling.factor;
    if (scaling.type == RopeType::Llama3) frequency = llama3_frequency(frequency, scaling);
    rotary.frequencies.push_back(frequency);
  }
  return rotary;
}

void write_rotations(const RotaryFrequencies& rotary, int64_t num_positions,
                     std::span<float> cosines, std::span<float> sines) {
  const size_t half = rotary.frequencies.size();
  assert(cosines.size() >= half * static_cast<size_t>(num_positions));
  assert(sines.size() >= half * static_cast<size_t>(num_positions));
  for (size_t i = 0; i < half; ++i) {
    for (int64_t position = 0; position < num_positions; ++position) {
      const double angle = rotary.frequencies[i] * static_cast<double>(position);
      const size_t at = static_cast<size_t>(position) * half + i;
      cosines[at] = static_cast<float>(std::cos(angle) * rotary.amplitude);
      sines[at] = static_cast<float>(std::sin(angle) * rotary.amplitude);
    }
  }
}

}  // namespace caco::lm
