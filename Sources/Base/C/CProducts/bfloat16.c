// The product of operands rounded to bfloat16, with AVX512_BF16. Two neighbours along k make an element, the unit of
// the instruction: 32 bits, the lower half first. Operands are rounded when they are packed.
#include "product.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")))
#define OPERATION TARGET static inline __attribute__((always_inline))
#define PRODUCT cproducts_multiply_pairs

#include "vectors512.h"

enum { element_depth = 2, whole_depth = 2 };

typedef uint32_t element;
typedef __m512bh operand;

OPERATION operand load(const element *from) { return (operand)_mm512_loadu_si512(from); }
OPERATION operand load_last(const element *from, ptrdiff_t count) { return (void)count, load(from); }
OPERATION operand broadcast(const element *from) {
  __m512i value = _mm512_set1_epi32((int)*from);
  __asm__("" : "+v"(value));  // or the compiler loads it again for every multiply-add
  return (operand)value;
}
OPERATION vector multiply_add(operand a, operand b, vector sum) { return _mm512_dpbf16_ps(sum, b, a); }

// The first 16 elements of a row that lies along k, of which `count` numbers, at most 32, exist; the others are zero.
OPERATION vector elements_of_row(const float *row, ptrdiff_t count) {
  const vector first = load_first(row, least(LANES, count));
  const vector second = count > LANES ? load_first(row + LANES, count - LANES) : zero();
  return (vector)_mm512_cvtne2ps_pbh(second, first);
}

// Rows that lie along k, of A: row after row, `width` elements from the next.
TARGET static void pack_rows(
    const float *from, ptrdiff_t stride, ptrdiff_t depth, ptrdiff_t count, element *to, ptrdiff_t width) {
  for (ptrdiff_t i = 0; i < count; i += 1) {
    const float *row = from + i * stride;
    for (ptrdiff_t k = 0; k < depth; k += 2 * LANES) {
      __builtin_prefetch(row + stride + k);
      __builtin_prefetch(row + stride + k + LANES);
      _mm512_storeu_ps(to + i * width + k / 2, elements_of_row(row + k, least(2 * LANES, depth - k)));
    }
  }
}

// Rows that lie along k, of B: for each element along k a row of whole vectors, `width` elements from the next.
TARGET static void pack_along(
    const float *from, ptrdiff_t stride, ptrdiff_t depth, ptrdiff_t count, element *to, ptrdiff_t width) {
  for (ptrdiff_t first = 0; first < count; first += LANES) {
    for (ptrdiff_t k = 0; k < depth; k += 2 * LANES) {
      vector vectors[LANES];
      _Pragma("clang loop unroll(full)") for (int i = 0; i < LANES; i += 1) {
        const float *row = from + (first + i) * stride + k;
        vectors[i] = first + i < count ? elements_of_row(row, least(2 * LANES, depth - k)) : zero();
        __builtin_prefetch(row + 128);
        __builtin_prefetch(row + 128 + LANES);
      }
      transpose(vectors);
      for (int i = 0; i < LANES && k + 2 * i < depth; i += 1)
        _mm512_storeu_ps(to + (k / 2 + i) * width + first, vectors[i]);
    }
  }
}

// Rows that lie across k, of A or of B, likewise.
TARGET static void pack_across(
    const float *from, ptrdiff_t stride, ptrdiff_t depth, ptrdiff_t count, element *to, ptrdiff_t width) {
  for (ptrdiff_t k = 0; k < depth; k += 2) {
    for (ptrdiff_t i = 0; i < count; i += LANES) {
      const float *even = from + k * stride + i;
      const ptrdiff_t there = least(LANES, count - i);
      const vector odd = k + 1 < depth ? load_first(even + stride, there) : zero();
      __builtin_prefetch(even + 24 * stride);
      __builtin_prefetch(even + 25 * stride);
      const __m512i low = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(load_first(even, there)));
      const __m512i high = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(odd));
      _mm512_storeu_si512(to + k / 2 * width + i, _mm512_or_si512(low, _mm512_slli_epi32(high, 16)));
    }
  }
}

static inline bool packs_a(const struct product *p) { return (void)p, true; }
static inline bool packs_b(const struct product *p) { return (void)p, true; }

TARGET static void pack_a(
    const struct product *p, struct range part, struct range rows, element *to, struct tile *t) {
  const ptrdiff_t start = 2 * part.start, depth = least(2 * part.count, p->k - start);
  if (!p->a_is_transposed) {
    pack_rows(p->a + rows.start * p->a_stride + start, p->a_stride, depth, rows.count, to, part.count);
    t->a_row = part.count;
    t->a_depth = 1;
    return;
  }
  const float *from = p->a + start * p->a_stride + rows.start;
  for (ptrdiff_t group = 0; group < rows.count; group += group_rows)
    pack_across(
        from + group, p->a_stride, depth, least(group_rows, rows.count - group), to + group * part.count, group_rows);
  t->a_row = 1;
  t->a_depth = group_rows;
}

#include "tiles.h"

#endif
