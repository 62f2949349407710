// Sums in vectors of 512 bits, for tiles.h: what the levels of AVX-512 share. TARGET and OPERATION are defined
// beforehand.

enum { LANES = 16, ROWS = 6, VECTORS = 4 };  // of 32 registers 24 hold sums, four a row of B and one a factor of A

typedef __m512 vector;

OPERATION vector times(vector sum, float scale) { return _mm512_mul_ps(sum, _mm512_set1_ps(scale)); }
OPERATION vector zero(void) { return _mm512_setzero_ps(); }

// The lowest `count` bits.
OPERATION __mmask16 mask(ptrdiff_t count) { return (__mmask16)((1u << count) - 1); }

OPERATION vector load_first(const float *from, ptrdiff_t count) { return _mm512_maskz_loadu_ps(mask(count), from); }

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
