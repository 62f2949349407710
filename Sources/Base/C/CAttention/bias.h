// What is added to scores by the distance from query to key, and which keys a query attends to. Included by steps.h.

INLINE ptrdiff_t position(const cattention_shape *shape, ptrdiff_t query) {
  return shape->tokens ? shape->tokens[query] - shape->first_token : query;
}

// Of the keys of a query at a position, those up to `first` share the first column of a table of biases, and those from
// `last` on the last one; key `first` has the first.
struct bias_keys {
  ptrdiff_t first, last;
};

INLINE struct bias_keys keys_of_bias(const cattention_shape *shape, ptrdiff_t position) {
  const ptrdiff_t first = position - shape->bias_reach, last = position + shape->bias_reach;
  return (struct bias_keys){first < 0 ? 0 : least(first, shape->length), least(last, shape->length)};
}

INLINE void add_bias(const cattention_shape *shape, ptrdiff_t position, const float *bias, float *row) {
  const struct bias_keys keys = keys_of_bias(shape, position);
  for (ptrdiff_t key = 0; key < keys.first; key += 1) row[key] += bias[0];
  for (ptrdiff_t key = keys.first; key < keys.last; key += 1) row[key] += bias[key - position + shape->bias_reach];
  for (ptrdiff_t key = keys.last; key < shape->length; key += 1) row[key] += bias[2 * shape->bias_reach];
}

INLINE void add_bias_gradient(const cattention_shape *shape, ptrdiff_t position, const float *row, float *sums) {
  const struct bias_keys keys = keys_of_bias(shape, position);
  for (ptrdiff_t key = 0; key < keys.first; key += 1) sums[0] += row[key];
  for (ptrdiff_t key = keys.first; key < keys.last; key += 1) sums[key - position + shape->bias_reach] += row[key];
  for (ptrdiff_t key = keys.last; key < shape->length; key += 1) sums[2 * shape->bias_reach] += row[key];
}

// Takes away the scores of keys that the mask excludes.
INLINE void exclude(const cattention_shape *shape, ptrdiff_t position, float *row) {
  const ptrdiff_t reach = shape->mask == cattention_causal ? 0 : shape->reach;
  const ptrdiff_t start = shape->mask == cattention_causal ? 0 : position - reach;
  for (ptrdiff_t key = 0; key < start; key += 1) row[key] = -__builtin_inff();
  for (ptrdiff_t key = position + reach + 1; key < shape->length; key += 1) row[key] = -__builtin_inff();
}
