// Rigorous values of expressions: complex balls (Arb) that contain the true value. Two disjoint
// balls prove that two values differ; overlap proves nothing.
#pragma once

#include <acb.h>

#include <cstdint>

#include "caco/answer/expr.h"

namespace caco {

// Owns one acb_t.
class Ball {
 public:
  Ball() { acb_init(value_); }
  ~Ball() { acb_clear(value_); }
  Ball(const Ball& other) {
    acb_init(value_);
    acb_set(value_, other.value_);
  }
  Ball(Ball&& other) noexcept {
    acb_init(value_);
    acb_swap(value_, other.value_);
  }
  Ball& operator=(Ball other) noexcept {
    acb_swap(value_, other.value_);
    return *this;
  }
  acb_ptr get() { return value_; }
  acb_srcptr get() const { return value_; }

 private:
  acb_t value_;
};

// Where the variables are set: pseudo-random numbers that depend on a variable's name.
enum class PointKind { PositiveReal, AnyReal, WholeNumber, Complex };

struct BallOptions {
  int64_t precision = 64;  // bits
  PointKind point_kind = PointKind::PositiveReal;
  int point = 0;
  bool log_is_decimal = false;  // Op::Log to base 10
  bool powers_are_real = true;  // (-8)^(1/3) is -2, not the principal value
  bool decimals_round = false;  // a decimal stands for all numbers that round to it
};

struct BallValue {
  Ball value;
  bool is_finite = false;   // false where undefined, too large or not precise enough
  bool left_reals = false;  // a step had no real value (the square root of a negative number)
};

// Returns the value at the point. Cost: linear in the nodes; magnitudes are bounded before they are
// computed. Thread-safe; FLINT's caches of the thread are freed when it ends.
BallValue evaluate_ball(const Expr& expr, const BallOptions& options);

// Frees FLINT's caches of this thread when it ends. Called by everything that uses FLINT.
void register_flint_thread();

}  // namespace caco
