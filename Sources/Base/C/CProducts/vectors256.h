// Sums in vectors of 256 bits, for tiles.h: what the products with AVX2 share. TARGET and OPERATION are defined beforehand.

#include <immintrin.h>

enum { LANES = 8, ROWS = 6, VECTORS = 2 };  // of 16 registers 12 hold sums

typedef __m256 vector;

OPERATION vector load(const float *from) { return _mm256_loadu_ps(from); }
OPERATION void store(float *to, vector value) { _mm256_storeu_ps(to, value); }
OPERATION vector broadcast(const float *from) { return _mm256_broadcast_ss(from); }
OPERATION vector multiply_add(vector a, vector b, vector sum) { return _mm256_fmadd_ps(a, b, sum); }
OPERATION vector times(vector sum, float scale) { return _mm256_mul_ps(sum, _mm256_set1_ps(scale)); }
OPERATION vector zero(void) { return _mm256_setzero_ps(); }

// All bits set in the lowest `count` lanes.
OPERATION __m256i mask(ptrdiff_t count) {
  static const int32_t bits[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
  return _mm256_loadu_si256((const __m256i *)(bits + 8 - count));
}

OPERATION vector load_first(const float *from, ptrdiff_t count) {
  return count == LANES ? load(from) : _mm256_maskload_ps(from, mask(count));
}

OPERATION void transpose(vector v[8]) {
  vector pairs[8], quads[8];
  for (int i = 0; i < 4; i += 1) {
    pairs[2 * i] = _mm256_unpacklo_ps(v[2 * i], v[2 * i + 1]);
    pairs[2 * i + 1] = _mm256_unpackhi_ps(v[2 * i], v[2 * i + 1]);
  }
  for (int i = 0; i < 2; i += 1) {
    for (int half = 0; half < 2; half += 1) {
      const vector upper = pairs[4 * i + half], lower = pairs[4 * i + 2 + half];
      quads[4 * i + 2 * half] = _mm256_shuffle_ps(upper, lower, 0x44);
      quads[4 * i + 2 * half + 1] = _mm256_shuffle_ps(upper, lower, 0xee);
    }
  }
  for (int i = 0; i < 4; i += 1) {
    v[i] = _mm256_permute2f128_ps(quads[i], quads[4 + i], 0x20);
    v[4 + i] = _mm256_permute2f128_ps(quads[i], quads[4 + i], 0x31);
  }
}

#include "tails.h"
