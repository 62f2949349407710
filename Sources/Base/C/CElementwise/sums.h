// Sums in lanes whose number and order no instruction set changes.

typedef double double_lanes __attribute__((ext_vector_type(8)));

// The sum of eight lanes, halves first.
INLINE float total(eight lanes) {
  const four halves = lanes.lo + lanes.hi;
  return (halves[0] + halves[2]) + (halves[1] + halves[3]);
}

// Adds a vector's groups that hold at least one of its first `there` lanes to a row's eight-lane sum.
INLINE void add_groups(eight *sum, vector value, ptrdiff_t there) {
  UNROLLED(int part = 0; part < groups; part += 1)
    if (part == 0 || there > 8 * part) *sum += group(value, part);
}

// The same for products of two vectors.
INLINE void add_products(eight *sum, vector a, vector b, ptrdiff_t there) {
  UNROLLED(int part = 0; part < groups; part += 1)
    if (part == 0 || there > 8 * part) *sum = fused_eight(group(a, part), group(b, part), *sum);
}

// The sum of eight lanes, one by one.
INLINE double total_of_doubles(double_lanes lanes) {
  double sum = 0;
  UNROLLED(int lane = 0; lane < 8; lane += 1) sum += lanes[lane];
  return sum;
}
