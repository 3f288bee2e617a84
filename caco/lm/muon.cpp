#include "caco/lm/muon.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "caco/lm/kernels.h"
#include "caco/lm/parameter_layout.h"

namespace caco::lm {
namespace {

constexpr int kIterations = 5;
// The polynomial a x + b x^3 + c x^5 that lifts small singular values fastest (Jordan et al.).
constexpr float kA = 3.4445f;
constexpr float kB = -4.7750f;
constexpr float kC = 2.0315f;

}  // namespace

// X <- a X + (b A + c A^2) X with A = X X^T.
void Muon::orthogonalize(std::vector<float>& x, int64_t rows, int64_t columns) {
  assert(rows <= columns);
  gram_.resize(to_size(rows * rows));
  polynomial_.resize(gram_.size());
  next_.resize(x.size());
  const float square = kernels().dot(x.data(), x.data(), rows * columns);
  const float inverse = 1.0f / (std::sqrt(square) + 1e-20f);
  for (float& value : x)
    value *= inverse;
  for (int iteration = 0; iteration < kIterations; ++iteration) {
    matmul_.multiply(rows, rows, columns, {x.data(), columns, false}, {x.data(), columns, true},
                     gram_.data(), rows, 0);
    for (size_t i = 0; i < gram_.size(); ++i)
      polynomial_[i] = kB / kC * gram_[i];
    matmul_.multiply(rows, rows, rows, {gram_.data(), rows, false}, {gram_.data(), rows, false},
                     polynomial_.data(), rows, 1);
    for (float& value : polynomial_)
      value *= kC;
    for (size_t i = 0; i < x.size(); ++i)
      next_[i] = kA * x[i];
    matmul_.multiply(rows, columns, rows, {polynomial_.data(), rows, false},
                     {x.data(), columns, false}, next_.data(), columns, 1);
    x.swap(next_);
  }
}

void Muon::update(float* value, const float* gradient, float* momentum, int64_t rows,
                  int64_t columns, const MuonStep& step) {
  const int64_t size = rows * columns;
  const float beta = static_cast<float>(step.momentum);
  const float scale = static_cast<float>(step.gradient_scale);
  direction_.resize(to_size(size));
  const bool is_tall = rows > columns;
  for (int64_t i = 0; i < size; ++i) {
    const float g = gradient[i] * scale;
    momentum[i] = beta * momentum[i] + g;
    const float nesterov = g + beta * momentum[i];
    // A tall matrix is worked on transposed, so that the Gram matrix is the smaller one.
    direction_[to_size(is_tall ? i % columns * rows + i / columns : i)] = nesterov;
  }
  orthogonalize(direction_, std::min(rows, columns), std::max(rows, columns));
  const double width = static_cast<double>(std::max(rows, columns));
  const float rate = static_cast<float>(step.learning_rate * 0.2 * std::sqrt(width));
  const float keep = static_cast<float>(1.0 - step.learning_rate * step.weight_decay);
  for (int64_t i = 0; i < size; ++i) {
    const float direction = direction_[to_size(is_tall ? i % columns * rows + i / columns : i)];
    value[i] = value[i] * keep - rate * direction;
  }
}

}  // namespace caco::lm
