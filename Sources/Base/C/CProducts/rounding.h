// How operands are packed that are rounded to bfloat16 by no instruction of the processor, for tiles.h: as floats whose pairs
// along k have changed places, since of a pair the second is multiplied first. Beside what is told in tiles.h, `store` and
// `transpose` are defined beforehand (see packing.h).

typedef float element;
typedef vector operand;
typedef uint32_t bits_of_vector __attribute__((vector_size(4 * LANES)));

enum { element_depth = 1, whole_depth = 2 };

// Each number to the nearest of 8 significant bits, the even one of two; a subnormal one to zero.
OPERATION vector rounded(vector value) {
  const bits_of_vector bits = (bits_of_vector)value, exponent = bits & 0x7f800000;
  const bits_of_vector is_special = (bits_of_vector)(exponent == 0x7f800000), is_tiny = (bits_of_vector)(exponent == 0);
  const bits_of_vector is_nan = is_special & (bits_of_vector)((bits & 0x007fffff) != 0);
  const bits_of_vector nearest = bits + 0x7fff + (bits >> 16 & 1);
  const bits_of_vector normal = (is_special & bits) | (~is_special & nearest) | (is_nan & 0x00400000);
  return (vector)((is_tiny & bits & 0x80000000) | (~is_tiny & normal & 0xffff0000));
}

static inline bool packs_a(const struct product *p) { return (void)p, true; }
static inline bool packs_b(const struct product *p) { return (void)p, true; }

// Rows that lie across k, of A or of B: for each k a row of whole vectors, `width` floats from the next.
TARGET static void pack_across(
    const float *from, ptrdiff_t stride, ptrdiff_t depth, ptrdiff_t count, float *to, ptrdiff_t width) {
  for (ptrdiff_t k = 0; k < depth + depth % 2; k += 1)
    for (ptrdiff_t i = 0; i < count; i += LANES)
      store(
          to + (k ^ 1) * width + i,
          k < depth ? rounded(load_first(from + k * stride + i, least(LANES, count - i))) : zero());
}

// Rows that lie along k, likewise.
TARGET static void pack_along(
    const float *from, ptrdiff_t stride, ptrdiff_t depth, ptrdiff_t count, float *to, ptrdiff_t width) {
  for (ptrdiff_t first = 0; first < count; first += LANES) {
    for (ptrdiff_t k = 0; k < depth; k += LANES) {
      const ptrdiff_t there = least(LANES, depth - k);
      vector vectors[LANES];
      _Pragma("clang loop unroll(full)") for (int i = 0; i < LANES; i += 1)
        vectors[i] = first + i < count ? rounded(load_first(from + (first + i) * stride + k, there)) : zero();
      transpose(vectors);
      for (int i = 0; i < there + there % 2; i += 1) store(to + (k + (i ^ 1)) * width + first, vectors[i]);
    }
  }
}

// Rows of A, group after group. The strides of `t` become those of the packed rows.
TARGET static void pack_a(
    const struct product *p, struct range part, struct range rows, float *to, struct tile *t) {
  const ptrdiff_t depth = least(part.count, p->k - part.start), stride = p->a_stride;
  for (ptrdiff_t group = 0; group < rows.count; group += group_rows) {
    const ptrdiff_t first = rows.start + group, count = least(group_rows, rows.count - group);
    float *in_group = to + group * part.count;
    if (p->a_is_transposed) pack_across(p->a + part.start * stride + first, stride, depth, count, in_group, group_rows);
    else pack_along(p->a + first * stride + part.start, stride, depth, count, in_group, group_rows);
  }
  t->a_row = 1;
  t->a_depth = group_rows;
}
