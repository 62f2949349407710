// Hands an attention to the version for the level of instructions that products use.
#include "attention.h"

#include "products.h"
#include "versions.h"

static const struct version *version(void) {
  switch (cproducts_level_in_use()) {
#if defined(__x86_64__)
    case cproducts_avx512: return &cattention_avx512;
    case cproducts_avx2: return &cattention_avx2;
#endif
    default: return &cattention_plain;
  }
}

ptrdiff_t cattention_group(ptrdiff_t query_count, ptrdiff_t head_count) {
  const ptrdiff_t rows = 48;  // of scores: enough that no step waits for the one before it
  if (query_count * head_count <= rows) return head_count;
  return query_count * 2 > rows ? 1 : rows / query_count;
}

void cattention_forward(
    const cattention_shape *shape, const cattention_operands *operands, cattention_rows bias, float *probabilities,
    float *scratch, cattention_rows context) {
  version()->forward(shape, operands, bias, probabilities, scratch, context);
}

void cattention_backward(
    const cattention_shape *shape, const cattention_operands *operands, const float *probabilities,
    cattention_rows context_gradient, const cattention_operands *gradients, cattention_rows bias_gradient,
    float *scratch, float *dropped_scratch) {
  version()->backward(
      shape, operands, probabilities, context_gradient, gradients, bias_gradient, scratch, dropped_scratch);
}
