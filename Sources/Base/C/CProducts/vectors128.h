// Sums in vectors of 128 bits, for tiles.h: what the products with NEON share. TARGET and OPERATION are defined beforehand.

#include <arm_neon.h>

enum { LANES = 4, ROWS = 6, VECTORS = 4 };  // of 32 registers 24 hold sums

typedef float32x4_t vector;

OPERATION vector load(const float *from) { return vld1q_f32(from); }
OPERATION void store(float *to, vector value) { vst1q_f32(to, value); }
OPERATION vector broadcast(const float *from) { return vld1q_dup_f32(from); }
OPERATION vector multiply_add(vector a, vector b, vector sum) { return vfmaq_f32(sum, a, b); }
OPERATION vector times(vector sum, float scale) { return vmulq_n_f32(sum, scale); }
OPERATION vector zero(void) { return vdupq_n_f32(0); }

OPERATION vector load_first(const float *from, ptrdiff_t count) {
  if (count == LANES) return load(from);
  float copy[LANES] = {0};
  for (ptrdiff_t i = 0; i < count; i += 1) copy[i] = from[i];
  return load(copy);
}

OPERATION void transpose(vector v[4]) {
  const float32x4x2_t even = vtrnq_f32(v[0], v[1]), odd = vtrnq_f32(v[2], v[3]);
  v[0] = vcombine_f32(vget_low_f32(even.val[0]), vget_low_f32(odd.val[0]));
  v[1] = vcombine_f32(vget_low_f32(even.val[1]), vget_low_f32(odd.val[1]));
  v[2] = vcombine_f32(vget_high_f32(even.val[0]), vget_high_f32(odd.val[0]));
  v[3] = vcombine_f32(vget_high_f32(even.val[1]), vget_high_f32(odd.val[1]));
}

#include "tails.h"
