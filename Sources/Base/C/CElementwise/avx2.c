// The kernels with AVX2 and FMA.
#if defined(__x86_64__)

#define LANES 8
#define USES_AVX2
#define KERNELS celementwise_avx2

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#include "kernels.h"

#pragma clang attribute pop

#endif
