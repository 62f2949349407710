// The steps with AVX2.
#if defined(__x86_64__)

#define LANES 8
#define USES_AVX2
#define VERSION cattention_avx2

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#include "steps.h"

#pragma clang attribute pop

#endif
