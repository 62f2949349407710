// The steps with whatever instructions the compiler may use: NEON where that is there.

#define LANES 8
#define VERSION cattention_plain

#include "steps.h"
