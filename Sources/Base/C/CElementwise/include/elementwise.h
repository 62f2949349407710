// Elementwise kernels on float32, with the same bits for every instruction set: an element is computed by the same written-out
// steps, and sums over a row run in eight lanes, neighbours in turn, which are added halves first. A NaN stays a NaN; its
// sign and payload are the processor's own. Rows are dense; nothing beyond the named counts is read or written, and any
// count may be 0. Pointers of a call that are not said to be the same must not overlap.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The nonlinearities.
typedef enum {
  celementwise_gelu,       // x P(X <= x) of the normal distribution
  celementwise_gelu_tanh,  // its approximation with tanh
  celementwise_relu,
  celementwise_silu,  // x / (1 + exp(-x))
} celementwise_activation;

// output = activation(values), (count). `values` enter as x and leave as the activation's derivative there.
void celementwise_activate(celementwise_activation activation, float *values, float *output, ptrdiff_t count);

// gradient *= derivative, (rows, columns); each column's sum is added to `sums`, (columns), row by row.
void celementwise_activation_gradient(
    float *gradient, const float *derivative, float *sums, ptrdiff_t rows, ptrdiff_t columns);

// e^x, (count), with relative error below 1.5e-7 where it is a normal number; 0 below -87.3, infinity above 88.37.
void celementwise_exponential(const float *values, float *output, ptrdiff_t count);

// tanh x, (count), with relative error below 3e-7. `output` may be `values`.
void celementwise_tanh(const float *values, float *output, ptrdiff_t count);

// The standard normal distribution function and its density, (count), each with absolute error below 1.2e-7.
void celementwise_normal(const float *values, float *cumulative, float *density, ptrdiff_t count);

// A layer norm of rows and what it keeps for its gradient.
typedef struct {
  ptrdiff_t rows, columns;
  float *values;               // (rows, columns): what enters, then the normalized rows
  float *inverse_deviations;   // (rows): 1 / sqrt(variance + epsilon)
  const float *gain, *shift;   // (columns)
  const uint8_t *marks;        // (rows, columns): keep marks, 1 or 0; null without dropout
  float scale;                 // what kept values are multiplied by
} celementwise_norm;

// output = norm(residual + dropout(values)), all (rows, columns); without `residual`, which may be null, of `values`
// alone, without dropout. `sums`, (rows, columns), becomes residual + dropout(values) where it is not null.
void celementwise_norm_forward(
    const celementwise_norm *norm, const float *residual, float *sums, float epsilon, float *output);

// Where the gradients of a layer norm go.
typedef struct {
  float *rows;          // (rows, columns): enters as the output's, leaves as that of what was normalized
  float *sum_rows;      // (rows, columns), null unless something else read what was normalized: enters as the gradient
                        // from there, leaves as the sum of both
  float *gain, *shift;  // (columns), added to
  float *values;        // (rows, columns): becomes that of the values before dropout; null without a residual
  float *value_sums;    // (columns): the column sums of `values` are added to it, row by row
} celementwise_norm_gradients;

// The gradient of `celementwise_norm_forward`.
void celementwise_norm_backward(const celementwise_norm *norm, const celementwise_norm_gradients *gradients);

// output = values * (marks * scale), (count). `output` may be `values`.
void celementwise_drop(const float *values, const uint8_t *marks, float scale, float *output, ptrdiff_t count);

// Rows of attention scores at a stride of `length` rounded up to a multiple of eight. What lies behind a row's scores is
// ignored on entry and, in a row without NaN, zero on return.
typedef struct {
  ptrdiff_t rows, length;
  const uint8_t *marks;  // (rows, stride): keep marks, 1 or 0; null without dropout
  float scale;           // what kept probabilities are multiplied by
} celementwise_scores;

// scores = softmax(scores), (rows, length). With dropout, `dropped`, at the same stride, becomes the masked probabilities.
void celementwise_softmax_forward(const celementwise_scores *shape, float *scores, float *dropped);

// The gradient of it: `gradient`, (rows, length), enters as that of the (dropped) probabilities p and leaves as that of the
// scores: with g = mask(gradient), p (g - sum(p g)). With dropout, `dropped` becomes the masked probabilities.
void celementwise_softmax_backward(
    const celementwise_scores *shape, float *gradient, const float *probabilities, float *dropped);

// The largest number of (count), passing over NaNs; minus infinity if there is none.
float celementwise_largest(const float *values, ptrdiff_t count);

// The sum of exp(values - largest), (count), in eight lanes of double that are added one by one.
double celementwise_sum_of_exponentials(const float *values, float largest, ptrdiff_t count);

// values = exp(values - largest) * share, (count).
void celementwise_exponential_shares(float *values, float largest, float share, ptrdiff_t count);

// Where a random stream stands: the key and the upper half of the counter of its Philox4x32-10 blocks.
typedef struct {
  uint32_t key[2], site, step;
} celementwise_stream;

// Keep marks for blocks `first_block` to `first_block` + `block_count` - 1, eight a block, which is a multiple of 8: a byte is
// 1 where its 16-bit half of the block, the low half of each word first, is not below `limit`, else 0.
void celementwise_draw(
    const celementwise_stream *stream, uint64_t first_block, ptrdiff_t block_count, uint16_t limit, uint8_t *marks);

// How Adam's rules differ.
typedef enum {
  celementwise_hf,      // w -= a m / (sqrt v + eps), then w -= d (w - target)
  celementwise_google,  // w -= a m / (sqrt v + eps) + d (w - target)
  celementwise_torch,   // w -= d (w - target), then w -= a m / (sqrt v r + eps)
} celementwise_rule;

// The scalars of one update of one tensor.
typedef struct {
  float gradient_scale, beta1, one_minus_beta1, beta2, one_minus_beta2;
  float epsilon, step_size, root_scale, decay;
} celementwise_factors;

// One update, (count): m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, then the rule. `target` is null for zero.
void celementwise_update(
    celementwise_rule rule, const celementwise_factors *factors, float *weights, const float *gradients, float *first,
    float *second, const float *target, ptrdiff_t count);

// The sum of squares in double, in blocks of 4096: sixteen lanes, added pairwise, halves first, then the last numbers one
// by one.
double celementwise_sum_of_squares(const float *values, ptrdiff_t count);
