// The fast test of two expressions: their values modulo 61-bit primes at pseudo-random points.
// Functions other than + - * / and whole powers are opaque: each takes a pseudo-random value that
// depends on its name and the residues of its arguments alone. So agreement means that the two are
// the same up to rewriting sums, products and quotients (wrong with a chance below degree / 2^61 a
// point; Schwartz 1980, Zippel 1979); and without opaque functions, disagreement is a proof that
// they differ.
#pragma once

#include <cstdint>
#include <optional>

#include "caco/answer/expr.h"

namespace caco {

inline constexpr int kNumModularPoints = 2;

// Returns x with its bits mixed: the finalizer of MurmurHash3 (Appleby, 2011). For pseudo-random
// points.
inline uint64_t mix_bits(uint64_t x) {
  x ^= x >> 33U;
  x *= 0xff51afd7ed558ccdU;
  x ^= x >> 33U;
  x *= 0xc4ceb9fe1a85ec53U;
  x ^= x >> 33U;
  return x;
}

struct Residue {
  uint64_t value = 0;
  bool is_rational = true;  // no opaque function was met
};

// Returns the residue at one of the kNumModularPoints points, or nothing when a denominator
// vanishes there. Pure; thread-safe; linear.
std::optional<Residue> evaluate_modular(const Expr& expr, int point);

// Returns left / right at the point, or nothing when right vanishes.
std::optional<uint64_t> divide_residues(uint64_t left, uint64_t right, int point);

// Returns whether the residue stands for a rational number of small size, as a factor between two
// equations does, and its sign: 1, -1, or 0 when it is none.
int sign_of_small_rational(uint64_t residue, int point);

}  // namespace caco
