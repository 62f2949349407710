// The product in the usual three levels: operands are rounded and copied, a block of A that stays in the second cache and
// a panel of B at a time, and a tile of C lives in registers while a pair of k after the other is added to it. Two
// neighbours along k make a pair, the unit of AVX512_BF16's dot product: 32 bits, the lower half first.
#include "bfloat16.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

enum {
  tile_rows = 6,        // with four vectors a row, 24 sums, four of B and one of A: 29 of 32 registers
  tile_columns = 64,    // four vectors of 16
  block_rows = 240,     // a multiple of `packed_rows`
  block_depth = 512,    // of k; a block of A takes 240 KiB
  block_pairs = block_depth / 2,
  packed_rows = 48,     // rows of A side by side where A is transposed: a multiple of 16 and of `tile_rows`
};

#define BFLOAT16 __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))
#define INLINE BFLOAT16 static inline __attribute__((always_inline))

bool cbfloat16_is_supported(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bf16");
}

size_t cbfloat16_scratch_size(void) { return 64 + sizeof(uint32_t) * block_pairs * (block_rows + tile_columns); }

static inline ptrdiff_t least(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

// The lowest `count` bits.
static inline uint32_t mask(ptrdiff_t count) { return (uint32_t)((1ull << count) - 1); }

// The first 16 pairs of a row that lies along k, of which `count` elements, at most 32, exist; the others are zero.
INLINE __m512i pairs_of_row(const float *row, ptrdiff_t count) {
  if (count >= 32) return (__m512i)_mm512_cvtne2ps_pbh(_mm512_loadu_ps(row + 16), _mm512_loadu_ps(row));
  const uint32_t there = mask(count);
  const __m512 first = _mm512_maskz_loadu_ps((__mmask16)there, row);
  const __m512 second = _mm512_maskz_loadu_ps((__mmask16)(there >> 16), row + 16);
  return (__m512i)_mm512_cvtne2ps_pbh(second, first);
}

// Rows that lie along k: a row of pairs for each.
BFLOAT16 static void pack_rows(const float *from, ptrdiff_t stride, ptrdiff_t rows, ptrdiff_t depth, uint32_t *to) {
  for (ptrdiff_t row = 0; row < rows; row += 1)
    for (ptrdiff_t k = 0; k < depth; k += 32)
      _mm512_storeu_si512(to + row * block_pairs + k / 2, pairs_of_row(from + row * stride + k, depth - k));
}

// Rows that lie across k: for each pair of rows a row of `width` pairs.
BFLOAT16 static void pack_across(
    const float *from, ptrdiff_t stride, ptrdiff_t depth, ptrdiff_t columns, uint32_t *to, ptrdiff_t width) {
  for (ptrdiff_t k = 0; k < depth; k += 2) {
    for (ptrdiff_t column = 0; column < columns; column += 16) {
      const float *even = from + k * stride + column;
      const __mmask16 there = (__mmask16)mask(least(16, columns - column));
      const __mmask16 odd_there = k + 1 < depth ? there : 0;
      const __m512i low = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(there, even)));
      const __m512i high =
          _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(odd_there, even + stride)));
      _mm512_storeu_si512(to + k / 2 * width + column, _mm512_or_si512(low, _mm512_slli_epi32(high, 16)));
    }
  }
}

