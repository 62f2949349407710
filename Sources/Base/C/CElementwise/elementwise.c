// Hands each kernel to the level that products are made with.
#include "elementwise.h"

#include "level.h"
#include "products.h"

static const struct celementwise_kernels *kernels(void) {
#if defined(__x86_64__)
  return cproducts_level_in_use() == cproducts_avx512 ? &celementwise_avx512 : &celementwise_avx2;
#else
  return &celementwise_plain;
#endif
}

void celementwise_activate(celementwise_activation activation, float *values, float *output, ptrdiff_t count) {
  kernels()->activate(activation, values, output, count);
}

void celementwise_activation_gradient(
    float *gradient, const float *derivative, float *sums, ptrdiff_t rows, ptrdiff_t columns) {
  kernels()->activation_gradient(gradient, derivative, sums, rows, columns);
}

void celementwise_exponential(const float *values, float *output, ptrdiff_t count) {
  kernels()->exponential(values, output, count);
}

void celementwise_tanh(const float *values, float *output, ptrdiff_t count) {
  kernels()->tanh(values, output, count);
}

void celementwise_normal(const float *values, float *cumulative, float *density, ptrdiff_t count) {
  kernels()->normal(values, cumulative, density, count);
}

void celementwise_norm_forward(
    const celementwise_norm *norm, const float *residual, float *sums, float epsilon, float *output) {
  kernels()->norm_forward(norm, residual, sums, epsilon, output);
}

void celementwise_norm_backward(const celementwise_norm *norm, const celementwise_norm_gradients *gradients) {
  kernels()->norm_backward(norm, gradients);
}

void celementwise_drop(const float *values, const uint8_t *marks, float scale, float *output, ptrdiff_t count) {
  kernels()->drop(values, marks, scale, output, count);
}

void celementwise_softmax_forward(const celementwise_scores *shape, float *scores, float *dropped) {
  kernels()->softmax_forward(shape, scores, dropped);
}

void celementwise_softmax_backward(
    const celementwise_scores *shape, float *gradient, const float *probabilities, float *dropped) {
  kernels()->softmax_backward(shape, gradient, probabilities, dropped);
}

float celementwise_largest(const float *values, ptrdiff_t count) {
  return kernels()->largest(values, count);
}

double celementwise_sum_of_exponentials(const float *values, float largest, ptrdiff_t count) {
  return kernels()->sum_of_exponentials(values, largest, count);
}

void celementwise_exponential_shares(float *values, float largest, float share, ptrdiff_t count) {
  kernels()->exponential_shares(values, largest, share, count);
}

void celementwise_draw(
    const celementwise_stream *stream, uint64_t first_block, ptrdiff_t block_count, uint16_t limit, uint8_t *marks) {
  kernels()->draw(stream, first_block, block_count, limit, marks);
}

void celementwise_update(
    celementwise_rule rule, const celementwise_factors *factors, float *weights, const float *gradients, float *first,
    float *second, const float *target, ptrdiff_t count) {
  kernels()->update(rule, factors, weights, gradients, first, second, target, count);
}

double celementwise_sum_of_squares(const float *values, ptrdiff_t count) {
  return kernels()->sum_of_squares(values, count);
}
