#include "caco/stages/accuracy.h"

#include <algorithm>
#include <cmath>

namespace caco {
namespace {

constexpr double kZ = 1.959963984540054;  // 97.5 % quantile of the normal distribution

}  // namespace

Interval wilson_interval(int64_t num_correct, int64_t num_trials) {
  if (num_trials == 0) return {0, 1};
  const double n = static_cast<double>(num_trials);
  const double p = static_cast<double>(num_correct) / n;
  const double center = p + kZ * kZ / (2 * n);
  const double margin = kZ * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n));
  const double scale = 1 + kZ * kZ / n;
  return {std::max(0.0, (center - margin) / scale), std::min(1.0, (center + margin) / scale)};
}

PairedDifference paired_difference(const PairedCounts& counts) {
  const int64_t num_all = counts.both + counts.only_left + counts.only_right + counts.neither;
  if (num_all == 0) return {0, {-1, 1}, 1};
  PairedDifference found;
  const double n = static_cast<double>(num_all);
  const double left = static_cast<double>(counts.only_left);
  const double right = static_cast<double>(counts.only_right);
  found.difference = (left - right) / n;
  // Half a problem is added to each of the four cells.
  const double center = (left - right) / (n + 2);
  const double spread = (left + right + 1) - (left - right) * (left - right) / (n + 2);
  const double margin = kZ * std::sqrt(std::max(0.0, spread)) / (n + 2);
  found.interval = {std::max(-1.0, center - margin), std::min(1.0, center + margin)};
  // Under equality each problem that only one of them solved is a fair coin.
  const double coins = left + right;
  double log_chance = -coins * std::log(2.0);  // of no head at all; logarithms do not underflow
  double tail = std::exp(log_chance);
  for (int64_t k = 1; k <= std::min(counts.only_left, counts.only_right); ++k) {
    const double heads = static_cast<double>(k);
    log_chance += std::log((coins - heads + 1) / heads);
    tail += std::exp(log_chance);
  }
  found.p_value = std::min(1.0, 2 * tail);
  return found;
}

}  // namespace caco
