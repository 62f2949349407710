// Softmax of rows of attention scores, forward and backward. Rows are short: each step is taken for many of them before the
// next, so that no row waits for another one's. The attention of CAttention is made with it as well.

typedef float unaligned_eight __attribute__((ext_vector_type(8), aligned(4)));

// Rows whose softmax is taken at a time; a multiple of 4.
enum { block_rows = 48 };

INLINE ptrdiff_t least(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

INLINE ptrdiff_t score_stride(ptrdiff_t length) { return (length + 7) & ~(ptrdiff_t)7; }

// The larger of each lane; NaNs may be passed over.
INLINE vector larger(vector a, vector b) { return a > b ? a : b; }

INLINE eight larger_eight(eight a, eight b) { return a > b ? a : b; }

INLINE eight add_eight(eight a, eight b) { return a + b; }

// Eight lanes of four vectors, each reduced to one number by an operation that halves first: the four numbers.
#define REDUCE(NAME, OPERATION)                                                                        \
  INLINE four NAME(const eight rows[4]) {                                                              \
    const eight ab_low = __builtin_shufflevector(rows[0], rows[1], 0, 1, 2, 3, 8, 9, 10, 11);          \
    const eight ab_high = __builtin_shufflevector(rows[0], rows[1], 4, 5, 6, 7, 12, 13, 14, 15);       \
    const eight cd_low = __builtin_shufflevector(rows[2], rows[3], 0, 1, 2, 3, 8, 9, 10, 11);          \
    const eight cd_high = __builtin_shufflevector(rows[2], rows[3], 4, 5, 6, 7, 12, 13, 14, 15);       \
    const eight ab = OPERATION(ab_low, ab_high), cd = OPERATION(cd_low, cd_high);                      \
    const eight acbd = OPERATION(                                                                      \
        __builtin_shufflevector(ab, cd, 0, 1, 8, 9, 4, 5, 12, 13),                                     \
        __builtin_shufflevector(ab, cd, 2, 3, 10, 11, 6, 7, 14, 15));                                  \
    const eight pairs = OPERATION(acbd, __builtin_shufflevector(acbd, acbd, 1, 1, 3, 3, 5, 5, 7, 7));  \
    return __builtin_shufflevector(pairs, pairs, 0, 4, 2, 6);                                          \
  }

REDUCE(sums_of_rows, add_eight)
REDUCE(largest_of_rows, larger_eight)

#if LANES == 16

// The first eight floats, and zeros behind them.
INLINE vector load_eight(const float *from) { return _mm512_zextps256_ps512(_mm256_loadu_ps(from)); }

// Stores the first eight floats. What a masked store has stored is read again more slowly.
INLINE void store_eight(float *to, vector value) { *(unaligned_eight *)to = value.lo; }

#else

INLINE vector load_eight(const float *from) { return load(from); }

INLINE void store_eight(float *to, vector value) { store(to, value); }

#endif

// Vector `j` of `vectors` of a row; where the last one is a half, its upper lanes are zero.
INLINE vector load_scores(const float *row, ptrdiff_t j, ptrdiff_t vectors, const bool has_half) {
  return has_half && j + 1 == vectors ? load_eight(row + j * LANES) : load(row + j * LANES);
}

INLINE void store_scores(float *row, vector value, ptrdiff_t j, ptrdiff_t vectors, const bool has_half) {
  if (has_half && j + 1 == vectors) store_eight(row + j * LANES, value);
  else store(row + j * LANES, value);
}

// What probabilities are multiplied by.
INLINE vector load_kept(const celementwise_scores *s, ptrdiff_t row, ptrdiff_t j, ptrdiff_t vectors, const bool has_half) {
  const uint8_t *marks = s->marks + row * score_stride(s->length) + j * LANES;
  return (has_half && j + 1 == vectors ? load_first_marks(marks, 8) : load_marks(marks)) * s->scale;
}

// The lanes of the last vector that hold no score.
INLINE words lanes_beyond(const celementwise_scores *s, ptrdiff_t vectors) {
  return lane_numbers() >= (int32_t)(s->length - (vectors - 1) * LANES);
}

// Rows are reduced to numbers four at a time: zeros behind the last one make the last four whole.
INLINE void fill_up(eight *rows, ptrdiff_t count) {
  for (; count % 4 != 0; count += 1) rows[count] = 0.0f;
}

// `width` vectors of some rows from vector `from` on become their exponentials, and are added to the rows' sums.
INLINE void powers_of_rows(
    float *const *rows, const int row_count, const float *largest, eight *sums, words beyond, ptrdiff_t from,
    const int width, const ptrdiff_t vectors, const bool has_half) {
  vector x[4];
  UNROLLED(int row = 0; row < row_count; row += 1)
    UNROLLED(int j = 0; j < width; j += 1) {
      const vector score = load_scores(rows[row], from + j, vectors, has_half) - largest[row];
      x[row * width + j] = from + j + 1 == vectors ? (beyond ? -__builtin_inff() : score) : score;
    }
  bounded_exponentials(x, row_count * width);
  UNROLLED(int row = 0; row < row_count; row += 1)
    UNROLLED(int j = 0; j < width; j += 1) {
      store_scores(rows[row], x[row * width + j], from + j, vectors, has_half);
      UNROLLED(int i = 0; i < groups; i += 1) sums[row] += group(x[row * width + j], i);
    }
}

INLINE void softmax_forward_block(
    const celementwise_scores *s, float *scores, float *dropped, const ptrdiff_t vectors, const bool has_half,
    const int side_by_side) {
  const words beyond = lanes_beyond(s, vectors);
  const ptrdiff_t stride = score_stride(s->length);
  eight tops[block_rows], sums[block_rows];
  _Alignas(16) float largest[block_rows], shares[block_rows];
  for (ptrdiff_t row = 0; row < s->rows; row += 1) {
    vector top = load_scores(scores + row * stride, vectors - 1, vectors, has_half);
    top = beyond ? -__builtin_inff() : top;
    for (ptrdiff_t j = 0; j + 1 < vectors; j += 1) top = larger(load(scores + row * stride + j * LANES), top);
    tops[row] = larger_eight(group(top, 0), group(top, groups - 1));
  }
  fill_up(tops, s->rows);
  for (ptrdiff_t row = 0; row < s->rows; row += 4) *(four *)(largest + row) = largest_of_rows(tops + row);
  // Four vectors at a time, of as many rows as that takes. A row that would follow the last one is a spare one.
  float spare[2 * LANES] = {0};
  for (ptrdiff_t row = 0; row < s->rows; row += side_by_side) {
    float *rows[4];
    UNROLLED(int i = 0; i < side_by_side; i += 1) rows[i] = row + i < s->rows ? scores + (row + i) * stride : spare;
    UNROLLED(int i = 0; i < side_by_side; i += 1) sums[row + i] = 0.0f;
    ptrdiff_t j = 0;
    for (; j + 4 <= vectors; j += 4)
      powers_of_rows(rows, side_by_side, largest + row, sums + row, beyond, j, 4, vectors, has_half);
    const ptrdiff_t left = vectors - j;
    if (left == 3) powers_of_rows(rows, side_by_side, largest + row, sums + row, beyond, j, 3, vectors, has_half);
    if (left == 2) powers_of_rows(rows, side_by_side, largest + row, sums + row, beyond, j, 2, vectors, has_half);
    if (left == 1) powers_of_rows(rows, side_by_side, largest + row, sums + row, beyond, j, 1, vectors, has_half);
  }
  fill_up(sums, s->rows);
  for (ptrdiff_t row = 0; row < s->rows; row += 4) *(four *)(shares + row) = 1.0f / sums_of_rows(sums + row);
  for (ptrdiff_t row = 0; row < s->rows; row += 1) {
    for (ptrdiff_t j = 0; j < vectors; j += 1) {
      const vector share = load_scores(scores + row * stride, j, vectors, has_half) * shares[row];
      store_scores(scores + row * stride, share, j, vectors, has_half);
      if (s->marks)
        store_scores(dropped + row * stride, share * load_kept(s, row, j, vectors, has_half), j, vectors, has_half);
    }
  }
}

// With g = mask(gradient), gradient = p (g - sum(p g)), and dropped = mask(p).
INLINE void softmax_backward_block(
    const celementwise_scores *s, float *gradient, const float *probabilities, float *dropped, const ptrdiff_t vectors,
    const bool has_half) {
  const words beyond = lanes_beyond(s, vectors);
  const ptrdiff_t stride = score_stride(s->length);
  eight products[block_rows];
  _Alignas(16) float sums[block_rows];
  for (ptrdiff_t row = 0; row < s->rows; row += 1) {
    eight sum = 0.0f;
    for (ptrdiff_t j = 0; j < vectors; j += 1) {
      vector g = load_scores(gradient + row * stride, j, vectors, has_half);
      if (j + 1 == vectors) g = beyond ? 0.0f : g;
      const vector p = load_scores(probabilities + row * stride, j, vectors, has_half);
      if (s->marks) {
        const vector kept = load_kept(s, row, j, vectors, has_half);
        store_scores(dropped + row * stride, p * kept, j, vectors, has_half);
        g *= kept;
      }
      store_scores(gradient + row * stride, g, j, vectors, has_half);
      for (int i = 0; i < groups; i += 1) sum = fused_eight(group(g, i), group(p, i), sum);
    }
    products[row] = sum;
  }
  fill_up(products, s->rows);
  for (ptrdiff_t row = 0; row < s->rows; row += 4) *(four *)(sums + row) = sums_of_rows(products + row);
  for (ptrdiff_t row = 0; row < s->rows; row += 1) {
    for (ptrdiff_t j = 0; j < vectors; j += 1) {
      const vector g = load_scores(gradient + row * stride, j, vectors, has_half);
      const vector p = load_scores(probabilities + row * stride, j, vectors, has_half);
      store_scores(gradient + row * stride, (g - sums[row]) * p, j, vectors, has_half);
    }
  }
}

// A block of rows from `first` on.
INLINE celementwise_scores block_of(const celementwise_scores *s, ptrdiff_t first) {
  const ptrdiff_t index = first * score_stride(s->length);
  return (celementwise_scores){
      least(block_rows, s->rows - first), s->length, s->marks ? s->marks + index : NULL, s->scale};
}

// Runs a statement for each `block` of rows of `SCORES` and the `index` of its first score, with the numbers of vectors of a
// row, and of rows that four vectors take, known to the compiler where rows are short.
#define FOR_BLOCKS(SCORES, CALL)                                                                  \
  do {                                                                                            \
    const ptrdiff_t stride = score_stride((SCORES)->length);                                      \
    const ptrdiff_t vectors = (stride + LANES - 1) / LANES;                                       \
    const bool has_half = stride % LANES != 0;                                                    \
    for (ptrdiff_t row = 0; row < (SCORES)->rows && stride > 0; row += block_rows) {              \
      const celementwise_scores block = block_of(SCORES, row);                                    \
      const ptrdiff_t index = row * stride;                                                       \
      switch (vectors * 2 + has_half) {                                                           \
        case 2: CALL(1, false, 4); break;                                                         \
        case 3: CALL(1, true, 4); break;                                                          \
        case 4: CALL(2, false, 2); break;                                                         \
        case 5: CALL(2, true, 2); break;                                                          \
        case 6: CALL(3, false, 1); break;                                                         \
        case 7: CALL(3, true, 1); break;                                                          \
        case 8: CALL(4, false, 1); break;                                                         \
        case 9: CALL(4, true, 1); break;                                                          \
        default:                                                                                  \
          if (has_half) CALL(vectors, true, 1);                                                   \
          else CALL(vectors, false, 1);                                                           \
      }                                                                                           \
    }                                                                                             \
  } while (0)

static void softmax_forward(const celementwise_scores *s, float *scores, float *dropped) {
#define CALL(VECTORS, HAS_HALF, SIDE_BY_SIDE) \
  softmax_forward_block(&block, scores + index, dropped + index, VECTORS, HAS_HALF, SIDE_BY_SIDE)
  FOR_BLOCKS(s, CALL);
#undef CALL
}

static void softmax_backward(
    const celementwise_scores *s, float *gradient, const float *probabilities, float *dropped) {
#define CALL(VECTORS, HAS_HALF, SIDE_BY_SIDE) \
  softmax_backward_block(&block, gradient + index, probabilities + index, dropped + index, VECTORS, HAS_HALF)
  FOR_BLOCKS(s, CALL);
#undef CALL
}
