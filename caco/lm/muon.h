// The Muon update of a hidden weight matrix (Jordan et al., 2024): the momentum of the gradient is
// replaced by the nearest semi-orthogonal matrix, found with five Newton-Schulz iterations, so that
// every direction of the matrix learns at the same speed. The step is scaled by
// 0.2 sqrt(max(rows, columns)), which gives it the size of an AdamW step (Liu et al., Muon is
// Scalable for LLM Training, 2025, section 2.2), so both share one learning rate.
#pragma once

#include <cstdint>
#include <vector>

#include "caco/lm/matmul.h"

namespace caco::lm {

struct MuonStep {
  double learning_rate = 0;
  double momentum = 0.95;
  double weight_decay = 0;
  double gradient_scale = 1;  // multiplies every gradient first
};

// Not thread-safe: owns scratch memory. One object per thread.
class Muon {
 public:
  explicit Muon(Precision precision) : matmul_(precision) {}

  // Updates value [rows, columns] and its momentum in place.
  void update(float* value, const float* gradient, float* momentum, int64_t rows, int64_t columns,
              const MuonStep& step);

  // Replaces x [rows, columns], rows <= columns, by U V^T of its singular value decomposition,
  // approximately: the singular values end up between about 0.7 and 1.2.
  void orthogonalize(std::vector<float>& x, int64_t rows, int64_t columns);

 private:
  Matmul matmul_;
  std::vector<float> direction_;
  std::vector<float> gram_;
  std::vector<float> polynomial_;
  std::vector<float> next_;
};

}  // namespace caco::lm
