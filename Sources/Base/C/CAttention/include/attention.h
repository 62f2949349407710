// Attention of one sequence, forward and backward, a few heads at a time, which stay in the first cache where they are
// short. Every sum has one fixed order, so all versions give the same bits: a product's element is the chain `sum =
// fma(a[k], b[k], sum)` from 0 over k in order, then times the scale; sums over a row of scores run in eight lanes,
// neighbours in turn, which are added halves first. NaNs stay NaNs; their signs and payloads are nobody's promise.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Rows of floats in memory that the caller owns, `stride` floats from the start of one to that of the next.
typedef struct {
  float *start;
  ptrdiff_t stride;
} cattention_rows;

// Which keys a query attends to.
typedef enum {
  cattention_all,
  cattention_causal,  // those up to the query's own
  cattention_local,   // those at most `reach` tokens away
} cattention_mask;

// The sizes of one sequence. Rows of scores have a stride of `length` rounded up to a multiple of eight; what lies behind a
// row's scores is written, and is zero where the row holds no NaN.
typedef struct {
  ptrdiff_t query_count;
  ptrdiff_t length;              // keys
  ptrdiff_t head_count;
  ptrdiff_t size;                // columns of a head
  float scale;                   // of scores
  cattention_mask mask;
  ptrdiff_t reach;               // of a local mask
  const ptrdiff_t *tokens;       // of each query; null where every token is a query
  ptrdiff_t first_token;         // of the sequence: a query's position is its token minus this
  ptrdiff_t bias_reach;          // a table of biases has 2 bias_reach + 1 columns, one a distance from query to key
  const uint8_t *marks;          // of each score of every head, 1 kept and 0 dropped; null without dropout
  float mark_scale;              // what kept probabilities are multiplied by
} cattention_shape;

// Queries (query_count, heads * size), keys and values (length, heads * size), or their gradients.
typedef struct {
  cattention_rows query, key, value;
} cattention_operands;

// How many heads are worked on at a time. Scratch memory is for as many: (heads, query_count, length).
ptrdiff_t cattention_group(ptrdiff_t query_count, ptrdiff_t head_count);

// context = dropout(softmax(query key^T * scale + bias)) value, (query_count, heads * size). `probabilities`, (heads,
// query_count, length), becomes the softmax before dropout. `bias`, (heads, 2 bias_reach + 1), may have no start: of keys
// `bias_reach` tokens or more before the query first, of those as many or more behind it last. `scratch` is used where
// there is dropout.
void cattention_forward(
    const cattention_shape *shape, const cattention_operands *operands, cattention_rows bias, float *probabilities,
    float *scratch, cattention_rows context);

// From the gradient of the context and the probabilities, overwrites those of queries, keys and values, and adds to
// that of the biases where `bias_gradient` has a start. `dropped_scratch` is used where there is dropout.
void cattention_backward(
    const cattention_shape *shape, const cattention_operands *operands, const float *probabilities,
    cattention_rows context_gradient, const cattention_operands *gradients, cattention_rows bias_gradient,
    float *scratch, float *dropped_scratch);
