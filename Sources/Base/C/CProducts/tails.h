// The ends of rows where masked loads and stores are missing or slow, as AMD's are with AVX2. Included where `load` and `store`
// are known.

OPERATION vector load_last(const float *from, ptrdiff_t count) { return (void)count, load(from); }

OPERATION void store_first(float *to, ptrdiff_t count, vector value) {
  if (count == LANES) return store(to, value);
  float copy[LANES];
  store(copy, value);
  for (ptrdiff_t i = 0; i < count; i += 1) to[i] = copy[i];
}
