// Layer norm of rows, forward beside backward, a few rows at a time: each step is taken for all of them before the next, so
// that a processor that waits for a row's sum has another's to work on.

enum { sum_of_values, sum_with_residual, sum_with_dropped };

// Rows that are worked on at once: pointers to the first of them, and what is known of each.
struct norm_rows {
  ptrdiff_t columns;
  const float *gain, *shift, *residual;
  const uint8_t *marks;
  float scale;
  float *values, *inverse_deviations, *kept_sums, *output;
  celementwise_norm_gradients gradients;
  eight sums[4], products[4];
  float means[4], slopes[4], inverses[4];
};

// The rows of a norm from one of them on.
INLINE struct norm_rows norm_rows_from(const celementwise_norm *norm, ptrdiff_t first) {
  const ptrdiff_t at = first * norm->columns;
  return (struct norm_rows){
      .columns = norm->columns, .gain = norm->gain, .shift = norm->shift,
      .marks = norm->marks ? norm->marks + at : NULL, .scale = norm->scale, .values = norm->values + at,
      .inverse_deviations = norm->inverse_deviations + first};
}

// What is normalized, residual + dropout(values), in place, and its sums.
INLINE void sum_step(struct norm_rows *r, ptrdiff_t index, ptrdiff_t there, const int rows, const int kind) {
  UNROLLED(int row = 0; row < rows; row += 1) {
    const ptrdiff_t at = row * r->columns + index;
    vector value = take(r->values + at, there);
    if (kind == sum_with_residual) value = take(r->residual + at, there) + value;
    if (kind == sum_with_dropped)
      value = fused(value, take_marks(r->marks + at, there) * r->scale, take(r->residual + at, there));
    if (kind != sum_of_values) put(r->values + at, value, there);
    if (r->kept_sums) put(r->kept_sums + at, value, there);
    add_groups(&r->sums[row], value, there);
  }
}

INLINE void square_step(struct norm_rows *r, ptrdiff_t index, ptrdiff_t there, const int rows) {
  UNROLLED(int row = 0; row < rows; row += 1) {
    vector distance = take(r->values + row * r->columns + index, there) - r->means[row];
    if (there < LANES) distance = lane_numbers() < (words)(int32_t)there ? distance : (vector)0.0f;
    add_products(&r->products[row], distance, distance, there);
  }
}

INLINE void normalize_step(struct norm_rows *r, ptrdiff_t index, ptrdiff_t there, const int rows) {
  const vector gain = take(r->gain + index, there);
  const vector shift = take(r->shift + index, there);
  UNROLLED(int row = 0; row < rows; row += 1) {
    const ptrdiff_t at = row * r->columns + index;
    const vector normalized = (take(r->values + at, there) - r->means[row]) * r->inverses[row];
    put(r->values + at, normalized, there);
    put(r->output + at, fused(normalized, gain, shift), there);
  }
}

INLINE void norm_forward_rows(struct norm_rows r, float epsilon, const int rows, const int kind) {
  FOR_EACH_GROUP(r.columns, sum_step(&r, index, there, rows, kind));
  UNROLLED(int row = 0; row < rows; row += 1) r.means[row] = total(r.sums[row]) / (float)r.columns;
  FOR_EACH_GROUP(r.columns, square_step(&r, index, there, rows));
  UNROLLED(int row = 0; row < rows; row += 1) {
    const float variance = total(r.products[row]) / (float)r.columns;
    r.inverses[row] = 1.0f / __builtin_elementwise_sqrt(variance + epsilon);
    r.inverse_deviations[row] = r.inverses[row];
  }
  FOR_EACH_GROUP(r.columns, normalize_step(&r, index, there, rows));
}

INLINE struct norm_rows forward_rows_from(
    const celementwise_norm *norm, ptrdiff_t first, const float *residual, float *sums, float *output) {
  const ptrdiff_t at = first * norm->columns;
  struct norm_rows rows = norm_rows_from(norm, first);
  rows.residual = residual ? residual + at : NULL;
  rows.kept_sums = sums ? sums + at : NULL;
  rows.output = output + at;
  return rows;
}

INLINE void norm_forward_kind(
    const celementwise_norm *norm, const float *residual, float *sums, float epsilon, float *output, const int kind) {
  ptrdiff_t row = 0;
  for (; row + 4 <= norm->rows; row += 4)
    norm_forward_rows(forward_rows_from(norm, row, residual, sums, output), epsilon, 4, kind);
  for (; row < norm->rows; row += 1)
    norm_forward_rows(forward_rows_from(norm, row, residual, sums, output), epsilon, 1, kind);
}

