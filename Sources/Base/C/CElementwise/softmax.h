// Softmax of rows as wide as a vocabulary.

// The lanes of a group that begins at `index` that lie within a row's `length` values, and `outside` in the others.
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
