// Rotary positions: the angles by which pairs of a head's elements turn, and the variants that
// stretch a model's context ("rope_scaling" of config.json).
//
// Formulas: RoFormer (arXiv 2104.09864); linear interpolation (arXiv 2306.15595); YaRN (arXiv
// 2309.00071, sections 3.2 to 3.4); llama3 as in the model card of Llama 3.1. All of them change
// the frequencies once for a model, so a position's angles never depend on how long the text is;
// the "dynamic" variant is not like that and is refused where configurations are read.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "caco/base/result.h"

namespace caco::lm {

enum class RopeType { Default, Linear, Llama3, Yarn };

// The members of "rope_scaling" by their names; each type uses its own ones.
struct RopeScaling {
  RopeType type = RopeType::Default;
  double factor = 1;
  int64_t original_max_position_embeddings = 0;  // llama3, yarn
  double low_freq_factor = 1;                    // llama3
  double high_freq_factor = 4;                   // llama3
  double beta_fast = 32;                         // yarn
  double beta_slow = 1;                          // yarn
  double attention_factor = 0;                   // yarn; 0: by the formula
  double mscale = 0;                             // yarn; 0: absent
  double mscale_all_dim = 0;                     // yarn; 0: absent
  bool truncate = true;                          // yarn
};

// Returns the name in config.json ("llama3").
std::string_view rope_type_name(RopeType type);

// Returns an error that names the member whose value is impossible.
Result<void> check_rope_scaling(const RopeScaling& scaling);

// Radians a position for each of head_dim / 2 pairs, and what cosines and sines are multiplied by.
struct RotaryFrequencies {
  std::vector<double> frequencies;
  double amplitude = 1;
};
RotaryFrequencies rotary_frequencies(int64_t head_dim, double theta, const RopeScaling& scaling);

// Writes the cosines and sines of positions 0 .. num_positions - 1, [num_positions, head_dim / 2]
// each. Angles are computed in double; the field's reference rounds them to float, which differs
// in the last bits.
void write_rotations(const RotaryFrequencies& rotary, int64_t num_positions,
                     std::span<float> cosines, std::span<float> sines);

}  // namespace caco::lm
