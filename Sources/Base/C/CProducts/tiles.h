// The product in tiles of C, whose sums stay in registers while k advances. Operands are packed where that pays: B in
// panels as wide as a tile, A in groups of rows. A level's file defines its vectors and operations, and includes
// packing.h or defines what that does, and then this file, which defines PRODUCT:
//   LANES, ROWS, VECTORS   floats of a vector; the largest tile's rows, at most 6, and its vectors, at most 4
//   TARGET                 the attribute of its functions
//   vector                 of sums, with zero, times(sum, scale), and load_first(from, count) and
//                          store_first(to, count, sum) for the first 0 < count <= LANES floats
//   element, operand       what A and B consist of where sums read them, of `element_depth` numbers along k, and a
//                          vector of such; load(from), load_last(from, count), which reads `count` elements or more,
//                          broadcast(from), multiply_add(a, b, sum)
//   whole_depth            what packed operands are filled up to along k, with zeros: a multiple of it
//   packs_a, packs_b       whether a product's operand is packed
//   pack_a, pack_along, pack_across   see packing.h

#define INLINE TARGET static inline __attribute__((always_inline))

// Sums stay in registers only where every loop over them is unrolled.
#define UNROLL _Pragma("clang loop unroll(full)")

// A tile of (rows, vectors); both are known to the compiler.
INLINE void fill(const struct tile *t, const int rows, const int vectors) {
  vector sums[ROWS][VECTORS];
  UNROLL for (int j = 0; j < vectors; j += 1) {
    const ptrdiff_t there = j + 1 < vectors ? LANES : t->last;
    const vector first = t->row ? load_first(t->row + LANES * j, there) : zero();
    UNROLL for (int i = 0; i < rows; i += 1)
      sums[i][j] = t->adds ? load_first(t->c + i * t->c_row + LANES * j, there) : first;
  }
  const element *a[ROWS], *b = t->b;
  UNROLL for (int i = 0; i < rows; i += 1) {
    a[i] = (const element *)t->a + i * t->a_row;
    __asm__("" : "+r"(a[i]));  // or the compiler adds row by row for every k
  }
  UNROLL for (int i = 0; i < rows; i += 1)  // for the tile below
    UNROLL for (int j = 0; j < vectors; j += 1) __builtin_prefetch(t->c + (rows + i) * t->c_row + LANES * j);
  ptrdiff_t offset = 0;
  for (ptrdiff_t k = 0; k < t->depth; k += 1) {
    operand columns[VECTORS];
    UNROLL for (int j = 0; j < vectors; j += 1)
      columns[j] = j + 1 < vectors ? load(b + LANES * j) : load_last(b + LANES * j, t->last);
    UNROLL for (int i = 0; i < rows; i += 1) {
      const operand factor = broadcast(a[i] + offset);
      UNROLL for (int j = 0; j < vectors; j += 1) sums[i][j] = multiply_add(factor, columns[j], sums[i][j]);
    }
    offset += t->a_depth;
    b += t->b_depth;
  }
  UNROLL for (int j = 0; j < vectors; j += 1) {
    const ptrdiff_t there = j + 1 < vectors ? LANES : t->last;
    UNROLL for (int i = 0; i < rows; i += 1) {
      const vector sum = t->scale == 1 ? sums[i][j] : times(sums[i][j], t->scale);
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

static inline ptrdiff_t next_vectors(ptrdiff_t columns) { return next_part((columns + LANES - 1) / LANES, VECTORS); }

// A panel of B: for each element along k a row of whole vectors, `width` elements from the next.
TARGET static void pack_b(
    const struct product *p, struct range part, struct range columns, element *to, ptrdiff_t width) {
  const ptrdiff_t start = element_depth * part.start, depth = least(element_depth * part.count, p->k - start);
  if (p->b_is_transposed)
    pack_along(p->b + columns.start * p->b_stride + start, p->b_stride, depth, columns.count, to, width);
  else
    pack_across(p->b + start * p->b_stride + columns.start, p->b_stride, depth, columns.count, to, width);
}

// Packs columns of B from `column` on, panel after panel.
TARGET static void pack_panels(const struct product *p, struct range part, struct range columns, element *to) {
  while (columns.count > 0) {
    const ptrdiff_t width = LANES * next_vectors(columns.count);
    const struct range panel = {columns.start, least(width, columns.count)};
    pack_b(p, part, panel, to, width);
    to += width * part.count;
    columns.start += panel.count;
    columns.count -= panel.count;
  }
}

// The tiles of a group of rows of A and of a block of columns of B. `t` holds the first of them; panel by panel it
// moves along the columns.
TARGET static void fill_group(struct tile t, bool b_is_packed, ptrdiff_t rows, ptrdiff_t columns) {
  while (columns > 0) {
    const ptrdiff_t vectors = next_vectors(columns), width = least(LANES * vectors, columns);
    if (b_is_packed) t.b_depth = LANES * vectors;
    t.last = width - LANES * (vectors - 1);
    struct tile in_panel = t;
    for (ptrdiff_t row = 0, count; row < rows; row += count) {
      count = next_part(rows - row, ROWS);
      fill_any(&in_panel, count, vectors);
      in_panel.a = (const element *)in_panel.a + count * t.a_row;
      in_panel.c += count * t.c_row;
    }
    t.b = (const element *)t.b + (b_is_packed ? t.b_depth * t.depth : width);
    t.c += width;
    if (t.row) t.row += width;
    columns -= width;
  }
}

// All columns of some rows, of a part of k. `t` holds the first tile.
TARGET static void fill_rows(
    const struct product *p, struct tile t, struct range part, ptrdiff_t rows, struct scratch *scratch) {
  const bool b_is_packed = packs_b(p);
  const ptrdiff_t group_step = group_rows * (packs_a(p) ? t.depth : t.a_row);
  for (ptrdiff_t column = 0; column < p->n; column += block_columns) {
    const struct range columns = {column, least(block_columns, p->n - column)};
    struct tile first = t;
    first.c += column;
    if (t.row) first.row += column;
    if (b_is_packed) {
      pack_panels(p, part, columns, (element *)scratch->b);
      first.b = scratch->b;
    } else {
      first.b = (const element *)t.b + column;
    }
    for (ptrdiff_t row = 0; row < rows; row += group_rows) {
      fill_group(first, b_is_packed, least(group_rows, rows - row), columns.count);
      first.a = (const element *)first.a + group_step;
      first.c += group_rows * t.c_row;
    }
  }
}

// All of a part of k.
TARGET static void fill_depth(const struct product *p, struct tile t, struct range part, struct scratch *scratch) {
  if (!packs_a(p)) return fill_rows(p, t, part, p->m, scratch);
  // As many rows as there is memory for: B is packed once for all of them.
  const ptrdiff_t most = packed_elements / (part.count > 0 ? part.count : 1) / group_rows * group_rows;
  for (ptrdiff_t row = 0; row < p->m; row += most) {
    const ptrdiff_t rows = least(most, p->m - row);
    struct tile first = t;
    first.a = scratch->a;
    first.c += row * t.c_row;
    pack_a(p, part, (struct range){row, rows}, (element *)scratch->a, &first);
    fill_rows(p, first, part, rows, scratch);
  }
}

TARGET void PRODUCT(const struct product *p, struct scratch *scratch) {
  const ptrdiff_t whole = (p->k + whole_depth - 1) / whole_depth * whole_depth / element_depth;
  const ptrdiff_t parts = whole > block_depth ? (whole + block_depth - 1) / block_depth : 1;
  const ptrdiff_t depth = ((whole + parts - 1) / parts + LANES - 1) / LANES * LANES;
  struct tile t = {.c = p->c, .c_row = p->c_stride};
  t.a_row = p->a_is_transposed ? 1 : p->a_stride;
  t.a_depth = p->a_is_transposed ? p->a_stride : 1;
  t.b_depth = p->b_stride;
  struct range part = {0, 0};
  do {  // once where k is 0
    part.count = t.depth = least(depth, whole - part.start);
    t.a = p->a + part.start * t.a_depth;
    t.b = p->b + part.start * t.b_depth;
    t.adds = part.start > 0 || p->start == cproducts_from_c;
    t.row = part.start == 0 && p->start == cproducts_from_row ? p->row : NULL;
    t.scale = part.start + part.count == whole ? p->scale : 1;
    fill_depth(p, t, part, scratch);
    part.start += part.count;
  } while (part.start < whole);
}
