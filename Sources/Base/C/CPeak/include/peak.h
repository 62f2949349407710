// Loops that do nothing but what is to be measured: the most that a core can do, beside which other rates are read.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// Operations on registers alone.
typedef enum {
  cpeak_float32_128,   // fused multiply-adds of float32 with NEON
  cpeak_float32_256,   // with AVX2
  cpeak_float32_512,   // with AVX-512
  cpeak_bfloat16_512,  // dot products of bfloat16 pairs with AVX512_BF16
  cpeak_kind_count,
} cpeak_kind;

// Whether this processor has what a kind needs.
bool cpeak_is_supported(cpeak_kind kind);

// What a table calls it.
const char *cpeak_name(cpeak_kind kind);

// Does `rounds` rounds of operations that need not wait for each other. Returns the number of operations: two for each
// multiplication with its addition. Only where the kind is supported.
double cpeak_operate(cpeak_kind kind, long rounds);

// Reads `count` floats, a multiple of 128, one after the other, with the widest loads that the processor has.
void cpeak_read(const float *values, size_t count);
