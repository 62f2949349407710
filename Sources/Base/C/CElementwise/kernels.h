// Every kernel for vectors of `LANES` floats. Included once a level, by a file that has named LANES, KERNELS and the
// instructions.

#pragma clang fp contract(off)
#pragma clang diagnostic ignored "-Wpsabi"  // no function with vectors is called: all are part of their callers

#include "level.h"
#include "vectors.h"

#include "functions.h"
#include "sums.h"

#include "activations.h"
#include "marks.h"
#include "norms.h"
#include "scores.h"
#include "softmax.h"
#include "updates.h"

const struct celementwise_kernels KERNELS = {
    .activate = activate,
    .activation_gradient = activation_gradient,
    .exponential = exponentials,
    .tanh = tangents,
    .normal = normals,
    .norm_forward = norm_forward,
    .norm_backward = norm_backward,
    .drop = drop,
    .softmax_forward = softmax_forward,
    .softmax_backward = softmax_backward,
    .largest = largest,
    .sum_of_exponentials = sum_of_exponentials,
    .exponential_shares = exponential_shares,
    .draw = draw,
    .update = update,
    .sum_of_squares = sum_of_squares,
};
