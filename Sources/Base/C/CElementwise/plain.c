// The kernels with whatever instructions the compiler may use: NEON where that is there. x86 has the two levels of avx2.c and
// avx512.c; the package is built for the first.
#if !defined(__x86_64__)

#define LANES 8
#define KERNELS celementwise_plain

#include "kernels.h"

#endif
