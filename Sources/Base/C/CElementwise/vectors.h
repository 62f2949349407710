// Vectors of `LANES` floats, 16 with AVX-512 and 8 elsewhere, by the compiler's vector types: the same lines for every
// processor. Included once a level, by kernels.h.

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(USES_AVX2) || LANES == 16
#include <immintrin.h>
#endif

#define INLINE static inline __attribute__((always_inline))

// Runs a loop's body with its index known to the compiler.
#define UNROLLED _Pragma("clang loop unroll(full)") for

typedef float vector __attribute__((ext_vector_type(LANES)));
typedef float unaligned_vector __attribute__((ext_vector_type(LANES), aligned(4)));
typedef int32_t words __attribute__((ext_vector_type(LANES)));
typedef uint32_t bits __attribute__((ext_vector_type(LANES)));
typedef uint8_t bytes __attribute__((ext_vector_type(LANES)));
typedef uint8_t unaligned_bytes __attribute__((ext_vector_type(LANES), aligned(1)));
typedef float eight __attribute__((ext_vector_type(8)));
typedef float four __attribute__((ext_vector_type(4)));
typedef float two __attribute__((ext_vector_type(2)));

INLINE vector load(const float *from) { return *(const unaligned_vector *)from; }

INLINE void store(float *to, vector value) { *(unaligned_vector *)to = value; }

INLINE vector fused(vector a, vector b, vector sum) { return __builtin_elementwise_fma(a, b, sum); }

INLINE eight fused_eight(eight a, eight b, eight sum) { return __builtin_elementwise_fma(a, b, sum); }

// Keep marks, 1 or 0, as floats.
INLINE vector load_marks(const uint8_t *from) { return __builtin_convertvector(*(const unaligned_bytes *)from, vector); }


#if LANES == 16

// The first `count` floats and zeros; what lies behind them is not read.
INLINE vector load_first(const float *from, ptrdiff_t count) {
  return _mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), from);
}

// Stores the first `count` floats.
INLINE void store_first(float *to, vector value, ptrdiff_t count) {
  _mm512_mask_storeu_ps(to, (__mmask16)((1u << count) - 1), value);
}

// The first `count` keep marks, and zeros behind them.
INLINE vector load_first_marks(const uint8_t *from, ptrdiff_t count) {
  return __builtin_convertvector((bytes)_mm_maskz_loadu_epi8((__mmask16)((1u << count) - 1), from), vector);
}

#else

INLINE vector load_first_marks(const uint8_t *from, ptrdiff_t count) {
  bytes marks = 0;
  memcpy(&marks, from, (size_t)count);
  return __builtin_convertvector(marks, vector);
}

#endif

#if defined(USES_AVX2)

INLINE __m256i first_lanes(ptrdiff_t count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

INLINE vector load_first(const float *from, ptrdiff_t count) { return _mm256_maskload_ps(from, first_lanes(count)); }

INLINE void store_first(float *to, vector value, ptrdiff_t count) {
  _mm256_maskstore_ps(to, first_lanes(count), value);
}

#elif LANES == 8  // without masked loads and stores

INLINE vector load_first(const float *from, ptrdiff_t count) {
  vector value = 0;
  memcpy(&value, from, sizeof(float) * (size_t)count);
  return value;
}

INLINE void store_first(float *to, vector value, ptrdiff_t count) { memcpy(to, &value, sizeof(float) * (size_t)count); }

#endif

#if LANES == 16

INLINE words lane_numbers(void) { return (words){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}; }

// The groups of eight lanes that a vector is made of.
enum { groups = 2 };
INLINE eight group(vector a, int index) { return index == 0 ? a.lo : a.hi; }

#else

INLINE words lane_numbers(void) { return (words){0, 1, 2, 3, 4, 5, 6, 7}; }

enum { groups = 1 };
INLINE eight group(vector a, int index) { return a; }

#endif

// Runs `STEP`, a statement, over 0 ..< `COUNT` with `index` and with `there`, LANES but for the last, smaller group.
#define FOR_EACH_GROUP(COUNT, STEP)                                       \
  do {                                                                    \
    ptrdiff_t index = 0;                                                  \
    for (; index + LANES <= (COUNT); index += LANES) {                    \
      const ptrdiff_t there = LANES;                                      \
      STEP;                                                               \
    }                                                                     \
    if (index < (COUNT)) {                                                \
      const ptrdiff_t there = (COUNT) - index;                            \
      STEP;                                                               \
    }                                                                     \
  } while (0)

// `there` floats or marks, which a whole group knows to be LANES.
INLINE vector take(const float *from, ptrdiff_t there) { return there == LANES ? load(from) : load_first(from, there); }

INLINE vector take_marks(const uint8_t *from, ptrdiff_t there) {
  return there == LANES ? load_marks(from) : load_first_marks(from, there);
}

INLINE void put(float *to, vector value, ptrdiff_t there) {
  if (there == LANES) store(to, value);
  else store_first(to, value, there);
}
