// exp, log, sine and cosine of a double: a table at nearby points, a short Taylor series for the rest, and the last sum with
// its rounding errors carried along. Nothing here may be contracted or left to a library.
#include "elementary.h"

#include <stdint.h>
#include <string.h>

#include "tables.h"

#pragma STDC FP_CONTRACT OFF
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("fma"))), apply_to = function)
#endif

static inline double multiply_add(double a, double b, double c) { return __builtin_fma(a, b, c); }

static inline uint64_t bits_of(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline double double_of(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

// 2^n for a normal number.
static inline double power_of_two(int64_t n) { return double_of((uint64_t)(n + 1023) << 52); }

// The integer next to x, |x| below 2^51: adding 1.5 * 2^52 rounds to an integer.
static inline double nearest(double x) { return (x + 0x1.8p52) - 0x1.8p52; }

double celementary_exp(double x) {
  if (x != x) return __builtin_nan("");
  if (x > 709.8) return __builtin_inf();
  if (x < -745.2) return 0;
  // x = k ln 2 / 128 + r with |r| below 0.0028; the first difference is exact.
  const double k = nearest(x * inverse_steps[0]);
  const double r = multiply_add(-k, ln2_128[1], multiply_add(-k, ln2_128[0], x));
  const int64_t step = (int64_t)k;
  const double *power = powers[step & 127];
  double series = multiply_add(r, 1.0 / 120, 1.0 / 24);
  series = multiply_add(r, series, 1.0 / 6);
  series = multiply_add(r, series, 0.5);
  series = multiply_add(r * r, series, power[1]) + r;
  const double value = multiply_add(power[0], series, power[0]);
  // Two exact products, but for the last one of a result below the normal numbers.
  const int64_t exponent = step >> 7, half = exponent / 2;
  return value * power_of_two(half) * power_of_two(exponent - half);
}

double celementary_log(double x) {
  if (x != x || x < 0) return __builtin_nan("");
  if (x == 0) return -__builtin_inf();
  if (x == __builtin_inf()) return x;
  int64_t exponent = 0;
  if (x < 0x1p-1022) {
    x *= 0x1p52;
    exponent = -52;
  }
  // x = 2^exponent z with z in [0.6875, 1.375), and r = z / c - 1, exact, with |r| at most 2^-8.
  const uint64_t above = bits_of(x) - 0x3fe6000000000000;
  exponent += (int64_t)above >> 52;
  const double z = double_of(bits_of(x) - (above & 0xfff0000000000000));
  const double *entry = logarithms[above >> 44 & 255];
  const double r = multiply_add(z, entry[0], -1);
  // The exponent's part and the table's are multiples of 2^-41, so their sum is exact; so is that of high and rest.
  const double whole = multiply_add((double)exponent, ln2[0], entry[1]);
  const double high = whole + r;
  const double other = high - whole;
  const double rest = (whole - (high - other)) + (r - other);
  double series = multiply_add(r, -1.0 / 8, 1.0 / 7);
  series = multiply_add(r, series, -1.0 / 6);
  series = multiply_add(r, series, 1.0 / 5);
  series = multiply_add(r, series, -1.0 / 4);
  series = multiply_add(r, series, 1.0 / 3);
  series = multiply_add(r, series, -1.0 / 2);
  const double low = multiply_add((double)exponent, ln2[1], entry[2]) + rest;
  return high + multiply_add(r * r, series, low);
}

// sin(x + quarters pi / 2).
static inline double sine(double x, int64_t quarters) {
  if (!(x >= -0x1p20 && x <= 0x1p20)) return __builtin_nan("");
  // x = k pi / 32 + y + rest with |y| below 0.0491. The first difference is exact; the second keeps its errors.
  const double k = nearest(x * inverse_steps[1]);
  const double first = multiply_add(-k, pi_32[0], x);
  const double part = k * pi_32[1];
  const double part_rest = multiply_add(k, pi_32[1], -part);
  const double y = first - part;
  const double other = first - y;
  const double rest = ((other - part) + (first - (y + other))) - multiply_add(k, pi_32[2], part_rest);
  const int64_t index = ((int64_t)k + 16 * quarters) & 63;
  const double *at = sines[index], *slope = sines[index + 16];
  const double z = y * y;
  double bend = multiply_add(z, 1.0 / 362880, -1.0 / 5040);  // (sin y - y) / y^3
  bend = multiply_add(z, bend, 1.0 / 120);
  bend = multiply_add(z, bend, -1.0 / 6);
  double sag = multiply_add(z, 1.0 / 40320, -1.0 / 720);  // (cos y - 1) / y^2
  sag = multiply_add(z, sag, 1.0 / 24);
  sag = multiply_add(z, sag, -0.5);
  // at cos y + slope sin y: the sum of `at` and slope y is exact with its two errors.
  const double rise = slope[0] * y;
  const double rise_rest = multiply_add(slope[0], y, -rise);
  const double high = at[0] + rise;
  const double added = high - at[0];
  const double high_rest = (at[0] - (high - added)) + (rise - added);
  double low = multiply_add(at[0], sag * z, slope[0] * multiply_add(z * y, bend, rest));
  low += multiply_add(slope[1], y, at[1]) + rise_rest;
  return high + (low + high_rest);
}

double celementary_sin(double x) { return x > -0x1p-27 && x < 0x1p-27 ? x : sine(x, 0); }

double celementary_cos(double x) { return sine(x, 1); }

#if defined(__x86_64__)
#pragma clang attribute pop
#endif
