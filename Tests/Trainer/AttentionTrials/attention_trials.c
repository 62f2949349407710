// The reference is the composition that an attention stands for, in scalar steps: products as chains, biases and masks, the
// softmax in eight lanes, dropout. Every operand's memory lies between two pages without access.
#include "attention_trials.h"

#include "attention.h"
#include "fenced_memory.h"

#pragma clang fp contract(off)

// Where an element of a matrix is, transposed or not.
struct view {
  const float *start;
  ptrdiff_t row, column;
};

static struct view plain(cattention_rows rows) { return (struct view){rows.start, rows.stride, 1}; }
static struct view transposed(cattention_rows rows) { return (struct view){rows.start, 1, rows.stride}; }

FUSED static void multiply(
    struct view a, struct view b, cattention_rows c, ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, float scale) {
  for (ptrdiff_t i = 0; i < m; i += 1) {
    for (ptrdiff_t j = 0; j < n; j += 1) {
      float sum = 0;
      for (ptrdiff_t l = 0; l < k; l += 1)
        sum = fmaf(a.start[i * a.row + l * a.column], b.start[l * b.row + j * b.column], sum);
      c.start[i * c.stride + j] = sum * scale;
    }
  }
}

// e^x as ElementaryFunctions.swift has it.
FUSED static float exponential(float x) {
  const float magic = 12582912.0f, shifted = fmaf(x, 1.44269504f, magic), n = shifted - magic;
  const float r = fmaf(n, 2.1219444e-4f, fmaf(n, -0.693359375f, x)), square = r * r;
  float sum = fmaf(r, 0.0013814529f, 0.008368750f);
  sum = fmaf(sum, r, 0.041668393f);
  sum = fmaf(sum, r, 0.166665196f);
  sum = fmaf(sum, r, 0.49999994f);
  sum = fmaf(sum, square, r) + 1;
  uint32_t word;
  memcpy(&word, &shifted, sizeof word);
  word = (word << 23) + 0x3F800000;
  float power;
  memcpy(&power, &word, sizeof power);
  return x < -87.3f ? 0 : x > 88.37f ? INFINITY : sum * power;
}

