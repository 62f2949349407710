// The nonlinearities with their derivatives, and the functions that they are made of over arrays.

INLINE vector gelu(vector x, vector *derivative) {
  vector density;
  const vector cumulative = normal_distribution(x, &density);
  *derivative = fused(x, density, cumulative);
  return x * cumulative;
}

INLINE vector gelu_tanh(vector x, vector *derivative) {
  const float slope = 0.79788456f;  // sqrt(2 / pi)
  const float cubic = 0.044715f;
  const vector square = x * x;
  const vector tanh = hyperbolic_tangent(x * slope * (1.0f + square * cubic));
  const vector inner = slope * (1.0f + square * (3.0f * cubic));
  *derivative = 0.5f * (1.0f + tanh) + 0.5f * x * (1.0f - tanh * tanh) * inner;
  return 0.5f * x * (1.0f + tanh);
}

INLINE vector relu(vector x, vector *derivative) {
  // NaN is not below zero, so it stays.
  *derivative = x <= 0.0f ? (vector)0.0f : (vector)1.0f;
  return x < 0.0f ? (vector)0.0f : x;
}

INLINE vector silu(vector x, vector *derivative) {
  const vector share = 1.0f / (1.0f + exponential(-x));
  *derivative = share * (1.0f + x * (1.0f - share));
  return x * share;
}

// Loops of their own, so that one's registers are not another's.
#define ACTIVATE(NAME)                                                                \
  static void activate_##NAME(float *values, float *output, ptrdiff_t count) {        \
    FOR_EACH_GROUP(count, {                                                           \
      vector derivative;                                                              \
      const vector value = NAME(take(values + index, there), &derivative);            \
      put(output + index, value, there);                                              \
      put(values + index, derivative, there);                                         \
    });                                                                               \
  }
ACTIVATE(gelu)
ACTIVATE(gelu_tanh)
ACTIVATE(relu)
ACTIVATE(silu)

static void activate(celementwise_activation activation, float *values, float *output, ptrdiff_t count) {
  switch (activation) {
    case celementwise_gelu: return activate_gelu(values, output, count);
    case celementwise_gelu_tanh: return activate_gelu_tanh(values, output, count);
    case celementwise_relu: return activate_relu(values, output, count);
    case celementwise_silu: return activate_silu(values, output, count);
  }
}

// Up to four rows at a time, so that a column's sum is read and written once for all of them.
INLINE void gradient_step(
    float *gradient, const float *derivative, float *sums, ptrdiff_t columns, ptrdiff_t there, const int rows) {
  vector sum = take(sums, there);
  UNROLLED(int row = 0; row < rows; row += 1) {
    const ptrdiff_t at = row * columns;
    const vector value = take(gradient + at, there) * take(derivative + at, there);
    put(gradient + at, value, there);
    sum += value;
  }
  put(sums, sum, there);
}

INLINE void activation_gradient_rows(
    float *gradient, const float *derivative, float *sums, ptrdiff_t columns, const int rows) {
  FOR_EACH_GROUP(
      columns, gradient_step(gradient + index, derivative + index, sums + index, columns, there, rows));
}

static void activation_gradient(
    float *gradient, const float *derivative, float *sums, ptrdiff_t rows, ptrdiff_t columns) {
  ptrdiff_t row = 0;
  for (; row + 4 <= rows; row += 4)
    activation_gradient_rows(gradient + row * columns, derivative + row * columns, sums, columns, 4);
  for (; row < rows; row += 1)
    activation_gradient_rows(gradient + row * columns, derivative + row * columns, sums, columns, 1);
}

static void exponentials(const float *values, float *output, ptrdiff_t count) {
  FOR_EACH_GROUP(count, { put(output + index, exponential(take(values + index, there)), there); });
}

static void tangents(const float *values, float *output, ptrdiff_t count) {
  FOR_EACH_GROUP(count, { put(output + index, hyperbolic_tangent(take(values + index, there)), there); });
}

static void normals(const float *values, float *cumulative, float *density, ptrdiff_t count) {
  FOR_EACH_GROUP(count, {
    vector own_density;
    put(cumulative + index, normal_distribution(take(values + index, there), &own_density), there);
    put(density + index, own_density, there);
  });
}
