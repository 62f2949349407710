// Every operand's memory lies between two pages without access.
#include "product_trials.h"

#include "fenced_memory.h"
#include "products.h"

// The register that says how the processor computes, and its bits for subnormal numbers that count as zero.
#if defined(__x86_64__)
#include <immintrin.h>
enum { FLUSHES = _MM_FLUSH_ZERO_ON | _MM_DENORMALS_ZERO_ON };
static uint64_t floating_mode(void) { return _mm_getcsr(); }
static void set_floating_mode(uint64_t mode) { _mm_setcsr((unsigned int)mode); }
#else
enum { FLUSHES = 1 << 24 };
static uint64_t floating_mode(void) { return __builtin_arm_rsr64("fpcr"); }
static void set_floating_mode(uint64_t mode) { __builtin_arm_wsr64("fpcr", mode); }
#endif

// A matrix as stored: (rows, columns) with `stride` floats from row to row; the last row ends with its last column.
struct matrix {
  ptrdiff_t rows, columns, stride;
};

static struct matrix random_matrix(ptrdiff_t rows, ptrdiff_t columns, uint64_t *state) {
  return (struct matrix){rows, columns, columns + (next(state) % 2 ? below(state, 40) : 0)};
}

static ptrdiff_t extent(struct matrix m) {
  return m.rows == 0 || m.columns == 0 ? 0 : (m.rows - 1) * m.stride + m.columns;
}

struct trial {
  ptrdiff_t m, n, k;
  bool a_is_transposed, b_is_transposed;
  struct matrix a, b, c;
  cproducts_start start;
  float scale;
  ptrdiff_t special_count;
  bool rounds;  // whether operands are rounded to bfloat16
};

static struct trial random_trial(uint64_t *state, bool rounds) {
  struct trial t = {.rounds = rounds};
  const ptrdiff_t kind = below(state, 10);
  ptrdiff_t sizes[3];
  for (int i = 0; i < 3; i += 1) sizes[i] = below(state, kind < 7 ? 49 : kind < 9 ? 40 : 200);
  if (kind == 7 || kind == 8) sizes[below(state, 3)] = below(state, 900);
  t.m = sizes[0], t.n = sizes[1], t.k = sizes[2];
  t.a_is_transposed = next(state) % 2, t.b_is_transposed = next(state) % 2;
  t.a = t.a_is_transposed ? random_matrix(t.k, t.m, state) : random_matrix(t.m, t.k, state);
  t.b = t.b_is_transposed ? random_matrix(t.n, t.k, state) : random_matrix(t.k, t.n, state);
  t.c = random_matrix(t.m, t.n, state);
  t.start = (cproducts_start)below(state, 3);
  const bool scales = next(state) % 2;
  t.scale = scales && !rounds ? ldexpf((float)below(state, 1000), -8) : 1;
  t.special_count = next(state) % 4 > 0 ? 0 : 8;
  return t;
}

static float a_of(const struct trial *t, const float *a, ptrdiff_t i, ptrdiff_t k) {
  return t->a_is_transposed ? a[k * t->a.stride + i] : a[i * t->a.stride + k];
}

static float b_of(const struct trial *t, const float *b, ptrdiff_t k, ptrdiff_t j) {
  return t->b_is_transposed ? b[j * t->b.stride + k] : b[k * t->b.stride + j];
}

// The nearest number of 8 significant bits, the even one of two; zero for a subnormal one.
static float rounded(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  if (!isnormal(value) && isfinite(value)) bits &= 0x80000000;
  if (isfinite(value)) bits += 0x7fff + (bits >> 16 & 1);
  bits &= 0xffff0000;
  memcpy(&value, &bits, sizeof bits);
  return value;
}

// Adds what belongs to k and k + 1, the latter first, as AVX512_BF16 does.
FUSED static float add_pair(
    const struct trial *t, const float *a, const float *b, ptrdiff_t i, ptrdiff_t j, ptrdiff_t k, float sum) {
  const bool is_pair = k + 1 < t->k;
  const float odd_a = is_pair ? rounded(a_of(t, a, i, k + 1)) : 0, odd_b = is_pair ? rounded(b_of(t, b, k + 1, j)) : 0;
  return fmaf(rounded(a_of(t, a, i, k)), rounded(b_of(t, b, k, j)), fmaf(odd_a, odd_b, sum));
}

// Where operands are rounded the processor takes subnormal numbers for zero, as AVX512_BF16 does.
FUSED static void chain(const struct trial *t, const float *a, const float *b, float *c, const float *row) {
  const uint64_t mode = floating_mode();
  if (t->rounds) set_floating_mode(mode | FLUSHES);
  for (ptrdiff_t i = 0; i < t->m; i += 1) {
    for (ptrdiff_t j = 0; j < t->n; j += 1) {
      float *element = c + i * t->c.stride + j;
      float sum = t->start == cproducts_from_c ? *element : t->start == cproducts_from_row ? row[j] : 0;
      for (ptrdiff_t k = 0; k < t->k; k += t->rounds ? 2 : 1)
        sum = t->rounds ? add_pair(t, a, b, i, j, k, sum) : fmaf(a_of(t, a, i, k), b_of(t, b, k, j), sum);
      *element = t->scale == 1 ? sum : sum * t->scale;
    }
  }
  set_floating_mode(mode);
}

static void multiply(const struct trial *t, const float *a, const float *b, float *c, const float *row) {
  if (t->start != cproducts_from_row) row = NULL;
  if (t->rounds)
    cproducts_multiply_bfloat16(
        a, t->a_is_transposed, t->a.stride, b, t->b_is_transposed, t->b.stride, c, t->c.stride, t->m, t->n, t->k,
        t->start, row);
  else
    cproducts_multiply(
        a, t->a_is_transposed, t->a.stride, b, t->b_is_transposed, t->b.stride, c, t->c.stride, t->m, t->n, t->k,
        t->start, row, t->scale);
}

int64_t product_trials(int64_t first, int64_t count, bool rounds, uint64_t *digest) {
  struct fenced memory[5] = {0};
  int64_t failures = 0;
  *digest = 0xcbf29ce484222325;
  for (int64_t index = first; index < first + count; index += 1) {
    uint64_t state = (uint64_t)index * 0xd1342543de82ef95;
    const struct trial t = random_trial(&state, rounds);
    const ptrdiff_t sizes[5] = {extent(t.a), extent(t.b), extent(t.c), t.n, extent(t.c)};
    float *operands[5];
    for (int i = 0; i < 5; i += 1) {
      operands[i] = place(&memory[i], sizes[i], &state);
      if (i < 4) fill(operands[i], sizes[i], t.special_count, &state);
    }
    float *a = operands[0], *b = operands[1], *c = operands[2], *row = operands[3], *expected = operands[4];
    memcpy(expected, c, sizeof(float) * (size_t)sizes[2]);
    chain(&t, a, b, expected, row);
    multiply(&t, a, b, c, row);
    if (!are_equal(c, expected, sizes[2], digest) && ++failures == 1)
      fprintf(
          stderr, "product %lld differs: (%td, %td, %td), transposed %d and %d, start %d, scale %g\n",
          (long long)index, t.m, t.n, t.k, t.a_is_transposed, t.b_is_transposed, (int)t.start, (double)t.scale);
  }
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  for (int i = 0; i < 5; i += 1) munmap(memory[i].start - page, memory[i].size + 2 * page);
  return failures;
}
