// The product in C alone, element by element: what the other levels must equal.
#include <math.h>

#include "product.h"

void cproducts_multiply_plain(const struct product *p, struct scratch *scratch) {
  (void)scratch;
  const ptrdiff_t a_row = p->a_is_transposed ? 1 : p->a_stride, a_depth = p->a_is_transposed ? p->a_stride : 1;
  const ptrdiff_t b_column = p->b_is_transposed ? p->b_stride : 1, b_depth = p->b_is_transposed ? 1 : p->b_stride;
  for (ptrdiff_t i = 0; i < p->m; i += 1) {
    for (ptrdiff_t j = 0; j < p->n; j += 1) {
      float *c = p->c + i * p->c_stride + j;
      float sum = p->start == cproducts_from_zero ? 0 : p->start == cproducts_from_c ? *c : p->row[j];
      for (ptrdiff_t k = 0; k < p->k; k += 1)
        sum = fmaf(p->a[i * a_row + k * a_depth], p->b[j * b_column + k * b_depth], sum);
      *c = p->scale == 1 ? sum : sum * p->scale;
    }
  }
}
