// Digests of every elementary function and elementwise kernel over grids and random numbers, at each level of the processor that
// runs it: scripts/check/kernels/test-elementary.sh compares them across levels and processors. Operands end at a page that cannot be
// read, so a kernel that reads beyond them ends the program.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "elementary.h"
#include "level.h"

#pragma STDC FP_CONTRACT OFF

static uint64_t state;

static uint64_t next(void) {  // splitmix64
  uint64_t z = state += 0x9E3779B97F4A7C15;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
  z = (z ^ z >> 27) * 0x94D049BB133111EB;
  return z ^ z >> 31;
}

static uint64_t digest;

static void add_bytes(const void *bytes, size_t count) {  // FNV-1a
  for (size_t i = 0; i < count; i += 1) digest = (digest ^ ((const uint8_t *)bytes)[i]) * 0x100000001B3;
}

// NaNs count as one number.
static void add_floats(const float *values, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i += 1) {
    const float value = isnan(values[i]) ? NAN : values[i];
    add_bytes(&value, sizeof value);
  }
}

static void add_double(double value) { add_bytes(&value, sizeof value); }

static const char *level_name;

static void report(const char *name) {
  printf("%s %s %016llx\n", level_name, name, (unsigned long long)digest);
  digest = 0xCBF29CE484222325;
}

// Memory whose last byte is followed by a page that cannot be read; the blocks are used again after `release`.
enum { block_size = 1 << 20, block_count = 16 };
static char *blocks[block_count];
static int used;

static void *guarded(size_t size) {
  if (used == block_count || size > block_size) abort();
  return blocks[used++] + block_size - size;
}

static void release(void) { used = 0; }

static void make_blocks(void) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  for (int i = 0; i < block_count; i += 1) {
    blocks[i] = mmap(NULL, block_size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (blocks[i] == MAP_FAILED || mprotect(blocks[i] + block_size, page, PROT_NONE) != 0) abort();
  }
}

// Numbers near one, of widely different sizes, or of any bits at all.
static float *random_floats(ptrdiff_t count, int kind) {
  float *values = guarded(sizeof(float) * (size_t)count);
  for (ptrdiff_t i = 0; i < count; i += 1) {
    const uint32_t any = (uint32_t)next();
    values[i] = (float)((double)(next() >> 11) * 0x1p-53 - 0.5) * 12;
    if (kind == 1) values[i] = ldexpf(values[i], (int)(any % 60) - 40);
    if (kind == 2) memcpy(&values[i], &any, sizeof any);
  }
  return values;
}

static uint8_t *random_marks(ptrdiff_t count) {
  uint8_t *marks = guarded((size_t)count);
  for (ptrdiff_t i = 0; i < count; i += 1) marks[i] = next() % 10 != 0;
  return marks;
}

static void doubles(void) {
  for (int i = 0; i < 200000; i += 1) add_double(celementary_exp(-750 + i * 0.0073));
  for (int i = 0; i < 100000; i += 1) add_double(celementary_exp(ldexp((double)(int64_t)next(), -63 - i % 60)));
  report("exp");
  for (int i = 0; i < 100000; i += 1) add_double(celementary_log(i * 0.00002));
  for (int i = 0; i < 100000; i += 1) add_double(celementary_log(ldexp((double)(next() >> 11), i % 2000 - 1060)));
  report("log");
  for (int i = 0; i < 200000; i += 1) add_double(celementary_sin(i * 0.0000314159265));
  for (int i = 0; i < 100000; i += 1) add_double(celementary_sin(ldexp((double)(int64_t)next(), -43 - i % 40)));
  report("sin");
  for (int i = 0; i < 200000; i += 1) add_double(celementary_cos(i * 0.0000314159265));
  for (int i = 0; i < 100000; i += 1) add_double(celementary_cos(ldexp((double)(int64_t)next(), -43 - i % 40)));
  report("cos");
}

static void functions(const struct celementwise_kernels *kernels) {
  enum { count = 200001 };
  for (int which = 0; which < 3; which += 1) {
    for (int kind = 0; kind < 3; kind += 1) {
      float *values = random_floats(count, kind), *output = random_floats(count, 0), *second = random_floats(count, 0);
      if (kind == 0)
        for (int i = 0; i < count; i += 1) values[i] = -100 + (float)i * 0.001f;
      if (which == 0) kernels->exponential(values, output, count);
      if (which == 1) kernels->tanh(values, output, count);
      if (which == 2) kernels->normal(values, output, second, count);
      add_floats(output, count);
      add_floats(second, count);
      release();
    }
    report(which == 0 ? "exponential" : which == 1 ? "tanh" : "normal");
  }
}

