// The kernels of one level.
#pragma once

#include "elementwise.h"

struct celementwise_kernels {
  void (*activate)(celementwise_activation, float *, float *, ptrdiff_t);
  void (*activation_gradient)(float *, const float *, float *, ptrdiff_t, ptrdiff_t);
  void (*exponential)(const float *, float *, ptrdiff_t);
  void (*tanh)(const float *, float *, ptrdiff_t);
  void (*normal)(const float *, float *, float *, ptrdiff_t);
  void (*norm_forward)(const celementwise_norm *, const float *, float *, float, float *);
  void (*norm_backward)(const celementwise_norm *, const celementwise_norm_gradients *);
  void (*drop)(const float *, const uint8_t *, float, float *, ptrdiff_t);
  void (*softmax_forward)(const celementwise_scores *, float *, float *);
  void (*softmax_backward)(const celementwise_scores *, float *, const float *, float *);
  float (*largest)(const float *, ptrdiff_t);
  double (*sum_of_exponentials)(const float *, float, ptrdiff_t);
  void (*exponential_shares)(float *, float, float, ptrdiff_t);
  void (*draw)(const celementwise_stream *, uint64_t, ptrdiff_t, uint16_t, uint8_t *);
  void (*update)(
      celementwise_rule, const celementwise_factors *, float *, const float *, float *, float *, const float *,
      ptrdiff_t);
  double (*sum_of_squares)(const float *, ptrdiff_t);
};

extern const struct celementwise_kernels celementwise_plain, celementwise_avx2, celementwise_avx512;
