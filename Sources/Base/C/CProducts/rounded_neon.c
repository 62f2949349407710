// The product of operands rounded to bfloat16 with NEON.
#if defined(__aarch64__)

#include "product.h"

#define TARGET
#define OPERATION static inline __attribute__((always_inline))
#define PRODUCT cproducts_multiply_rounded_neon

#include "vectors128.h"

#include "rounding.h"
#include "tiles.h"

#endif
