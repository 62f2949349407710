// The optimizers' passes over memory: Adam's rules, and the sums of squares that clipping needs before them.

INLINE vector root(vector x) { return __builtin_elementwise_sqrt(x); }

INLINE void update_rule(
    const celementwise_factors *f, float *weights, const float *gradients, float *first, float *second,
    const float *target, ptrdiff_t count, const celementwise_rule rule, const bool has_target) {
  FOR_EACH_GROUP(count, {
    const vector gradient = take(gradients + index, there) * f->gradient_scale;
    const vector moment = f->beta1 * take(first + index, there) + f->one_minus_beta1 * gradient;
    const vector square = f->beta2 * take(second + index, there) + f->one_minus_beta2 * (gradient * gradient);
    put(first + index, moment, there);
    put(second + index, square, there);
    const vector weight = take(weights + index, there);
    const vector goal = has_target ? take(target + index, there) : (vector)0.0f;
    vector updated;
    if (rule == celementwise_hf) {
      const vector stepped = weight - f->step_size * (moment / (root(square) + f->epsilon));
      updated = stepped - f->decay * (has_target ? stepped - goal : stepped);
    } else if (rule == celementwise_google) {
      const vector step = f->step_size * (moment / (root(square) + f->epsilon));
      updated = weight - (step + f->decay * (has_target ? weight - goal : weight));
    } else {
      const vector decayed = weight - f->decay * (has_target ? weight - goal : weight);
      updated = decayed - f->step_size * (moment / (root(square) * f->root_scale + f->epsilon));
    }
    put(weights + index, updated, there);
  });
}

#define UPDATE(RULE)                                                                                             \
  static void update_##RULE(                                                                                     \
      const celementwise_factors *f, float *weights, const float *gradients, float *first, float *second,        \
      const float *target, ptrdiff_t count) {                                                                    \
    const celementwise_factors factors = *f;                                                                     \
    if (target) update_rule(&factors, weights, gradients, first, second, target, count, celementwise_##RULE, true); \
    else update_rule(&factors, weights, gradients, first, second, target, count, celementwise_##RULE, false);    \
  }
UPDATE(hf)
UPDATE(google)
UPDATE(torch)

static void update(
    celementwise_rule rule, const celementwise_factors *factors, float *weights, const float *gradients, float *first,
    float *second, const float *target, ptrdiff_t count) {
  switch (rule) {
    case celementwise_hf: return update_hf(factors, weights, gradients, first, second, target, count);
    case celementwise_google: return update_google(factors, weights, gradients, first, second, target, count);
    case celementwise_torch: return update_torch(factors, weights, gradients, first, second, target, count);
  }
}

typedef float unaligned_eight __attribute__((ext_vector_type(8), aligned(4)));

// The sum of squares of at most 4096 numbers.
INLINE double block_squares(const float *values, ptrdiff_t count) {
  double_lanes low = 0, high = 0;
  ptrdiff_t index = 0;
  for (; index + 16 <= count; index += 16) {
    const double_lanes first = __builtin_convertvector(*(const unaligned_eight *)(values + index), double_lanes);
    const double_lanes second = __builtin_convertvector(*(const unaligned_eight *)(values + index + 8), double_lanes);
    low += first * first;
    high += second * second;
  }
  double sum = total_of_doubles(low + high);
  for (; index < count; index += 1) sum += (double)values[index] * (double)values[index];
  return sum;
}

static double sum_of_squares(const float *values, ptrdiff_t count) {
  double sum = 0;
  for (ptrdiff_t start = 0; start < count; start += 4096)
    sum += block_squares(values + start, count - start < 4096 ? count - start : 4096);
  return sum;
}
