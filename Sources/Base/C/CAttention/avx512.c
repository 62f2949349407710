// The steps with AVX-512.
#if defined(__x86_64__)

#define LANES 16
#define VERSION cattention_avx512

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma"))), apply_to = function)

#include "steps.h"

#pragma clang attribute pop

#endif