// Transposes 16 vectors of 16 words.
INLINE void transpose(__m512i rows[16]) {
  __m512i mixed[16];
  for (int i = 0; i < 8; i += 1) {
    mixed[2 * i] = _mm512_unpacklo_epi32(rows[2 * i], rows[2 * i + 1]);
    mixed[2 * i + 1] = _mm512_unpackhi_epi32(rows[2 * i], rows[2 * i + 1]);
  }
  for (int i = 0; i < 4; i += 1) {
    for (int half = 0; half < 2; half += 1) {
      const __m512i upper = mixed[4 * i + half], lower = mixed[4 * i + 2 + half];
      rows[4 * i + 2 * half] = _mm512_unpacklo_epi64(upper, lower);
      rows[4 * i + 2 * half + 1] = _mm512_unpackhi_epi64(upper, lower);
    }
  }
  for (int i = 0; i < 4; i += 1) {
    for (int half = 0; half < 2; half += 1) {
      const __m512i upper = rows[8 * half + i], lower = rows[8 * half + 4 + i];
      mixed[8 * half + i] = _mm512_shuffle_i32x4(upper, lower, 0x88);
      mixed[8 * half + 4 + i] = _mm512_shuffle_i32x4(upper, lower, 0xdd);
    }
  }
  for (int i = 0; i < 8; i += 1) {
    rows[i] = _mm512_shuffle_i32x4(mixed[i], mixed[8 + i], 0x88);
    rows[8 + i] = _mm512_shuffle_i32x4(mixed[i], mixed[8 + i], 0xdd);
  }
}

// Columns of B that lie along k: for each pair a row of `tile_columns` pairs.
BFLOAT16 static void pack_transposed(
    const float *from, ptrdiff_t stride, ptrdiff_t depth, ptrdiff_t columns, uint32_t *to) {
  for (ptrdiff_t k = 0; k < depth; k += 32) {
    for (ptrdiff_t column = 0; column < columns; column += 16) {
      __m512i pairs[16];
      for (int i = 0; i < 16; i += 1)
        pairs[i] = column + i < columns ? pairs_of_row(from + (column + i) * stride + k, depth - k)
                                        : _mm512_setzero_si512();
      transpose(pairs);
      for (int i = 0; i < 16 && k + 2 * i < depth; i += 1)
        _mm512_storeu_si512(to + (k / 2 + i) * tile_columns + column, pairs[i]);
    }
  }
}

// Where a block of packed A begins, and the words from one of its rows, and of its pairs, to the next.
struct packed {
  const uint32_t *start;
  ptrdiff_t row_stride, pair_stride;
};

// A tile of (rows, 16 vectors) of C; both are known to the compiler.
INLINE void tile(
    struct packed a, const uint32_t *b, ptrdiff_t pairs, float *c, ptrdiff_t stride, bool is_accumulating,
    const int rows, const int vectors) {
  __m512 sums[tile_rows][tile_columns / 16];
  for (int row = 0; row < rows; row += 1)
    for (int j = 0; j < vectors; j += 1)
      sums[row][j] = is_accumulating ? _mm512_loadu_ps(c + row * stride + 16 * j) : _mm512_setzero_ps();
  for (ptrdiff_t pair = 0; pair < pairs; pair += 1) {
    __m512bh columns[tile_columns / 16];
    for (int j = 0; j < vectors; j += 1)
      columns[j] = (__m512bh)_mm512_loadu_si512(b + pair * tile_columns + 16 * j);
    for (int row = 0; row < rows; row += 1) {
      const uint32_t word = a.start[row * a.row_stride + pair * a.pair_stride];
      for (int j = 0; j < vectors; j += 1)
        sums[row][j] = _mm512_dpbf16_ps(sums[row][j], columns[j], (__m512bh)_mm512_set1_epi32((int)word));
    }
  }
  for (int row = 0; row < rows; row += 1)
    for (int j = 0; j < vectors; j += 1) _mm512_storeu_ps(c + row * stride + 16 * j, sums[row][j]);
}

#define CASE(ROWS, VECTORS) \
  case 10 * ROWS + VECTORS: return tile(a, b, pairs, c, stride, is_accumulating, ROWS, VECTORS);
#define CASES(ROWS) CASE(ROWS, 1) CASE(ROWS, 2) CASE(ROWS, 3) CASE(ROWS, 4)

// A tile of up to (6, 64); columns in whole vectors.
BFLOAT16 static void whole_tile(
    struct packed a, const uint32_t *b, ptrdiff_t pairs, float *c, ptrdiff_t stride, bool is_accumulating,
    ptrdiff_t rows, ptrdiff_t vectors) {
  switch (10 * rows + vectors) { CASES(1) CASES(2) CASES(3) CASES(4) CASES(5) CASES(6) }
}