static void norm_forward(
    const celementwise_norm *norm, const float *residual, float *sums, float epsilon, float *output) {
  if (!residual) norm_forward_kind(norm, residual, sums, epsilon, output, sum_of_values);
  else if (!norm->marks) norm_forward_kind(norm, residual, sums, epsilon, output, sum_with_residual);
  else norm_forward_kind(norm, residual, sums, epsilon, output, sum_with_dropped);
}

// g = gradient gain, in place, its sums, and the gradients of gain and shift.
INLINE void scale_step(struct norm_rows *r, ptrdiff_t index, ptrdiff_t there, const int rows) {
  const celementwise_norm_gradients *gradients = &r->gradients;
  const vector gain = take(r->gain + index, there);
  vector gain_gradient = take(gradients->gain + index, there);
  vector shift_gradient = take(gradients->shift + index, there);
  UNROLLED(int row = 0; row < rows; row += 1) {
    const ptrdiff_t at = row * r->columns + index;
    const vector output = take(gradients->rows + at, there);
    const vector normalized = take(r->values + at, there);
    gain_gradient = fused(output, normalized, gain_gradient);
    shift_gradient += output;
    const vector scaled = output * gain;
    put(gradients->rows + at, scaled, there);
    add_groups(&r->sums[row], scaled, there);
    add_products(&r->products[row], scaled, normalized, there);
  }
  put(gradients->gain + index, gain_gradient, there);
  put(gradients->shift + index, shift_gradient, there);
}

// (g - mean(g) - normalized mean(g normalized)) / deviation, and what follows from it.
INLINE void center_step(
    struct norm_rows *r, ptrdiff_t index, ptrdiff_t there, const int rows, const int kind) {
  const celementwise_norm_gradients *gradients = &r->gradients;
  vector value_sum = kind == sum_of_values ? (vector)0.0f : take(gradients->value_sums + index, there);
  UNROLLED(int row = 0; row < rows; row += 1) {
    const ptrdiff_t at = row * r->columns + index;
    const vector centered = take(gradients->rows + at, there) - r->means[row];
    vector gradient = fused(take(r->values + at, there), r->slopes[row], centered) * r->inverses[row];
    put(gradients->rows + at, gradient, there);
    if (gradients->sum_rows) {
      gradient = take(gradients->sum_rows + at, there) + gradient;
      put(gradients->sum_rows + at, gradient, there);
    }
    if (kind == sum_with_dropped) gradient *= take_marks(r->marks + at, there) * r->scale;
    if (kind != sum_of_values) {
      put(gradients->values + at, gradient, there);
      value_sum += gradient;
    }
  }
  if (kind != sum_of_values) put(gradients->value_sums + index, value_sum, there);
}

INLINE void norm_backward_rows(struct norm_rows r, const int rows, const int kind) {
  FOR_EACH_GROUP(r.columns, scale_step(&r, index, there, rows));
  UNROLLED(int row = 0; row < rows; row += 1) {
    r.means[row] = total(r.sums[row]) / (float)r.columns;
    r.slopes[row] = -(total(r.products[row]) / (float)r.columns);
    r.inverses[row] = r.inverse_deviations[row];
  }
  FOR_EACH_GROUP(r.columns, center_step(&r, index, there, rows, kind));
}

INLINE struct norm_rows backward_rows_from(
    const celementwise_norm *norm, ptrdiff_t first, const celementwise_norm_gradients *gradients) {
  const ptrdiff_t at = first * norm->columns;
  struct norm_rows rows = norm_rows_from(norm, first);
  rows.gradients = *gradients;
  rows.gradients.rows += at;
  if (gradients->sum_rows) rows.gradients.sum_rows += at;
  if (gradients->values) rows.gradients.values += at;
  return rows;
}

INLINE void norm_backward_kind(
    const celementwise_norm *norm, const celementwise_norm_gradients *gradients, const int kind) {
  ptrdiff_t row = 0;
  for (; row + 4 <= norm->rows; row += 4) norm_backward_rows(backward_rows_from(norm, row, gradients), 4, kind);
  for (; row < norm->rows; row += 1) norm_backward_rows(backward_rows_from(norm, row, gradients), 1, kind);
}

static void norm_backward(const celementwise_norm *norm, const celementwise_norm_gradients *gradients) {
  if (!gradients->values) norm_backward_kind(norm, gradients, sum_of_values);
  else if (!norm->marks) norm_backward_kind(norm, gradients, sum_with_residual);
  else norm_backward_kind(norm, gradients, sum_with_dropped);
}
