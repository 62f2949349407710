// exp, tanh and the normal distribution for vectors of floats, by polynomials fitted for them (weighted minimax, then rounded
// to float). NaN in gives NaN out, so a diverged network stays visible. elementwise.h states domains and errors.

// Replaces `count` vectors, at most four, of numbers up to 88.37, or NaN, by their exponentials. Each step is taken
// for all of them before the next: a processor that waits for one's result has another's to work on.
INLINE void bounded_exponentials(vector *x, const int count) {
  // x = n ln 2 + r with |r| <= ln 2 / 2; adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
  const vector magic = 12582912.0f;
  const vector factors[] = {0.008368750f, 0.041668393f, 0.166665196f, 0.49999994f};
  vector shifted[4], r[4], sum[4], square[4];
  UNROLLED(int i = 0; i < count; i += 1) shifted[i] = fused(x[i], 1.44269504f, magic);
  UNROLLED(int i = 0; i < count; i += 1) r[i] = fused(shifted[i] - magic, -0.693359375f, x[i]);
  UNROLLED(int i = 0; i < count; i += 1) r[i] = fused(shifted[i] - magic, 2.1219444e-4f, r[i]);
  UNROLLED(int i = 0; i < count; i += 1) sum[i] = fused(r[i], 0.0013814529f, factors[0]);
  UNROLLED(int step = 1; step < 4; step += 1)
    UNROLLED(int i = 0; i < count; i += 1) sum[i] = fused(sum[i], r[i], factors[step]);
  UNROLLED(int i = 0; i < count; i += 1) square[i] = r[i] * r[i];
  UNROLLED(int i = 0; i < count; i += 1) sum[i] = fused(sum[i], square[i], r[i]) + 1.0f;
  UNROLLED(int i = 0; i < count; i += 1) sum[i] *= (vector)(((bits)shifted[i] << 23) + 0x3F800000u);
  UNROLLED(int i = 0; i < count; i += 1) x[i] = x[i] < -87.3f ? (vector)0.0f : sum[i];
}

INLINE vector exponential(vector x) {
  vector power = x;
  bounded_exponentials(&power, 1);
  return x > 88.37f ? (vector)__builtin_inff() : power;
}

INLINE vector magnitude(vector x) { return (vector)((bits)x & 0x7FFFFFFFu); }

INLINE vector hyperbolic_tangent(vector x) {
  const bits sign = (bits)x & 0x80000000u;
  const vector size = magnitude(x);
  const vector decay = exponential(size * -2.0f);
  const vector square = size * size;
  vector sum = fused(square, -0.0057049817f, 0.020639082f);
  sum = fused(sum, square, -0.053739715f);
  sum = fused(sum, square, 0.133314416f);
  sum = fused(sum, square, -0.333332807f);
  const vector near = fused(sum, square * size, size);
  const vector value = size < 0.625f ? near : (1.0f - decay) / (1.0f + decay);
  return (vector)((bits)value | sign);
}

// P(X <= x) of the standard normal distribution; `density` becomes its density.
INLINE vector normal_distribution(vector x, vector *density) {
  // The tail beyond |x| is exp(-x^2 / 2) times a polynomial in s = |x| / (|x| + 4) that is exactly 1/2 at 0, a relative of
  // Abramowitz and Stegun 7.1.26. Beyond 40 the tail is zero.
  const vector absolute = magnitude(x);
  const vector size = absolute > 40.0f ? (vector)40.0f : absolute;
  const vector bell = exponential(size * size * -0.5f);
  const vector s = size / (size + 4.0f);
  vector sum = fused(s, 0.070003197f, -0.26894009f);
  sum = fused(sum, s, 0.124494135f);
  sum = fused(sum, s, 0.86852181f);
  sum = fused(sum, s, -2.106220f);
  sum = fused(sum, s, 2.4042170f);
  sum = fused(sum, s, -1.59576893f);
  sum = fused(sum, s, 0.5f);
  const vector tail = bell * sum;
  *density = bell * 0.39894228f;
  return x < 0.0f ? tail : 1.0f - tail;
}
