// Chooses the level and hands products to it. The levels' own files hold what depends on an instruction set; all but
// the plain ones are made from tiles.h.
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "product.h"

static const char *const names[] = {"plain", "neon", "avx2", "avx512"};

const char *cproducts_level_name(cproducts_level level) { return names[level]; }

static bool is_supported(cproducts_level level) {
  switch (level) {
    case cproducts_plain:
      return true;
#if defined(__x86_64__)
    case cproducts_avx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case cproducts_avx512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#elif defined(__aarch64__)
    case cproducts_neon:
      return true;
#endif
    default:
      return false;
  }
}

cproducts_level cproducts_highest_level(void) {
  cproducts_level level = cproducts_avx512;
  while (!is_supported(level)) level -= 1;
  return level;
}

// Whether the processor has AVX512_BF16, beside the level of AVX-512.
static bool has_pairs(void) {
#if defined(__x86_64__)
  return is_supported(cproducts_avx512) && __builtin_cpu_supports("avx512bf16");
#else
  return false;
#endif
}

static _Atomic int level_in_use = -1;

cproducts_level cproducts_level_in_use(void) {
  const int level = atomic_load_explicit(&level_in_use, memory_order_relaxed);
  if (level >= 0) return (cproducts_level)level;
  cproducts_level first = cproducts_highest_level();
  const char *wanted = getenv("SEEDSWEEP_SIMD");
  for (cproducts_level lower = cproducts_plain; wanted && lower < first; lower += 1)
    if (strcmp(wanted, names[lower]) == 0 && is_supported(lower)) first = lower;
  int none = -1;  // a level chosen by another thread in the meantime stays
  atomic_compare_exchange_strong(&level_in_use, &none, (int)first);
  return (cproducts_level)atomic_load(&level_in_use);
}

bool cproducts_use(cproducts_level level) {
  if (!is_supported(level)) return false;
  atomic_store(&level_in_use, (int)level);
  return true;
}

bool cproducts_bfloat16_is_fast(void) {
  if (cproducts_level_in_use() != cproducts_avx512 || !has_pairs()) return false;
#if defined(__x86_64__)
  return !__builtin_cpu_supports("amx-bf16");
#else
  return false;
#endif
}

static pthread_key_t scratch_key;
static pthread_once_t scratch_once = PTHREAD_ONCE_INIT;
static _Thread_local struct scratch *thread_scratch;

static void make_scratch_key(void) {
  if (pthread_key_create(&scratch_key, free) != 0) abort();
}

static struct scratch *make_scratch(void) {
  pthread_once(&scratch_once, make_scratch_key);
  thread_scratch = aligned_alloc(64, sizeof(struct scratch));
  if (!thread_scratch || pthread_setspecific(scratch_key, thread_scratch) != 0) {
    fputs("no memory is left for matrix products\n", stderr);
    abort();
  }
  return thread_scratch;
}

void cproducts_multiply(
    const float *a, bool a_is_transposed, ptrdiff_t a_stride, const float *b, bool b_is_transposed, ptrdiff_t b_stride,
    float *c, ptrdiff_t c_stride, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, cproducts_start start, const float *row,
    float scale) {
  const struct product product = {
      a, b, row, c, a_stride, b_stride, c_stride, m, n, k, scale, a_is_transposed, b_is_transposed, start};
  struct scratch *scratch = thread_scratch ? thread_scratch : make_scratch();
  switch (cproducts_level_in_use()) {
    case cproducts_plain: return cproducts_multiply_plain(&product, scratch);
#if defined(__x86_64__)
    case cproducts_avx2: return cproducts_multiply_avx2(&product, scratch);
    case cproducts_avx512: return cproducts_multiply_avx512(&product, scratch);
#elif defined(__aarch64__)
    case cproducts_neon: return cproducts_multiply_neon(&product, scratch);
#endif
    default: abort();
  }
}

// Makes the processor take subnormal numbers for zero, as AVX512_BF16 does; returns what `restore` is given.
static uint64_t flush_subnormals(void) {
#if defined(__x86_64__)
  const unsigned int before = _mm_getcsr();
  _mm_setcsr(before | _MM_FLUSH_ZERO_ON | _MM_DENORMALS_ZERO_ON);
#elif defined(__aarch64__)
  const uint64_t before = __builtin_arm_rsr64("fpcr");
  __builtin_arm_wsr64("fpcr", before | 1 << 24);
#else
  const uint64_t before = 0;
#endif
  return before;
}

static void restore(uint64_t mode) {
#if defined(__x86_64__)
  _mm_setcsr((unsigned int)mode);
#elif defined(__aarch64__)
  __builtin_arm_wsr64("fpcr", mode);
#else
  (void)mode;
#endif
}

// The product of rounded operands where no instruction makes it.
static void multiply_rounded(cproducts_level level, const struct product *product, struct scratch *scratch) {
  const uint64_t mode = flush_subnormals();
  switch (level) {
#if defined(__x86_64__)
    case cproducts_avx2:
    case cproducts_avx512: cproducts_multiply_rounded_avx2(product, scratch); break;
#elif defined(__aarch64__)
    case cproducts_neon: cproducts_multiply_rounded_neon(product, scratch); break;
#endif
    default: cproducts_multiply_rounded_plain(product, scratch);
  }
  restore(mode);
}

void cproducts_multiply_bfloat16(
    const float *a, bool a_is_transposed, ptrdiff_t a_stride, const float *b, bool b_is_transposed, ptrdiff_t b_stride,
    float *c, ptrdiff_t c_stride, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, cproducts_start start, const float *row) {
  const struct product product = {
      a, b, row, c, a_stride, b_stride, c_stride, m, n, k, 1, a_is_transposed, b_is_transposed, start};
  struct scratch *scratch = thread_scratch ? thread_scratch : make_scratch();
  const cproducts_level level = cproducts_level_in_use();
#if defined(__x86_64__)
  if (level == cproducts_avx512 && has_pairs()) return cproducts_multiply_pairs(&product, scratch);
#endif
  multiply_rounded(level, &product, scratch);
}
