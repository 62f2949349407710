// The product with AVX-512.
#if defined(__x86_64__)

#include <immintrin.h>

#include "product.h"

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
#define OPERATION TARGET static inline __attribute__((always_inline))
#define PRODUCT cproducts_multiply_avx512

enum { masks_loads = 1 };

#include "vectors512.h"

OPERATION vector load(const float *from) { return _mm512_loadu_ps(from); }
OPERATION void store(float *to, vector value) { _mm512_storeu_ps(to, value); }
OPERATION vector broadcast(const float *from) {
  vector value = _mm512_set1_ps(*from);
  __asm__("" : "+v"(value));  // or the compiler loads it again for every multiply-add
  return value;
}
OPERATION vector multiply_add(vector a, vector b, vector sum) { return _mm512_fmadd_ps(a, b, sum); }
OPERATION vector load_last(const float *from, ptrdiff_t count) { return load_first(from, count); }

#include "packing.h"
#include "tiles.h"

#endif
