#include "caco/answer/expr_bounds.h"

namespace caco {

namespace {

double log2_bound(void (*get)(mag_ptr bound, acb_srcptr value), acb_srcptr value) {
  mag_t bound;
  mag_init(bound);
  get(bound, value);
  const double size = mag_get_d_log2_approx(bound);
  mag_clear(bound);
  return size;
}

}  // namespace

double log2_upper(acb_srcptr value) {
  return log2_bound(acb_get_mag, value);
}

double log2_lower(acb_srcptr value) {
  return log2_bound(acb_get_mag_lower, value);
}

}  // namespace caco