// One random shape for every kernel on rows.
static void rows(const struct celementwise_kernels *kernels, int round, int which) {
  const int kind = round % 3;
  const ptrdiff_t count = 1 + (ptrdiff_t)(next() % 9), columns = 1 + (ptrdiff_t)(next() % 70);
  const ptrdiff_t all = count * columns, stride = (columns + 7) & ~(ptrdiff_t)7;
  if (which == 0) {
    float *values = random_floats(all, kind), *output = random_floats(all, 0), *sums = random_floats(columns, kind);
    kernels->activate((celementwise_activation)(round % 4), values, output, all);
    add_floats(values, all);
    add_floats(output, all);
    kernels->activation_gradient(output, values, sums, count, columns);
    add_floats(output, all);
    add_floats(sums, columns);
  } else if (which == 1) {
    float *sums = round & 1 ? random_floats(all, 0) : NULL, *output = random_floats(all, 0);
    const uint8_t *marks = round & 2 ? random_marks(all) : NULL;
    const float *residual = round & 4 ? random_floats(all, kind) : NULL;
    const celementwise_norm norm = {
        count, columns, random_floats(all, kind), random_floats(count, 0), random_floats(columns, kind),
        random_floats(columns, kind), residual ? marks : NULL, 1.1f};
    kernels->norm_forward(&norm, residual, sums, 1e-12f, output);
    add_floats(norm.values, all);
    add_floats(norm.inverse_deviations, count);
    add_floats(output, all);
    const celementwise_norm_gradients gradients = {
        random_floats(all, kind), sums, random_floats(columns, kind), random_floats(columns, kind),
        residual ? random_floats(all, 0) : NULL, random_floats(columns, kind)};
    kernels->norm_backward(&norm, &gradients);
    add_floats(gradients.rows, all);
    if (sums) add_floats(sums, all);
    add_floats(gradients.gain, columns);
    add_floats(gradients.shift, columns);
    if (residual) add_floats(gradients.values, all);
    add_floats(gradients.value_sums, columns);
  } else if (which == 2) {
    float *scores = random_floats(count * stride, kind), *gradient = random_floats(count * stride, kind);
    float *dropped = random_floats(count * stride, 0);
    const celementwise_scores shape = {count, columns, round & 1 ? random_marks(count * stride) : NULL, 1.1f};
    kernels->softmax_forward(&shape, scores, dropped);
    float *dropped_again = random_floats(count * stride, 0);
    kernels->softmax_backward(&shape, gradient, scores, dropped_again);
    for (ptrdiff_t row = 0; row < count; row += 1) {
      add_floats(scores + row * stride, columns);
      add_floats(dropped + row * stride, columns);
      add_floats(gradient + row * stride, columns);
      add_floats(dropped_again + row * stride, columns);
    }
  } else if (which == 3) {
    float *values = random_floats(all, kind);
    const float largest = kernels->largest(values, all);
    const double sum = kernels->sum_of_exponentials(values, largest, all);
    add_double(isnan(sum) ? (double)NAN : sum);
    kernels->exponential_shares(values, largest, 0.1f, all);
    add_floats(values, all);
  } else if (which == 4) {
    const ptrdiff_t blocks = 8 * count;
    uint8_t *marks = guarded((size_t)(8 * blocks));
    const celementwise_stream stream = {{(uint32_t)next(), (uint32_t)next()}, (uint32_t)next(), (uint32_t)next()};
    kernels->draw(&stream, next(), blocks, (uint16_t)next(), marks);
    add_bytes(marks, (size_t)(8 * blocks));
    float *values = random_floats(8 * blocks - 3, kind);
    kernels->drop(values, marks + 3, 1.1f, values, 8 * blocks - 3);
    add_floats(values, 8 * blocks - 3);
  } else if (which == 5) {
    float *weights = random_floats(all, kind), *first = random_floats(all, kind), *second = random_floats(all, kind);
    const float *gradients = random_floats(all, kind), *target = round & 1 ? random_floats(all, kind) : NULL;
    const celementwise_factors factors = {0.7f, 0.9f, 0.1f, 0.999f, 0.001f, 1e-6f, 3e-3f, 1.5f, 1e-4f};
    kernels->update((celementwise_rule)(round % 3), &factors, weights, gradients, first, second, target, all);
    add_floats(weights, all);
    add_floats(first, all);
    add_floats(second, all);
  } else {
    const ptrdiff_t many = (ptrdiff_t)(next() % 9000);
    const double sum = kernels->sum_of_squares(random_floats(many, kind), many);
    add_double(isnan(sum) ? (double)NAN : sum);
  }
  release();
}

static void level(const char *name, const struct celementwise_kernels *kernels) {
  static const char *const names[] = {"activations", "norms", "softmax", "vocabulary", "marks", "updates", "squares"};
  level_name = name;
  digest = 0xCBF29CE484222325;
  state = 18;
  doubles();
  functions(kernels);
  for (int which = 0; which < 7; which += 1) {
    for (int round = 0; round < 3000; round += 1) rows(kernels, round, which);
    report(names[which]);
  }
}

int main(void) {
  make_blocks();
#if defined(__x86_64__)
  level("avx2", &celementwise_avx2);
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl"))
    level("avx512", &celementwise_avx512);
#elif defined(__aarch64__)
  level("neon", &celementwise_plain);
#else
  level("plain", &celementwise_plain);
#endif
}
