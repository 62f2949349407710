// The product of operands rounded to bfloat16 with AVX2 and FMA.
#if defined(__x86_64__)

#include "product.h"

#define TARGET __attribute__((target("avx2,fma")))
#define OPERATION TARGET static inline __attribute__((always_inline))
#define PRODUCT cproducts_multiply_rounded_avx2

#include "vectors256.h"

#include "rounding.h"
#include "tiles.h"

#endif
