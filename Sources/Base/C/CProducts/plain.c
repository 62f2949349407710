// The products in C alone, element by element: what the other levels must equal.
#include <math.h>

#include "product.h"

// Element k of a row of op(A), and of a column of op(B).
static float a_of(const struct product *p, ptrdiff_t i, ptrdiff_t k) {
  return p->a_is_transposed ? p->a[k * p->a_stride + i] : p->a[i * p->a_stride + k];
}

static float b_of(const struct product *p, ptrdiff_t k, ptrdiff_t j) {
  return p->b_is_transposed ? p->b[j * p->b_stride + k] : p->b[k * p->b_stride + j];
}

static float first_sum(const struct product *p, ptrdiff_t i, ptrdiff_t j) {
  switch (p->start) {
    case cproducts_from_zero: return 0;
    case cproducts_from_c: return p->c[i * p->c_stride + j];
    case cproducts_from_row: return p->row[j];
  }
  return 0;
}

void cproducts_multiply_plain(const struct product *p, struct scratch *scratch) {
  (void)scratch;
  for (ptrdiff_t i = 0; i < p->m; i += 1) {
    for (ptrdiff_t j = 0; j < p->n; j += 1) {
      float sum = first_sum(p, i, j);
      for (ptrdiff_t k = 0; k < p->k; k += 1) sum = fmaf(a_of(p, i, k), b_of(p, k, j), sum);
      p->c[i * p->c_stride + j] = p->scale == 1 ? sum : sum * p->scale;
    }
  }
}

// The nearest number of 8 significant bits, the even one of two; zero for a subnormal one.
static float rounded(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  if ((bits & 0x7f800000) == 0) bits &= 0x80000000;
  else if (isnan(value)) bits |= 0x00400000;
  else if (isfinite(value)) bits += 0x7fff + (bits >> 16 & 1);
  bits &= 0xffff0000;
  memcpy(&value, &bits, sizeof bits);
  return value;
}

void cproducts_multiply_rounded_plain(const struct product *p, struct scratch *scratch) {
  (void)scratch;
  for (ptrdiff_t i = 0; i < p->m; i += 1) {
    for (ptrdiff_t j = 0; j < p->n; j += 1) {
      float sum = first_sum(p, i, j);
      for (ptrdiff_t k = 0; k < p->k; k += 2) {
        const bool is_pair = k + 1 < p->k;
        sum = fmaf(is_pair ? rounded(a_of(p, i, k + 1)) : 0, is_pair ? rounded(b_of(p, k + 1, j)) : 0, sum);
        sum = fmaf(rounded(a_of(p, i, k)), rounded(b_of(p, k, j)), sum);
      }
      p->c[i * p->c_stride + j] = sum;
    }
  }
}
