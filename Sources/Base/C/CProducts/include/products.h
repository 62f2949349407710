// Float32 matrix products with the same bits on every processor: each element is summed over k in order, one fused
// multiply-add after the other, so tiles, blocks, threads and instruction sets change nothing. Numbers that are no NaN
// are equal bit for bit; a NaN is a NaN everywhere, but its sign and payload are the processor's own.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// The instruction sets that a product can be made with. Their results are the same.
typedef enum {
  cproducts_plain,   // C's fmaf, for processors without any of the others; slow
  cproducts_neon,
  cproducts_avx2,    // with FMA
  cproducts_avx512,  // F, BW, DQ and VL
} cproducts_level;

// The level in use: this processor's highest, or a lower one that the environment variable SEEDSWEEP_SIMD names at the
// first call or `cproducts_use` has chosen.
cproducts_level cproducts_level_in_use(void);

// Makes products with a level from now on, on all threads; false, and nothing changes, where this processor lacks it.
bool cproducts_use(cproducts_level level);

// "plain", "neon", "avx2" or "avx512".
const char *cproducts_level_name(cproducts_level level);

// The highest level of this processor.
cproducts_level cproducts_highest_level(void);

// What a sum begins with.
typedef enum {
  cproducts_from_zero,
  cproducts_from_c,    // C's element: the product is added to C
  cproducts_from_row,  // the column's element of a row vector, such as a bias
} cproducts_start;

// C = op(A) op(B) for row-major matrices, op(A) of (m, k), op(B) of (k, n), C of (m, n). Each element is
// `sum = start; for k in order: sum = fmaf(a[k], b[k], sum)`, then times `scale` where that is not 1. `row`, of (n), is
// read where sums begin from it. Strides count floats from row to row as stored. C shares no memory with the others.
// Nothing beyond the matrices is read or written; m, n and k may be 0. The first product of a thread allocates working
// memory, which the thread's end frees.
void cproducts_multiply(
    const float *a, bool a_is_transposed, ptrdiff_t a_stride, const float *b, bool b_is_transposed, ptrdiff_t b_stride,
    float *c, ptrdiff_t c_stride, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, cproducts_start start, const float *row,
    float scale);

// Whether the products below are faster than those of float32: at the level of AVX-512 where the processor has AVX512_BF16, but
// for those that have tiles for bfloat16 (AMX) beside it, where that instruction is slow.
bool cproducts_bfloat16_is_fast(void);

// C = op(A) op(B) likewise, with every number of A and B rounded to bfloat16, to nearest even. Each element is the same
// chain of fused multiply-adds, but of two neighbours along k the second comes first, a zero behind an odd k; subnormal
// numbers, sums too, count as zero. The results of all levels are the same, but where ARM rounds a sum up to the least
// normal number, which it has taken for zero before.
void cproducts_multiply_bfloat16(
    const float *a, bool a_is_transposed, ptrdiff_t a_stride, const float *b, bool b_is_transposed, ptrdiff_t b_stride,
    float *c, ptrdiff_t c_stride, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, cproducts_start start, const float *row);
