// The product in tiles of C, whose sums stay in registers while k advances. Operands are packed where that pays: B in
// panels as wide as a tile, A where it is transposed. A level's file defines its vectors and operations, and includes
// this file, which defines PRODUCT:
//   LANES, ROWS, VECTORS   floats of a vector; the largest tile's rows, at most 6, and its vectors of columns, at most 4
//   TARGET                 the attribute of its functions
//   vector, load, store, broadcast, multiply_add(a, b, sum) = a b + sum, times, zero
//   load_first(from, count), store_first(to, count, vector), with 0 < count <= LANES and zeros beyond
//   load_last(from, count) load_first where `masks_loads`, otherwise load
//   transpose(vectors)     of LANES vectors

#define INLINE TARGET static inline __attribute__((always_inline))

// Sums stay in registers only where every loop over them is unrolled.
#define UNROLL _Pragma("clang loop unroll(full)")

// The making of a tile, or of a part of its depth.
struct tile {
  const float *a;
  ptrdiff_t a_row, a_depth;  // floats from a row, and from a k, of A to the next
  const float *b;
  ptrdiff_t b_depth;
  float *c;
  ptrdiff_t c_row;
  ptrdiff_t depth;
  ptrdiff_t last;    // columns of the last vector
  const float *row;  // what sums begin with, (columns of the tile); null for C or 0
  bool adds;         // whether sums begin with C
  float scale;
};

// A tile of (rows, vectors); both are known to the compiler.
INLINE void fill(const struct tile *t, const int rows, const int vectors) {
  vector sums[ROWS][VECTORS];
  UNROLL for (int j = 0; j < vectors; j += 1) {
    const ptrdiff_t there = j + 1 < vectors ? LANES : t->last;
    const vector first = t->row ? load_first(t->row + LANES * j, there) : zero();
    UNROLL for (int i = 0; i < rows; i += 1)
      sums[i][j] = t->adds ? load_first(t->c + i * t->c_row + LANES * j, there) : first;
  }
  const float *a[ROWS], *b = t->b;
  UNROLL for (int i = 0; i < rows; i += 1) {
    a[i] = t->a + i * t->a_row;
    __asm__("" : "+r"(a[i]));  // or the compiler adds row by row for every k
  }
  UNROLL for (int i = 0; i < rows; i += 1)  // for the tile below
    UNROLL for (int j = 0; j < vectors; j += 1) __builtin_prefetch(t->c + (rows + i) * t->c_row + LANES * j);
  ptrdiff_t offset = 0;
  for (ptrdiff_t k = 0; k < t->depth; k += 1) {
    vector columns[VECTORS];
    UNROLL for (int j = 0; j < vectors; j += 1)
      columns[j] = j + 1 < vectors ? load(b + LANES * j) : load_last(b + LANES * j, t->last);
    UNROLL for (int i = 0; i < rows; i += 1) {
      const vector element = broadcast(a[i] + offset);
      UNROLL for (int j = 0; j < vectors; j += 1) sums[i][j] = multiply_add(element, columns[j], sums[i][j]);
    }
    offset += t->a_depth;
    b += t->b_depth;
  }
  UNROLL for (int j = 0; j < vectors; j += 1) {
    const ptrdiff_t there = j + 1 < vectors ? LANES : t->last;
    UNROLL for (int i = 0; i < rows; i += 1) {
      const vector sum = t->scale == 1 ? sums[i][j] : times(sums[i][j], broadcast(&t->scale));
      store_first(t->c + i * t->c_row + LANES * j, there, sum);
    }
  }
}

#define CASE(rows, vectors)                                         \
  case 10 * rows + vectors:                                         \
    if (rows <= ROWS && vectors <= VECTORS) fill(t, rows, vectors); \
    return;
#define CASES(rows) CASE(rows, 1) CASE(rows, 2) CASE(rows, 3) CASE(rows, 4)

TARGET static void fill_any(const struct tile *t, ptrdiff_t rows, ptrdiff_t vectors) {
  switch (10 * rows + vectors) { CASES(1) CASES(2) CASES(3) CASES(4) CASES(5) CASES(6) }
}

// How many of `left` rows or vectors the next tile takes, at most `most`: the last two share what is left.
static inline ptrdiff_t next_part(ptrdiff_t left, ptrdiff_t most) {
  return left <= most ? left : left < 2 * most ? (left + 1) / 2 : most;
}

static inline ptrdiff_t vectors_of(ptrdiff_t columns) { return (columns + LANES - 1) / LANES; }

// Rows that lie across k, of A or of B: for each k a row of whole vectors, `width` floats from the next.
TARGET static void pack_across(
    const float *from, ptrdiff_t stride, ptrdiff_t depth, ptrdiff_t count, float *to, ptrdiff_t width) {
  for (ptrdiff_t k = 0; k < depth; k += 1) {
    const float *row = from + k * stride;
    for (ptrdiff_t i = 0; i < count; i += 16) __builtin_prefetch(row + 24 * stride + i);
    for (ptrdiff_t i = 0; i < count; i += LANES)
      store(to + k * width + i, load_first(row + i, least(LANES, count - i)));
  }
}