// The sum of eight lanes, halves first.
static float total(const float lanes[8]) {
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

static ptrdiff_t stride_of(const cattention_shape *s) { return (s->length + 7) / 8 * 8; }

static float kept(const cattention_shape *s, const uint8_t *marks, ptrdiff_t index) {
  return (float)marks[index] * s->mark_scale;
}

static ptrdiff_t position(const cattention_shape *s, ptrdiff_t query) {
  return s->tokens ? s->tokens[query] - s->first_token : query;
}

static ptrdiff_t bias_column(const cattention_shape *s, ptrdiff_t query, ptrdiff_t key) {
  const ptrdiff_t distance = key - position(s, query), reach = s->bias_reach;
  return (distance < -reach ? -reach : distance > reach ? reach : distance) + reach;
}

static bool attends(const cattention_shape *s, ptrdiff_t query, ptrdiff_t key) {
  const ptrdiff_t distance = key - position(s, query);
  switch (s->mask) {
    case cattention_all: return true;
    case cattention_causal: return distance <= 0;
    case cattention_local: return distance <= s->reach && -distance <= s->reach;
  }
}

// One head's matrices and scratch memory, for both directions.
struct head {
  const cattention_shape *shape;
  const uint8_t *marks;
  cattention_operands operands, gradients;
  cattention_rows context, scores, score_gradient, dropped;
  float *bias;  // or its gradient
};

FUSED static void softmax_forward(const struct head *h, ptrdiff_t query) {
  const ptrdiff_t stride = h->scores.stride;
  float *row = h->scores.start + query * stride, *dropped = h->dropped.start + query * stride;
  float top = row[0], lanes[8] = {0};
  for (ptrdiff_t key = 0; key < h->shape->length; key += 1) top = row[key] > top ? row[key] : top;
  for (ptrdiff_t key = 0; key < stride; key += 1) {
    row[key] = exponential((key < h->shape->length ? row[key] : -INFINITY) - top);
    lanes[key % 8] += row[key];
  }
  const float share = 1 / total(lanes);
  for (ptrdiff_t key = 0; key < stride; key += 1) {
    row[key] *= share;
    dropped[key] = h->marks ? row[key] * kept(h->shape, h->marks, query * stride + key) : row[key];
  }
}

FUSED static void softmax_backward(const struct head *h, ptrdiff_t query) {
  const ptrdiff_t stride = h->scores.stride;
  const float *row = h->scores.start + query * stride;
  float *gradient = h->score_gradient.start + query * stride, *dropped = h->dropped.start + query * stride;
  float lanes[8] = {0};
  for (ptrdiff_t key = 0; key < stride; key += 1) {
    const float factor = h->marks ? kept(h->shape, h->marks, query * stride + key) : 1;
    dropped[key] = h->marks ? row[key] * factor : row[key];
    gradient[key] = key < h->shape->length ? gradient[key] : 0;
    if (h->marks) gradient[key] *= factor;
    lanes[key % 8] = fmaf(gradient[key], row[key], lanes[key % 8]);
  }
  const float sum = total(lanes);
  for (ptrdiff_t key = 0; key < stride; key += 1) gradient[key] = (gradient[key] - sum) * row[key];
}

FUSED static void forward(const struct head *h) {
  const cattention_shape *s = h->shape;
  multiply(
      plain(h->operands.query), transposed(h->operands.key), h->scores, s->query_count, s->length, s->size, s->scale);
  for (ptrdiff_t query = 0; query < s->query_count; query += 1) {
    float *row = h->scores.start + query * h->scores.stride;
    for (ptrdiff_t key = 0; key < s->length; key += 1) {
      if (h->bias) row[key] += h->bias[bias_column(s, query, key)];
      if (!attends(s, query, key)) row[key] = -INFINITY;
    }
    softmax_forward(h, query);
  }
  multiply(plain(h->dropped), plain(h->operands.value), h->context, s->query_count, s->size, s->length, 1);
}

FUSED static void backward(const struct head *h) {
  const cattention_shape *s = h->shape;
  multiply(plain(h->context), transposed(h->operands.value), h->score_gradient, s->query_count, s->length, s->size, 1);
  for (ptrdiff_t query = 0; query < s->query_count; query += 1) {
    softmax_backward(h, query);
    const float *row = h->score_gradient.start + query * h->scores.stride;
    for (ptrdiff_t key = 0; key < s->length && h->bias; key += 1) h->bias[bias_column(s, query, key)] += row[key];
  }
  multiply(
      plain(h->score_gradient), plain(h->operands.key), h->gradients.query, s->query_count, s->size, s->length,
      s->scale);
  multiply(
      transposed(h->score_gradient), plain(h->operands.query), h->gradients.key, s->length, s->size, s->query_count,
      s->scale);
  multiply(transposed(h->dropped), plain(h->context), h->gradients.value, s->length, s->size, s->query_count, 1);
}

static cattention_rows columns_from(cattention_rows rows, ptrdiff_t column) {
  return (cattention_rows){rows.start + column, rows.stride};
}

static cattention_operands operands_from(cattention_operands operands, ptrdiff_t column) {
  return (cattention_operands){
      columns_from(operands.query, column), columns_from(operands.key, column), columns_from(operands.value, column)};
}

// What a trial reads and writes, in the order of its memory.
enum { query, key, value, context_gradient, bias, query_gradient, key_gradient, value_gradient, context, bias_gradient,
       probabilities, scratch, dropped_scratch, operand_count };

struct trial {
  cattention_shape shape;
  ptrdiff_t width;                  // columns of all heads
  ptrdiff_t stride, context_stride, bias_stride;
  bool has_bias, has_dropout, with_special;
  ptrdiff_t sizes[operand_count];
  ptrdiff_t tokens[512];
};

static ptrdiff_t extent(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride) {
  return rows == 0 ? 0 : (rows - 1) * stride + columns;
}

static void random_trial(struct trial *t, uint64_t *state) {
  static const ptrdiff_t sizes[] = {1, 5, 8, 13, 16, 24, 32, 64, 72, 130};
  cattention_shape *s = &t->shape;
  s->length = 1 + below(state, next(state) % 16 == 0 ? 160 : 40);
  s->size = sizes[below(state, 10)];
  s->head_count = 1 + below(state, 5);
  t->width = s->head_count * s->size;
  const bool chosen = next(state) % 3 == 0;
  s->query_count = chosen ? below(state, s->length + 1) : s->length;
  s->first_token = below(state, 50);
  s->tokens = chosen ? t->tokens : NULL;
  for (ptrdiff_t i = 0; i < s->query_count; i += 1) t->tokens[i] = s->first_token + below(state, s->length);
  s->scale = ldexpf((float)(1 + below(state, 1000)), -10);
  s->mask = (cattention_mask)below(state, 3);
  s->reach = below(state, 5);
  s->bias_reach = below(state, 6);
  s->mark_scale = 1 + (float)below(state, 100) / 128;
  t->has_bias = next(state) % 3 == 0;
  t->has_dropout = next(state) % 2;
  t->with_special = next(state) % 8 == 0;
  t->stride = t->width * 3 + below(state, 3) * below(state, 20);
  t->context_stride = t->width + below(state, 2) * below(state, 20);
  t->bias_stride = 2 * s->bias_reach + 1 + below(state, 2);
  const ptrdiff_t queries = extent(s->query_count, t->width, t->stride), keys = extent(s->length, t->width, t->stride);
  const ptrdiff_t contexts = extent(s->query_count, t->width, t->context_stride);
  const ptrdiff_t biases = extent(s->head_count, 2 * s->bias_reach + 1, t->bias_stride);
  const ptrdiff_t scores = s->query_count * stride_of(s);
  const ptrdiff_t group = scores * cattention_group(s->query_count, s->head_count);
  const ptrdiff_t counts[] = {queries, keys,     keys,   contexts,              biases, queries, keys,
                              keys,    contexts, biases, s->head_count * scores, group,  group};
  memcpy(t->sizes, counts, sizeof counts);
}

static cattention_operands operands_at(const struct trial *t, float *const *memory, int first) {
  return (cattention_operands){
      {memory[first], t->stride}, {memory[first + 1], t->stride}, {memory[first + 2], t->stride}};
}

static void expect(const struct trial *t, float *const *memory, const uint8_t *marks, float *dropped, float *gradient) {
  const cattention_shape *s = &t->shape;
  const ptrdiff_t stride = stride_of(s);
  for (ptrdiff_t index = 0; index < s->head_count; index += 1) {
    const ptrdiff_t column = index * s->size, first = index * s->query_count * stride;
    struct head h = {
        .shape = s, .marks = t->has_dropout ? marks + first : NULL,
        .operands = operands_from(operands_at(t, memory, query), column),
        .gradients = operands_from(operands_at(t, memory, query_gradient), column),
        .context = {memory[context] + column, t->context_stride}, .scores = {memory[probabilities] + first, stride},
        .score_gradient = {gradient, stride}, .dropped = {dropped, stride},
        .bias = t->has_bias ? memory[bias] + index * t->bias_stride : NULL};
    forward(&h);
    h.context.start = memory[context_gradient] + column;
    h.bias = t->has_bias ? memory[bias_gradient] + index * t->bias_stride : NULL;
    backward(&h);
  }
}

static void run(const struct trial *t, float *const *memory, const uint8_t *marks) {
  cattention_shape shape = t->shape;
  shape.marks = t->has_dropout ? marks : NULL;
  const cattention_operands operands = operands_at(t, memory, query), gradients = operands_at(t, memory, query_gradient);
  const cattention_rows none = {NULL, 0}, biases = {memory[bias], t->bias_stride};
  const cattention_rows bias_gradients = {memory[bias_gradient], t->bias_stride};
  cattention_forward(
      &shape, &operands, t->has_bias ? biases : none, memory[probabilities], memory[scratch],
      (cattention_rows){memory[context], t->context_stride});
  cattention_backward(
      &shape, &operands, memory[probabilities], (cattention_rows){memory[context_gradient], t->context_stride},
      &gradients, t->has_bias ? bias_gradients : none, memory[scratch], memory[dropped_scratch]);
}

int64_t attention_trials(int64_t first, int64_t count, uint64_t *digest) {
  struct fenced memory[2 * operand_count + 3] = {0};
  struct trial t;
  int64_t failures = 0;
  *digest = 0xcbf29ce484222325;
  for (int64_t index = first; index < first + count; index += 1) {
    uint64_t state = (uint64_t)index * 0xd1342543de82ef95;
    random_trial(&t, &state);
    float *operands[operand_count], *expected[operand_count];
    for (int i = 0; i < operand_count; i += 1) {
      operands[i] = place(&memory[2 * i], t.sizes[i], &state);
      expected[i] = place(&memory[2 * i + 1], t.sizes[i], &state);
      fill(operands[i], t.sizes[i], t.with_special && i <= bias ? 8 : 0, &state);
      memcpy(expected[i], operands[i], sizeof(float) * (size_t)t.sizes[i]);
    }
    // Marks are bytes: four of them take a float's room.
    const ptrdiff_t mark_count = t.sizes[probabilities];
    uint8_t *marks = (uint8_t *)place(&memory[2 * operand_count], mark_count / 4, &state);
    for (ptrdiff_t i = 0; i < mark_count; i += 1) marks[i] = next(&state) % 8 != 0;
    expect(
        &t, expected, marks, place(&memory[2 * operand_count + 1], mark_count, &state),
        place(&memory[2 * operand_count + 2], mark_count, &state));
    run(&t, operands, marks);
    bool equal = true;
    for (int i = 0; i < scratch; i += 1) equal &= are_equal(operands[i], expected[i], t.sizes[i], digest);
    if (!equal && ++failures == 1)
      fprintf(
          stderr, "attention %lld differs: %td queries, %td keys, %td heads of %td, mask %d, bias %d, dropout %d\n",
          (long long)index, t.shape.query_count, t.shape.length, t.shape.head_count, t.shape.size, (int)t.shape.mask,
          t.has_bias, t.has_dropout);
  }
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  for (int i = 0; i < 2 * operand_count + 3; i += 1)
    if (memory[i].start) munmap(memory[i].start - page, memory[i].size + 2 * page);
  return failures;
}
