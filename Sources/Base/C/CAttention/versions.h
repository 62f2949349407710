// The versions of an attention. Those with an instruction set in their name run only where that is.
#pragma once

#include "attention.h"

typedef void forward_function(
    const cattention_shape *shape, const cattention_operands *operands, cattention_rows bias, float *probabilities,
    float *scratch, cattention_rows context);

typedef void backward_function(
    const cattention_shape *shape, const cattention_operands *operands, const float *probabilities,
    cattention_rows context_gradient, const cattention_operands *gradients, cattention_rows bias_gradient,
    float *scratch, float *dropped_scratch);

// One version's functions.
struct version {
  forward_function *forward;
  backward_function *backward;
};

#if defined(__x86_64__)
extern const struct version cattention_avx512, cattention_avx2;
#endif
extern const struct version cattention_plain;
