// What trials of kernels share: random numbers, memory between two pages without access, and comparison of bits. Operands
// lie now at the beginning and now at the end of what lies between, so that a read or write beyond one ends the process.
#pragma once

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// With the processor's own fused multiply-add, which the C library's function is too slow beside.
#if defined(__x86_64__)
#define FUSED __attribute__((target("fma")))
#else
#define FUSED
#endif

// SplitMix64.
static inline uint64_t next(uint64_t *state) {
  uint64_t z = *state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

// 0 ..< bound.
static inline ptrdiff_t below(uint64_t *state, ptrdiff_t bound) { return (ptrdiff_t)(next(state) % (uint64_t)bound); }

// Memory of `size` bytes between two guards, which grows as needed.
struct fenced {
  char *start;
  size_t size;
};

static inline void grow(struct fenced *memory, size_t bytes) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  if (memory->start && memory->size >= bytes) return;
  if (memory->start) munmap(memory->start - page, memory->size + 2 * page);
  memory->size = (bytes / page + 1) * page;
  char *whole = mmap(NULL, memory->size + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (whole == MAP_FAILED || mprotect(whole, page, PROT_NONE) != 0 ||
      mprotect(whole + page + memory->size, page, PROT_NONE) != 0) {
    perror("memory between guards");
    abort();
  }
  memory->start = whole + page;
}

// `count` floats that touch the guard before or after them.
static inline float *place(struct fenced *memory, ptrdiff_t count, uint64_t *state) {
  const size_t bytes = sizeof(float) * (size_t)count;
  grow(memory, bytes);
  return (float *)(memory->start + (next(state) % 2 ? memory->size - bytes : 0));
}

// Numbers of many sizes, and now and then one of `special_count` special ones.
static inline void fill(float *values, ptrdiff_t count, ptrdiff_t special_count, uint64_t *state) {
  static const float special[] = {0, -0.0f, INFINITY, -INFINITY, NAN, 3e38f, 1e-41f, -3e-45f};
  for (ptrdiff_t i = 0; i < count; i += 1) {
    const uint64_t bits = next(state);
    values[i] = ldexpf((float)(int32_t)(bits >> 32), (int)(bits % 8) - 33);
    if (special_count > 0 && bits / 8 % 64 == 0) values[i] = special[bits / 512 % (uint64_t)special_count];
  }
}

// The bits of a number, one pattern for all NaNs.
static inline uint32_t bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return isnan(value) ? 0x7fc00000 : bits;
}

static inline bool are_equal(const float *values, const float *others, ptrdiff_t count, uint64_t *digest) {
  bool equal = true;
  for (ptrdiff_t i = 0; i < count; i += 1) {
    equal &= bits(values[i]) == bits(others[i]);
    *digest = (*digest ^ bits(values[i])) * 0x100000001b3;
  }
  return equal;
}
