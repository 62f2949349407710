// A matrix product that rounds its operands to bfloat16 and sums in float32, by the processor's own instruction, where it
// has one: Debian's OpenBLAS has no such product.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// Whether this processor has the instruction, as far as this program can use it: AVX512_BF16 today.
bool cbfloat16_is_supported(void);

// Bytes of working memory that a product needs, whatever its sizes.
size_t cbfloat16_scratch_size(void);

// C (+)= op(A) op(B) for row-major float32 matrices, op(A) of (m, k) and op(B) of (k, n): every element of A and B is
// rounded to bfloat16, to nearest even; products are exact and summed in float32 in an order that m, n and k determine.
// Strides count floats from row to row as stored. Only where it is supported.
void cbfloat16_product(
    const float *a, bool a_is_transposed, ptrdiff_t a_stride, const float *b, bool b_is_transposed, ptrdiff_t b_stride,
    float *c, ptrdiff_t c_stride, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, bool is_accumulating, void *scratch);
