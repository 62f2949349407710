// The product with AVX2 and FMA.
#if defined(__x86_64__)

#include "product.h"

#define TARGET __attribute__((target("avx2,fma")))
#define OPERATION TARGET static inline __attribute__((always_inline))
#define PRODUCT cproducts_multiply_avx2

#include "vectors256.h"

enum { masks_loads = 0 };

#include "packing.h"
#include "tiles.h"

#endif
