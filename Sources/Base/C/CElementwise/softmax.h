// Softmax of rows of attention scores, forward beside backward, and of rows as wide as a vocabulary. Attention's rows are
// short, so each step is taken for a few of them before the next.

INLINE ptrdiff_t score_stride(ptrdiff_t length) { return (length + 7) & ~(ptrdiff_t)7; }

// The lanes of a group that begins at `index` that lie within a row's `length` scores, and `outside` in the others.
INLINE vector within(vector scores, ptrdiff_t index, ptrdiff_t length, float outside) {
  return lane_numbers() < (words)(int32_t)(length - index) ? scores : (vector)outside;
}

INLINE float largest_lane(vector values) {
  eight lanes = group(values, 0);
  UNROLLED(int part = 1; part < groups; part += 1)
    lanes = group(values, part) > lanes ? group(values, part) : lanes;
  const four halves = lanes.hi > lanes.lo ? lanes.hi : lanes.lo;
  const two quarters = halves.hi > halves.lo ? halves.hi : halves.lo;
  return quarters[1] > quarters[0] ? quarters[1] : quarters[0];
}

// Rows of scores that are worked on at once, `start` being the first of them.
struct score_rows {
  const celementwise_scores *shape;
  ptrdiff_t stride;
  float *start, *dropped;
  const float *probabilities;
  const uint8_t *marks;
  vector tops[4];
  float largest[4], shares[4];
  eight sums[4];
};

// A group of a row's scores, minus infinity behind them.
INLINE vector take_scores(const struct score_rows *r, int row, ptrdiff_t index, ptrdiff_t there) {
  const vector scores = take(r->start + row * r->stride + index, there);
  const ptrdiff_t length = r->shape->length;
  return index + LANES > length ? within(scores, index, length, -__builtin_inff()) : scores;
}

INLINE void top_step(struct score_rows *r, ptrdiff_t index, ptrdiff_t there, const int rows) {
  UNROLLED(int row = 0; row < rows; row += 1) {
    const vector scores = take_scores(r, row, index, there);
    r->tops[row] = scores > r->tops[row] ? scores : r->tops[row];
  }
}

INLINE void power_step(struct score_rows *r, ptrdiff_t index, ptrdiff_t there, const int rows) {
  UNROLLED(int row = 0; row < rows; row += 1) {
    const vector power = exponential(take_scores(r, row, index, there) - r->largest[row]);
    put(r->start + row * r->stride + index, power, there);
    add_groups(&r->sums[row], power, there);
  }
}

INLINE void share_step(struct score_rows *r, ptrdiff_t index, ptrdiff_t there, const int rows) {
  UNROLLED(int row = 0; row < rows; row += 1) {
    const ptrdiff_t at = row * r->stride + index;
    const vector probability = take(r->start + at, there) * r->shares[row];
    put(r->start + at, probability, there);
    if (r->marks) put(r->dropped + at, probability * (take_marks(r->marks + at, there) * r->shape->scale), there);
  }
}

// The rows of an array that begin at one of them.
INLINE struct score_rows rows_from(
    const celementwise_scores *shape, ptrdiff_t first, float *scores, float *dropped, const float *probabilities) {
  const ptrdiff_t stride = score_stride(shape->length), at = first * stride;
  return (struct score_rows){
      .shape = shape, .stride = stride, .start = scores + at, .dropped = dropped ? dropped + at : NULL,
      .probabilities = probabilities ? probabilities + at : NULL, .marks = shape->marks ? shape->marks + at : NULL};
}

INLINE void softmax_forward_rows(struct score_rows r, const int rows) {
  UNROLLED(int row = 0; row < rows; row += 1) r.tops[row] = -__builtin_inff();
  FOR_EACH_GROUP(r.stride, top_step(&r, index, there, rows));
  UNROLLED(int row = 0; row < rows; row += 1) r.largest[row] = largest_lane(r.tops[row]);
  FOR_EACH_GROUP(r.stride, power_step(&r, index, there, rows));
  UNROLLED(int row = 0; row < rows; row += 1) r.shares[row] = 1.0f / total(r.sums[row]);
  FOR_EACH_GROUP(r.stride, share_step(&r, index, there, rows));
}

static void softmax_forward(const celementwise_scores *shape, float *scores, float *dropped) {
  ptrdiff_t row = 0;
  for (; row + 4 <= shape->rows; row += 4) softmax_forward_rows(rows_from(shape, row, scores, dropped, NULL), 4);
  for (; row < shape->rows; row += 1) softmax_forward_rows(rows_from(shape, row, scores, dropped, NULL), 1);
}

INLINE void mask_step(struct score_rows *r, ptrdiff_t index, ptrdiff_t there, const int rows) {
  UNROLLED(int row = 0; row < rows; row += 1) {
    const ptrdiff_t at = row * r->stride + index;
    vector gradient = take(r->start + at, there);
    if (index + LANES > r->shape->length) gradient = within(gradient, index, r->shape->length, 0.0f);
    if (r->marks) gradient *= take_marks(r->marks + at, there) * r->shape->scale;
    put(r->start + at, gradient, there);
    add_products(&r->sums[row], gradient, take(r->probabilities + at, there), there);
  }
}

INLINE void slope_step(struct score_rows *r, ptrdiff_t index, ptrdiff_t there, const int rows) {
  UNROLLED(int row = 0; row < rows; row += 1) {
    const ptrdiff_t at = row * r->stride + index;
    put(r->start + at, (take(r->start + at, there) - r->shares[row]) * take(r->probabilities + at, there), there);
  }
}

INLINE void softmax_backward_rows(struct score_rows r, const int rows) {
  FOR_EACH_GROUP(r.stride, mask_step(&r, index, there, rows));
  UNROLLED(int row = 0; row < rows; row += 1) r.shares[row] = total(r.sums[row]);
  FOR_EACH_GROUP(r.stride, slope_step(&r, index, there, rows));
}

static void softmax_backward(const celementwise_scores *shape, float *gradient, const float *probabilities) {
  ptrdiff_t row = 0;
  for (; row + 4 <= shape->rows; row += 4)
    softmax_backward_rows(rows_from(shape, row, gradient, NULL, probabilities), 4);
  for (; row < shape->rows; row += 1) softmax_backward_rows(rows_from(shape, row, gradient, NULL, probabilities), 1);
}

static float largest(const float *values, ptrdiff_t count) {
  vector tops = -__builtin_inff();
  FOR_EACH_GROUP(count, {
    const vector value = within(take(values + index, there), index, count, -__builtin_inff());
    tops = value > tops ? value : tops;
  });
  return largest_lane(tops);
}

INLINE void add_exponentials(double_lanes *sums, const float *values, float largest, ptrdiff_t there) {
  const vector power = within(exponential(take(values, there) - largest), 0, there, 0.0f);
  UNROLLED(int part = 0; part < groups; part += 1)
    if (part == 0 || there > 8 * part) *sums += __builtin_convertvector(group(power, part), double_lanes);
}

static double sum_of_exponentials(const float *values, float largest, ptrdiff_t count) {
  double_lanes sums = 0;
  FOR_EACH_GROUP(count, add_exponentials(&sums, values + index, largest, there));
  return total_of_doubles(sums);
}

static void exponential_shares(float *values, float largest, float share, ptrdiff_t count) {
  FOR_EACH_GROUP(count, put(values + index, exponential(take(values + index, there) - largest) * share, there));
}