// A tile of up to (6, 64); where its last vector is not whole, by way of a copy.
BFLOAT16 static void any_tile(
    struct packed a, const uint32_t *b, ptrdiff_t pairs, float *c, ptrdiff_t stride, bool is_accumulating,
    ptrdiff_t rows, ptrdiff_t columns) {
  if (columns % 16 == 0) return whole_tile(a, b, pairs, c, stride, is_accumulating, rows, columns / 16);
  float copy[tile_rows * tile_columns] = {0};
  const size_t bytes = sizeof(float) * (size_t)columns;
  if (is_accumulating)
    for (ptrdiff_t row = 0; row < rows; row += 1) memcpy(copy + row * tile_columns, c + row * stride, bytes);
  whole_tile(a, b, pairs, copy, tile_columns, is_accumulating, rows, columns / 16 + 1);
  for (ptrdiff_t row = 0; row < rows; row += 1) memcpy(c + row * stride, copy + row * tile_columns, bytes);
}

// Copies a block of op(A) that begins at `from`, rounded.
BFLOAT16 static struct packed pack_a(
    const float *from, bool is_transposed, ptrdiff_t stride, ptrdiff_t rows, ptrdiff_t depth, uint32_t *to) {
  if (!is_transposed) {
    pack_rows(from, stride, rows, depth, to);
    return (struct packed){to, block_pairs, 1};
  }
  for (ptrdiff_t row = 0; row < rows; row += packed_rows)
    pack_across(from + row, stride, depth, least(packed_rows, rows - row), to + row * block_pairs, packed_rows);
  return (struct packed){to, 1, packed_rows};
}

// The packed rows of A from `row` on.
static struct packed from_row(struct packed a, ptrdiff_t row, bool is_transposed) {
  const ptrdiff_t in_group = is_transposed ? row % packed_rows : 0;
  a.start += (row - in_group) * block_pairs + in_group;
  return a;
}

BFLOAT16 void cbfloat16_product(
    const float *a, bool a_is_transposed, ptrdiff_t a_stride, const float *b, bool b_is_transposed, ptrdiff_t b_stride,
    float *c, ptrdiff_t c_stride, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, bool is_accumulating, void *scratch) {
  uint32_t *panel = (uint32_t *)(((uintptr_t)scratch + 63) & ~(uintptr_t)63);
  uint32_t *block = panel + block_pairs * tile_columns;
  for (ptrdiff_t depth_start = 0; depth_start < k; depth_start += block_depth) {
    const ptrdiff_t depth = least(block_depth, k - depth_start);
    const bool adds = is_accumulating || depth_start > 0;
    for (ptrdiff_t row_start = 0; row_start < m; row_start += block_rows) {
      const ptrdiff_t rows = least(block_rows, m - row_start);
      const float *corner = a_is_transposed ? a + depth_start * a_stride + row_start : a + row_start * a_stride + depth_start;
      const struct packed packed = pack_a(corner, a_is_transposed, a_stride, rows, depth, block);
      for (ptrdiff_t column = 0; column < n; column += tile_columns) {
        const ptrdiff_t columns = least(tile_columns, n - column);
        if (b_is_transposed) pack_transposed(b + column * b_stride + depth_start, b_stride, depth, columns, panel);
        else pack_across(b + depth_start * b_stride + column, b_stride, depth, columns, panel, tile_columns);
        for (ptrdiff_t row = 0; row < rows; row += tile_rows)
          any_tile(
              from_row(packed, row, a_is_transposed), panel, (depth + 1) / 2,
              c + (row_start + row) * c_stride + column, c_stride, adds, least(tile_rows, rows - row), columns);
      }
    }
  }
}

#else

bool cbfloat16_is_supported(void) { return false; }

size_t cbfloat16_scratch_size(void) { return 0; }

void cbfloat16_product(
    const float *a, bool a_is_transposed, ptrdiff_t a_stride, const float *b, bool b_is_transposed, ptrdiff_t b_stride,
    float *c, ptrdiff_t c_stride, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, bool is_accumulating, void *scratch) {
  __builtin_trap();  // whoever calls it has not asked whether it is supported
}

#endif
