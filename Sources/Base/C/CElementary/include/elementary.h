// Elementary functions whose bits do not depend on the processor, the C library or the instruction set: every step is a
// written-out addition, product, quotient or fused multiply-add. NaN in gives the same quiet NaN out everywhere. On x86 they
// need FMA, which the package is built for.
#pragma once

// e^x. The error is below 0.51 units in the last place where the result is a normal number, below 1 where it is not.
double celementary_exp(double x);

// The natural logarithm; minus infinity at zero, NaN below. The error is below 0.51 units in the last place.
double celementary_log(double x);

// The sine of x in radians for |x| <= 2^20, NaN beyond. The error is below 0.51 units in the last place.
double celementary_sin(double x);

// The cosine of x in radians for |x| <= 2^20, NaN beyond. The error is below 0.51 units in the last place.
double celementary_cos(double x);
