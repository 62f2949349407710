// The product of CProducts by the names of this target.
#include "bfloat16.h"

#include "products.h"

bool cbfloat16_is_supported(void) { return cproducts_has_bfloat16(); }

size_t cbfloat16_scratch_size(void) { return 1; }  // CProducts has its own

void cbfloat16_product(
    const float *a, bool a_is_transposed, ptrdiff_t a_stride, const float *b, bool b_is_transposed, ptrdiff_t b_stride,
    float *c, ptrdiff_t c_stride, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, bool is_accumulating, void *scratch) {
  (void)scratch;
  cproducts_multiply_bfloat16(
      a, a_is_transposed, a_stride, b, b_is_transposed, b_stride, c, c_stride, m, n, k,
      is_accumulating ? cproducts_from_c : cproducts_from_zero, 0);
}
