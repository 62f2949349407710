// What the levels share: a product as they take it, and the memory that they pack operands into.
#pragma once

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "products.h"

// The arguments of `cproducts_multiply`.
struct product {
  const float *a, *b, *row;
  float *c;
  ptrdiff_t a_stride, b_stride, c_stride, m, n, k;
  float scale;
  bool a_is_transposed, b_is_transposed;
  cproducts_start start;
};

enum {
  block_depth = 384,    // elements along k: sums of a deeper product continue from C
  block_columns = 256,  // of B, packed; with their depth 384 KiB, which stay in the second cache
  packed_elements = block_depth * 768,  // of A where it is packed
  group_rows = 48,      // of A, which every panel of B meets before the next ones: a multiple of each tile's rows
};

// Working memory of a thread, for elements of 32 bits.
struct scratch {
  alignas(64) uint32_t b[block_depth * block_columns];
  alignas(64) uint32_t a[packed_elements];
};

// The making of a tile, or of a part of its depth. Elements are the level's own.
struct tile {
  const void *a;
  ptrdiff_t a_row, a_depth;  // elements from a row, and from a k, of A to the next
  const void *b;
  ptrdiff_t b_depth;
  float *c;
  ptrdiff_t c_row;
  ptrdiff_t depth;   // elements along k
  ptrdiff_t last;    // columns of the last vector
  const float *row;  // what sums begin with, (columns of the tile); null for C or 0
  bool adds;         // whether sums begin with C
  float scale;
};

// `count` rows, columns or elements along k, from `start` on.
struct range {
  ptrdiff_t start, count;
};

// A product at a level; `scratch` is the thread's own.
void cproducts_multiply_plain(const struct product *product, struct scratch *scratch);
void cproducts_multiply_neon(const struct product *product, struct scratch *scratch);
void cproducts_multiply_avx2(const struct product *product, struct scratch *scratch);
void cproducts_multiply_avx512(const struct product *product, struct scratch *scratch);

// The same with operands rounded to bfloat16: by the instruction of AVX512_BF16, or by a level's own, which need the
// processor to take subnormal numbers for zero.
void cproducts_multiply_pairs(const struct product *product, struct scratch *scratch);
void cproducts_multiply_rounded_plain(const struct product *product, struct scratch *scratch);
void cproducts_multiply_rounded_neon(const struct product *product, struct scratch *scratch);
void cproducts_multiply_rounded_avx2(const struct product *product, struct scratch *scratch);

static inline ptrdiff_t least(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
