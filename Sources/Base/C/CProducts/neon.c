// The product with NEON.
#if defined(__aarch64__)

#include "product.h"

#define TARGET
#define OPERATION static inline __attribute__((always_inline))
#define PRODUCT cproducts_multiply_neon

#include "vectors128.h"

enum { masks_loads = 0 };

#include "packing.h"
#include "tiles.h"

#endif