// A panel of B whose columns lie along k, likewise.
TARGET static void pack_along(
    const float *from, ptrdiff_t stride, ptrdiff_t depth, ptrdiff_t columns, float *to, ptrdiff_t width) {
  for (ptrdiff_t column = 0; column < columns; column += LANES) {
    for (ptrdiff_t k = 0; k < depth; k += LANES) {
      const ptrdiff_t there = least(LANES, depth - k);
      vector vectors[LANES];
      UNROLL for (int i = 0; i < LANES; i += 1) {
        const float *row = from + (column + i) * stride + k;
        vectors[i] = column + i < columns ? load_first(row, there) : zero();
        __builtin_prefetch(row + 128);
      }
      transpose(vectors);
      for (int i = 0; i < there; i += 1) store(to + (k + i) * width + column, vectors[i]);
    }
  }
}

// Columns of B, panel after panel.
TARGET static void pack_b(const struct product *p, const float *from, ptrdiff_t depth, ptrdiff_t columns, float *to) {
  while (columns > 0) {
    const ptrdiff_t width = LANES * next_part(vectors_of(columns), VECTORS), there = least(width, columns);
    if (p->b_is_transposed) pack_along(from, p->b_stride, depth, there, to, width);
    else pack_across(from, p->b_stride, depth, there, to, width);
    from += p->b_is_transposed ? there * p->b_stride : there;
    to += width * depth;
    columns -= there;
  }
}

// The tiles of a group of rows of A and of a block of columns of B. `t` holds the first of them; panel by panel it moves
// along the columns.
TARGET static void fill_group(struct tile t, bool b_is_packed, ptrdiff_t rows, ptrdiff_t columns) {
  while (columns > 0) {
    const ptrdiff_t vectors = next_part(vectors_of(columns), VECTORS), width = least(LANES * vectors, columns);
    if (b_is_packed) t.b_depth = LANES * vectors;
    t.last = width - LANES * (vectors - 1);
    struct tile in_panel = t;
    for (ptrdiff_t row = 0, count; row < rows; row += count) {
      count = next_part(rows - row, ROWS);
      fill_any(&in_panel, count, vectors);
      in_panel.a += count * t.a_row;
      in_panel.c += count * t.c_row;
    }
    t.b += b_is_packed ? t.b_depth * t.depth : width;
    t.c += width;
    if (t.row) t.row += width;
    columns -= width;
  }
}

// Whether an operand whose rows lie `stride` floats apart is better packed before it is read `count` times.
static inline bool packing_pays(ptrdiff_t count, ptrdiff_t stride) { return count * stride > 200000; }

// All columns of some rows, of a part of k.
TARGET static void fill_rows(
    const struct product *p, struct tile t, bool a_is_packed, ptrdiff_t rows, struct scratch *scratch) {
  const bool packs_b =
      p->b_is_transposed || packing_pays(p->m, p->b_stride) || (!masks_loads && p->n % LANES > 0);
  const ptrdiff_t group_step = group_rows * (a_is_packed ? t.depth : t.a_row);
  for (ptrdiff_t column = 0; column < p->n; column += block_columns) {
    const ptrdiff_t columns = least(block_columns, p->n - column);
    struct tile first = t;
    first.b += column * (p->b_is_transposed ? p->b_stride : 1);
    first.c += column;
    if (t.row) first.row += column;
    if (packs_b) {
      pack_b(p, first.b, t.depth, columns, scratch->b);
      first.b = scratch->b;
    }
    for (ptrdiff_t row = 0; row < rows; row += group_rows) {
      fill_group(first, packs_b, least(group_rows, rows - row), columns);
      first.a += group_step;
      first.c += group_rows * t.c_row;
    }
  }
}

// All of a part of k, which `t` holds the first tile of.
TARGET static void fill_depth(const struct product *p, struct tile t, struct scratch *scratch) {
  const bool packs_a = p->a_is_transposed && packing_pays(p->n, p->a_stride);
  if (!packs_a) return fill_rows(p, t, false, p->m, scratch);
  for (ptrdiff_t row = 0; row < p->m; row += block_rows) {
    const ptrdiff_t rows = least(block_rows, p->m - row);
    for (ptrdiff_t i = 0; i < rows; i += group_rows) {
      const ptrdiff_t count = least(group_rows, rows - i);
      pack_across(t.a + row + i, p->a_stride, t.depth, count, scratch->a + i * t.depth, group_rows);
    }
    struct tile first = t;
    first.a = scratch->a;
    first.a_depth = group_rows;
    first.c += row * t.c_row;
    fill_rows(p, first, true, rows, scratch);
  }
}

TARGET void PRODUCT(const struct product *p, struct scratch *scratch) {
  const ptrdiff_t parts = p->k > block_depth ? (p->k + block_depth - 1) / block_depth : 1;
  const ptrdiff_t depth = ((p->k + parts - 1) / parts + LANES - 1) / LANES * LANES;
  struct tile t = {.c_row = p->c_stride};
  t.a_row = p->a_is_transposed ? 1 : p->a_stride;
  t.a_depth = p->a_is_transposed ? p->a_stride : 1;
  t.b_depth = p->b_is_transposed ? 1 : p->b_stride;
  ptrdiff_t start = 0;
  do {  // once where k is 0
    t.depth = least(depth, p->k - start);
    t.a = p->a + start * t.a_depth;
    t.b = p->b + start * t.b_depth;
    t.c = p->c;
    t.adds = start > 0 || p->start == cproducts_from_c;
    t.row = start == 0 && p->start == cproducts_from_row ? p->row : NULL;
    t.scale = start + t.depth == p->k ? p->scale : 1;
    fill_depth(p, t, scratch);
    start += t.depth;
  } while (start < p->k);
}
