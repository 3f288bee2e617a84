#include "caco/answer/expr_bounds.h"

namespace caco {

double log2_upper(acb_srcptr value) {
  mag_t bound;
  mag_init(bound);
  acb_get_mag(bound, value);
  const double size = mag_get_d_log2_approx(bound);
  mag_clear(bound);
  return size;
}

double log2_lower(acb_srcptr value) {
  mag_t bound;
  mag_init(bound);
  acb_get_mag_lower(bound, value);
  const double size = mag_get_d_log2_approx(bound);
  mag_clear(bound);
  return size;
}

}  // namespace caco
