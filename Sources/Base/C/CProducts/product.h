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
  block_depth = 384,    // of k: sums of a deeper product continue from C
  block_columns = 256,  // of B, packed; with their depth 384 KiB, which stay in the second cache
  block_rows = 768,     // of A where it is packed
  group_rows = 48,      // of A, which every panel of B meets before the next ones: a multiple of each tile's rows
};

// Working memory of a thread.
struct scratch {
  alignas(64) float b[block_depth * block_columns];
  alignas(64) float a[block_depth * block_rows];
};

// A product at a level; `scratch` is the thread's own.
void cproducts_multiply_plain(const struct product *product, struct scratch *scratch);
void cproducts_multiply_neon(const struct product *product, struct scratch *scratch);
void cproducts_multiply_avx2(const struct product *product, struct scratch *scratch);
void cproducts_multiply_avx512(const struct product *product, struct scratch *scratch);

static inline ptrdiff_t least(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
