// Products of a head's small matrices, a tile that stays in registers at a time. Nothing is copied but what is read
// transposed. Included by steps.h.

#define TILES_UP_TO_6(TILE, V) TILE(1, V) TILE(2, V) TILE(3, V) TILE(4, V) TILE(5, V) TILE(6, V)
#define TILES_UP_TO_8(TILE, V) TILES_UP_TO_6(TILE, V) TILE(7, V) TILE(8, V)
#define TILES_UP_TO_12(TILE, V) TILES_UP_TO_8(TILE, V) TILE(9, V) TILE(10, V) TILE(11, V) TILE(12, V)

// The sizes of tiles, in rows and vectors, and the most rows that a tile of 1, 2, ... vectors has.
#if LANES == 16

// With 32 registers, up to 24 sums, four vectors of B and one of A.
#define TILES(TILE) TILES_UP_TO_12(TILE, 1) TILES_UP_TO_12(TILE, 2) TILES_UP_TO_8(TILE, 3) TILES_UP_TO_6(TILE, 4)
enum { tile_vectors = 4 };
static const ptrdiff_t tile_rows[] = {0, 12, 12, 8, 6};

#else

// With 16 registers, or 32 of half the size, up to 12 sums, two vectors of B and one of A.
#define TILES(TILE) TILES_UP_TO_12(TILE, 1) TILES_UP_TO_6(TILE, 2)
enum { tile_vectors = 2 };
static const ptrdiff_t tile_rows[] = {0, 12, 6};

#endif

enum {
  panel_columns = tile_vectors * LANES,  // of a packed panel
  panel_depth = 64,                      // of a packed panel
};

// C = A B times a scale, (rows, columns) over `depth`. A row of A is `a_row` floats from the next, a column `a_column`;
// one of them is 1.
struct product {
  const float *a;
  ptrdiff_t a_row, a_column;
  const float *b;
  ptrdiff_t b_stride;
  float *c;
  ptrdiff_t c_stride;
  ptrdiff_t rows, columns, depth;
  float scale;
  bool continues;  // sums start from C
};

// A tile of C whose sums stay in registers. The last of its vectors has `last` columns.
INLINE void tile(
    const struct product *p, const float *a, const float *b, float *c, ptrdiff_t last, const int rows,
    const int vectors, const bool a_is_transposed) {
  vector sums[12][tile_vectors];
  const ptrdiff_t a_row = a_is_transposed ? 1 : p->a_row, a_column = a_is_transposed ? p->a_column : 1;
  const ptrdiff_t b_stride = p->b_stride, c_stride = p->c_stride;
  UNROLLED(int row = 0; row < rows; row += 1)
    UNROLLED(int j = 0; j < vectors; j += 1) sums[row][j] = 0.0f;
  if (p->continues)
    UNROLLED(int row = 0; row < rows; row += 1)
      UNROLLED(int j = 0; j < vectors; j += 1)
        sums[row][j] = load_first(c + row * c_stride + j * LANES, j + 1 < vectors ? LANES : last);
  for (ptrdiff_t k = p->depth; k > 0; k -= 1) {
    vector columns[tile_vectors];
    UNROLLED(int j = 0; j + 1 < vectors; j += 1) columns[j] = load(b + j * LANES);
    columns[vectors - 1] = load_first(b + (vectors - 1) * LANES, last);
    UNROLLED(int row = 0; row < rows; row += 1)
      UNROLLED(int j = 0; j < vectors; j += 1) sums[row][j] = fused(a[row * a_row], columns[j], sums[row][j]);
    a += a_column;
    b += b_stride;
  }
  UNROLLED(int row = 0; row < rows; row += 1) {
    float *to = c + row * c_stride;
    UNROLLED(int j = 0; j + 1 < vectors; j += 1) store(to + j * LANES, sums[row][j] * p->scale);
    to += (vectors - 1) * LANES;
    const vector value = sums[row][vectors - 1] * p->scale;
    if (last == LANES) store(to, value);
    else if (last == 8) store_eight(to, value);
    else store_first(to, value, last);
  }
}

typedef void tile_function(const struct product *, const float *, const float *, float *, ptrdiff_t);

#define TILE(ROWS, VECTORS)                                                                               \
  static void tile_##ROWS##_##VECTORS(                                                                    \
      const struct product *p, const float *a, const float *b, float *c, ptrdiff_t last) {                \
    tile(p, a, b, c, last, ROWS, VECTORS, false);                                                         \
  }                                                                                                       \
  static void transposed_tile_##ROWS##_##VECTORS(                                                         \
      const struct product *p, const float *a, const float *b, float *c, ptrdiff_t last) {                \
    tile(p, a, b, c, last, ROWS, VECTORS, true);                                                          \
  }
TILES(TILE)

#define ENTRY(ROWS, VECTORS) [VECTORS][ROWS] = {tile_##ROWS##_##VECTORS, transposed_tile_##ROWS##_##VECTORS},
static tile_function *const tiles[tile_vectors + 1][13][2] = {TILES(ENTRY)};

