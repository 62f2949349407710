// Empty assembler keeps the compiler from taking constant work out of a loop, and from leaving out loads whose values
// nobody needs.
#include "peak.h"

#include <stdlib.h>

#define UNROLL _Pragma("clang loop unroll(full)")

static const char *const names[cpeak_kind_count] = {
    "float32 multiply-add in 128 bits", "float32 multiply-add in 256 bits", "float32 multiply-add in 512 bits",
    "bfloat16 dot product in 512 bits"};

const char *cpeak_name(cpeak_kind kind) { return names[kind]; }

#if defined(__x86_64__)

#include <immintrin.h>

// Sums that wait for nothing but themselves: more than two units of latency five can work on at once.
enum { sums_256 = 12, sums_512 = 24 };

bool cpeak_is_supported(cpeak_kind kind) {
  switch (kind) {
    case cpeak_float32_256: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case cpeak_float32_512: return __builtin_cpu_supports("avx512f");
    case cpeak_bfloat16_512: return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bf16");
    default: return false;
  }
}

__attribute__((target("avx2,fma"))) static double float32_256(long rounds) {
  __m256 sums[sums_256];
  UNROLL for (int i = 0; i < sums_256; i += 1) sums[i] = _mm256_set1_ps((float)i);
  const __m256 factor = _mm256_set1_ps(0.75f), addend = _mm256_set1_ps(1.5f);
  for (long round = 0; round < rounds; round += 1) {
    UNROLL for (int i = 0; i < sums_256; i += 1) {
      sums[i] = _mm256_fmadd_ps(sums[i], factor, addend);
      __asm__ volatile("" : "+x"(sums[i]));
    }
  }
  return 2.0 * 8 * sums_256 * (double)rounds;
}

__attribute__((target("avx512f"))) static double float32_512(long rounds) {
  __m512 sums[sums_512];
  UNROLL for (int i = 0; i < sums_512; i += 1) sums[i] = _mm512_set1_ps((float)i);
  const __m512 factor = _mm512_set1_ps(0.75f), addend = _mm512_set1_ps(1.5f);
  for (long round = 0; round < rounds; round += 1) {
    UNROLL for (int i = 0; i < sums_512; i += 1) {
      sums[i] = _mm512_fmadd_ps(sums[i], factor, addend);
      __asm__ volatile("" : "+v"(sums[i]));
    }
  }
  return 2.0 * 16 * sums_512 * (double)rounds;
}

__attribute__((target("avx512f,avx512bf16"))) static double bfloat16_512(long rounds) {
  __m512 sums[sums_512];
  UNROLL for (int i = 0; i < sums_512; i += 1) sums[i] = _mm512_set1_ps((float)i);
  // Pairs of 0.0078125 and -0.0078125 beside 1: sums stay as they are.
  const __m512bh pairs = (__m512bh)_mm512_set1_epi32((int)0xbc003c00), ones = (__m512bh)_mm512_set1_epi32(0x3f803f80);
  for (long round = 0; round < rounds; round += 1) {
    UNROLL for (int i = 0; i < sums_512; i += 1) {
      sums[i] = _mm512_dpbf16_ps(sums[i], pairs, ones);
      __asm__ volatile("" : "+v"(sums[i]));
    }
  }
  return 2.0 * 32 * sums_512 * (double)rounds;
}

double cpeak_operate(cpeak_kind kind, long rounds) {
  switch (kind) {
    case cpeak_float32_256: return float32_256(rounds);
    case cpeak_float32_512: return float32_512(rounds);
    case cpeak_bfloat16_512: return bfloat16_512(rounds);
    default: abort();  // whoever calls it has not asked whether it is supported
  }
}

__attribute__((target("avx2"))) static void read_256(const float *values, size_t count) {
  for (size_t i = 0; i < count; i += 128) {
    UNROLL for (int j = 0; j < 128; j += 8) {
      const __m256 value = _mm256_loadu_ps(values + i + j);
      __asm__ volatile("" : : "x"(value));
    }
  }
}

__attribute__((target("avx512f"))) static void read_512(const float *values, size_t count) {
  for (size_t i = 0; i < count; i += 128) {
    UNROLL for (int j = 0; j < 128; j += 16) {
      const __m512 value = _mm512_loadu_ps(values + i + j);
      __asm__ volatile("" : : "v"(value));
    }
  }
}

void cpeak_read(const float *values, size_t count) {
  if (__builtin_cpu_supports("avx512f")) read_512(values, count);
  else read_256(values, count);
}

#elif defined(__aarch64__)

#include <arm_neon.h>

enum { sums_128 = 24 };

bool cpeak_is_supported(cpeak_kind kind) { return kind == cpeak_float32_128; }

double cpeak_operate(cpeak_kind kind, long rounds) {
  if (kind != cpeak_float32_128) abort();  // whoever calls it has not asked whether it is supported
  float32x4_t sums[sums_128];
  UNROLL for (int i = 0; i < sums_128; i += 1) sums[i] = vdupq_n_f32((float)i);
  const float32x4_t factor = vdupq_n_f32(0.75f);
  for (long round = 0; round < rounds; round += 1) {
    UNROLL for (int i = 0; i < sums_128; i += 1) {
      sums[i] = vfmaq_f32(factor, sums[i], factor);
      __asm__ volatile("" : "+w"(sums[i]));
    }
  }
  return 2.0 * 4 * sums_128 * (double)rounds;
}

void cpeak_read(const float *values, size_t count) {
  for (size_t i = 0; i < count; i += 128) {
    UNROLL for (int j = 0; j < 128; j += 4) {
      const float32x4_t value = vld1q_f32(values + i + j);
      __asm__ volatile("" : : "w"(value));
    }
  }
}

#else

bool cpeak_is_supported(cpeak_kind kind) { return (void)kind, false; }

double cpeak_operate(cpeak_kind kind, long rounds) {
  (void)kind, (void)rounds;
  abort();
}

void cpeak_read(const float *values, size_t count) {
  for (size_t i = 0; i < count; i += 1) __asm__ volatile("" : : "r"(values[i]));
}

#endif
