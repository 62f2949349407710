// The product with AVX-512: tiles of 6 rows and 64 columns take 24 of 32 registers for sums.
#if defined(__x86_64__)

#include <immintrin.h>

#include "product.h"

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
#define OPERATION TARGET static inline __attribute__((always_inline))
#define PRODUCT cproducts_multiply_avx512

enum { LANES = 16, ROWS = 6, VECTORS = 4, masks_loads = 1 };

typedef __m512 vector;

OPERATION vector load(const float *from) { return _mm512_loadu_ps(from); }
OPERATION void store(float *to, vector value) { _mm512_storeu_ps(to, value); }
OPERATION vector broadcast(const float *from) {
  vector value = _mm512_set1_ps(*from);
  __asm__("" : "+v"(value));  // or the compiler loads it again for every multiply-add
  return value;
}
OPERATION vector multiply_add(vector a, vector b, vector sum) { return _mm512_fmadd_ps(a, b, sum); }
OPERATION vector times(vector a, vector b) { return _mm512_mul_ps(a, b); }
OPERATION vector zero(void) { return _mm512_setzero_ps(); }

// The lowest `count` bits.
OPERATION __mmask16 mask(ptrdiff_t count) { return (__mmask16)((1u << count) - 1); }

OPERATION vector load_first(const float *from, ptrdiff_t count) { return _mm512_maskz_loadu_ps(mask(count), from); }

OPERATION vector load_last(const float *from, ptrdiff_t count) { return load_first(from, count); }
OPERATION void store_first(float *to, ptrdiff_t count, vector value) { _mm512_mask_storeu_ps(to, mask(count), value); }

OPERATION void transpose(vector v[16]) {
  vector mixed[16];
  for (int i = 0; i < 8; i += 1) {
    mixed[2 * i] = _mm512_unpacklo_ps(v[2 * i], v[2 * i + 1]);
    mixed[2 * i + 1] = _mm512_unpackhi_ps(v[2 * i], v[2 * i + 1]);
  }
  for (int i = 0; i < 4; i += 1) {
    for (int half = 0; half < 2; half += 1) {
      const vector upper = mixed[4 * i + half], lower = mixed[4 * i + 2 + half];
      v[4 * i + 2 * half] = _mm512_shuffle_ps(upper, lower, 0x44);
      v[4 * i + 2 * half + 1] = _mm512_shuffle_ps(upper, lower, 0xee);
    }
  }
  for (int i = 0; i < 4; i += 1) {
    for (int half = 0; half < 2; half += 1) {
      const vector upper = v[8 * half + i], lower = v[8 * half + 4 + i];
      mixed[8 * half + i] = _mm512_shuffle_f32x4(upper, lower, 0x88);
      mixed[8 * half + 4 + i] = _mm512_shuffle_f32x4(upper, lower, 0xdd);
    }
  }
  for (int i = 0; i < 8; i += 1) {
    v[i] = _mm512_shuffle_f32x4(mixed[i], mixed[8 + i], 0x88);
    v[8 + i] = _mm512_shuffle_f32x4(mixed[i], mixed[8 + i], 0xdd);
  }
}

#include "tiles.h"

#endif