static void multiply(const struct product *p) {
  for (ptrdiff_t column = 0; column < p->columns; column += panel_columns) {
    const ptrdiff_t columns = least(panel_columns, p->columns - column);
    const ptrdiff_t vectors = (columns + LANES - 1) / LANES;
    const ptrdiff_t limit = tile_rows[vectors];
    const ptrdiff_t last = columns - (vectors - 1) * LANES;
    for (ptrdiff_t row = 0; row < p->rows;) {
      // Tiles of about as many rows each, lest the last is too small for the processor's pipelines.
      const ptrdiff_t left = p->rows - row, tile_count = (left + limit - 1) / limit;
      const ptrdiff_t rows = (left + tile_count - 1) / tile_count;
      tiles[vectors][rows][p->a_column != 1](
          p, p->a + row * p->a_row, p->b + column, p->c + row * p->c_stride + column, last);
      row += rows;
    }
  }
}

#if LANES == 16

// Transposes vectors: lane j of vector i becomes lane i of vector j.
INLINE void transpose(vector v[LANES]) {
  vector w[LANES];
  for (int i = 0; i < 8; i += 1) {
    const vector a = v[2 * i], b = v[2 * i + 1];
    w[2 * i] = __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
    w[2 * i + 1] = __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
  }
  for (int i = 0; i < 4; i += 1) {
    for (int half = 0; half < 2; half += 1) {
      const vector a = w[4 * i + half], b = w[4 * i + 2 + half];
      v[4 * i + 2 * half] = __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
      v[4 * i + 2 * half + 1] =
          __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
    }
  }
  for (int i = 0; i < 4; i += 1) {
    for (int half = 0; half < 2; half += 1) {
      const vector a = v[8 * half + i], b = v[8 * half + 4 + i];
      w[8 * half + i] = __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
      w[8 * half + 4 + i] = __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
    }
  }
  for (int i = 0; i < 8; i += 1) {
    const vector a = w[i], b = w[8 + i];
    v[i] = __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
    v[8 + i] = __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
  }
}

#else

// Transposes vectors: lane j of vector i becomes lane i of vector j.
INLINE void transpose(vector v[LANES]) {
  vector w[LANES];
  for (int i = 0; i < 4; i += 1) {
    const vector a = v[2 * i], b = v[2 * i + 1];
    w[2 * i] = __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13);
    w[2 * i + 1] = __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15);
  }
  for (int i = 0; i < 2; i += 1) {
    for (int half = 0; half < 2; half += 1) {
      const vector a = w[4 * i + half], b = w[4 * i + 2 + half];
      v[4 * i + 2 * half] = __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13);
      v[4 * i + 2 * half + 1] = __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
    }
  }
  for (int i = 0; i < 4; i += 1) {
    const vector a = v[i], b = v[4 + i];
    w[i] = __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11);
    w[4 + i] = __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
  }
  for (int i = 0; i < LANES; i += 1) v[i] = w[i];
}

#endif

// Up to `LANES` rows of up to `LANES` columns become columns of `panel`; rows that do not exist become zeros.
INLINE void pack_block(
    const float *from, ptrdiff_t stride, ptrdiff_t rows, ptrdiff_t width, float *panel, ptrdiff_t panel_stride,
    const bool is_half) {
  const float zeros[LANES] = {0};
  vector block[LANES] = {0};
  UNROLLED(int i = 0; i < (is_half ? LANES / 2 : LANES); i += 1) {
    const float *row = i < rows ? from + i * stride : zeros;
    block[i] = width == LANES ? load(row) : load_first(row, width);
  }
  transpose(block);
  UNROLLED(int i = 0; i < LANES; i += 1)
    if (i < width) store(panel + i * panel_stride, block[i]);
}

// Rows of `from`, of which there are `count`, become the columns of `panel`; columns up to a whole vector become zeros.
INLINE void pack_transposed(
    const float *from, ptrdiff_t stride, ptrdiff_t count, ptrdiff_t depth, float *panel, ptrdiff_t panel_stride) {
  for (ptrdiff_t row = 0; row < count; row += LANES) {
    for (ptrdiff_t k = 0; k < depth; k += LANES) {
      const float *corner = from + row * stride + k;
      float *to = panel + k * panel_stride + row;
      const ptrdiff_t there = count - row, width = least(LANES, depth - k);
      if (width < LANES) pack_block(corner, stride, there, width, to, panel_stride, false);
      else if (there <= LANES / 2) pack_block(corner, stride, there, LANES, to, panel_stride, true);
      else pack_block(corner, stride, there, LANES, to, panel_stride, false);
    }
  }
}

// scores = a b^T times a scale: (rows, size) by (length, size) to (rows, length) at the stride of scores.
static void multiply_by_transposed(
    cattention_rows a, ptrdiff_t rows, cattention_rows b, ptrdiff_t length, ptrdiff_t size, float scale,
    float *scores) {
  _Alignas(64) float panel[panel_depth * panel_columns];
  const ptrdiff_t stride = score_stride(length);
  for (ptrdiff_t column = 0; column < length; column += panel_columns) {
    const ptrdiff_t columns = least(panel_columns, length - column);
    const ptrdiff_t panel_stride = (columns + LANES - 1) / LANES * LANES;
    for (ptrdiff_t k = 0; k < size; k += panel_depth) {
      const ptrdiff_t depth = least(panel_depth, size - k);
      pack_transposed(b.start + column * b.stride + k, b.stride, columns, depth, panel, panel_stride);
      multiply(&(struct product){
          .a = a.start + k, .a_row = a.stride, .a_column = 1, .b = panel, .b_stride = panel_stride,
          .c = scores + column, .c_stride = stride, .rows = rows, .columns = least(panel_columns, stride - column),
          .depth = depth, .scale = k + depth < size ? 1.0f : scale, .continues = k > 0});
    }
  }
}
