// How float32 operands are packed, for tiles.h. A level's file defines beforehand, beside what is told there:
//   store(to, vector)
//   transpose(vectors)     of LANES vectors
//   masks_loads            whether load_last reads no more than it is told to

typedef float element;
typedef vector operand;

enum { element_depth = 1, whole_depth = 1 };

// Whether an operand whose rows, one for each k, lie `stride` floats apart is better packed before it is read `count`
// times: rows that are far apart are read badly, and so is what the second cache does not hold.
static inline bool packing_pays(ptrdiff_t k, ptrdiff_t stride, ptrdiff_t count) {
  return count * stride > 200000 || k * stride > 1200000;
}

static inline bool packs_a(const struct product *p) {
  return p->a_is_transposed && packing_pays(p->k, p->a_stride, p->n);
}

static inline bool packs_b(const struct product *p) {
  return p->b_is_transposed || packing_pays(p->k, p->b_stride, p->m) || (!masks_loads && p->n % LANES > 0);
}

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

// Rows that lie along k, likewise.
TARGET static void pack_along(
    const float *from, ptrdiff_t stride, ptrdiff_t depth, ptrdiff_t count, float *to, ptrdiff_t width) {
  for (ptrdiff_t first = 0; first < count; first += LANES) {
    for (ptrdiff_t k = 0; k < depth; k += LANES) {
      const ptrdiff_t there = least(LANES, depth - k);
      vector vectors[LANES];
      _Pragma("clang loop unroll(full)") for (int i = 0; i < LANES; i += 1) {
        const float *row = from + (first + i) * stride + k;
        vectors[i] = first + i < count ? load_first(row, there) : zero();
        __builtin_prefetch(row + 128);
      }
      transpose(vectors);
      for (int i = 0; i < there; i += 1) store(to + (k + i) * width + first, vectors[i]);
    }
  }
}

// Rows of A, group after group. The strides of `t` become those of the packed rows.
TARGET static void pack_a(
    const struct product *p, struct range part, struct range rows, float *to, struct tile *t) {
  const float *from = p->a + part.start * p->a_stride + rows.start;
  for (ptrdiff_t k = 0; k < part.count; k += 1) {
    const float *row = from + k * p->a_stride;
    for (ptrdiff_t i = 0; i < rows.count; i += 16) __builtin_prefetch(row + 4 * p->a_stride + i);
    for (ptrdiff_t group = 0; group < rows.count; group += group_rows) {
      float *in_group = to + group * part.count + k * group_rows;
      const ptrdiff_t count = least(group_rows, rows.count - group);
      for (ptrdiff_t i = 0; i < count; i += LANES)
        store(in_group + i, load_first(row + group + i, least(LANES, count - i)));
    }
  }
  t->a_row = 1;
  t->a_depth = group_rows;
}
