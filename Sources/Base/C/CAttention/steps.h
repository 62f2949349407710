// The steps of an attention for vectors of `LANES` floats. Included once a version, by a file that has named LANES, the
// instructions and itself.

#pragma clang fp contract(off)
#pragma clang diagnostic ignored "-Wpsabi"  // no function with vectors is called: all are part of their callers

#include "elementwise.h"
#include "vectors.h"
#include "versions.h"

#include "functions.h"
#include "scores.h"
#include "tiles.h"
#include "bias.h"

// A head's columns of rows of all heads.
INLINE cattention_rows columns_of(cattention_rows rows, const cattention_shape *shape, ptrdiff_t head) {
  return (cattention_rows){rows.start + head * shape->size, rows.stride};
}

// The rows of scores of some heads.
INLINE celementwise_scores scores_of(const cattention_shape *shape, ptrdiff_t first, ptrdiff_t heads) {
  const ptrdiff_t index = first * shape->query_count * score_stride(shape->length);
  return (celementwise_scores){
      heads * shape->query_count, shape->length, shape->marks ? shape->marks + index : NULL, shape->mark_scale};
}

// Adds biases to, and takes the excluded keys from, the scores of one head.
INLINE void adjust(const cattention_shape *shape, const float *bias, float *scores) {
  const ptrdiff_t stride = score_stride(shape->length);
  for (ptrdiff_t query = 0; query < shape->query_count; query += 1) {
    if (bias) add_bias(shape, position(shape, query), bias, scores + query * stride);
    if (shape->mask != cattention_all) exclude(shape, position(shape, query), scores + query * stride);
  }
}

static void forward(
    const cattention_shape *shape, const cattention_operands *operands, cattention_rows bias, float *probabilities,
    float *scratch, cattention_rows context) {
  const ptrdiff_t stride = score_stride(shape->length), queries = shape->query_count;
  const ptrdiff_t group_heads = cattention_group(queries, shape->head_count);
  for (ptrdiff_t first = 0; first < shape->head_count; first += group_heads) {
    const ptrdiff_t heads = least(group_heads, shape->head_count - first);
    float *scores = probabilities + first * queries * stride;
    for (ptrdiff_t head = 0; head < heads; head += 1) {
      const ptrdiff_t number = first + head;
      float *head_scores = scores + head * queries * stride;
      multiply_by_transposed(
          columns_of(operands->query, shape, number), queries, columns_of(operands->key, shape, number),
          shape->length, shape->size, shape->scale, head_scores);
      if (bias.start || shape->mask != cattention_all)
        adjust(shape, bias.start ? bias.start + number * bias.stride : NULL, head_scores);
    }
    const celementwise_scores rows = scores_of(shape, first, heads);
    softmax_forward(&rows, scores, scratch);
    for (ptrdiff_t head = 0; head < heads; head += 1) {
      const cattention_rows value = columns_of(operands->value, shape, first + head);
      const cattention_rows result = columns_of(context, shape, first + head);
      multiply(&(struct product){
          .a = (shape->marks ? scratch : scores) + head * queries * stride, .a_row = stride, .a_column = 1,
          .b = value.start, .b_stride = value.stride, .c = result.start, .c_stride = result.stride, .rows = queries,
          .columns = shape->size, .depth = shape->length, .scale = 1});
    }
  }
}

// The gradients of one head's operands from that of its scores and its probabilities after dropout.
INLINE void multiply_gradients(
    const cattention_shape *shape, const cattention_operands *operands, cattention_rows context_gradient,
    const cattention_operands *gradients, const float *score_gradient, const float *dropped) {
  const ptrdiff_t stride = score_stride(shape->length);
  struct product product = {
      .a = score_gradient, .a_row = stride, .a_column = 1, .b = operands->key.start, .b_stride = operands->key.stride,
      .c = gradients->query.start, .c_stride = gradients->query.stride, .rows = shape->query_count,
      .columns = shape->size, .depth = shape->length, .scale = shape->scale};
  multiply(&product);
  product.a_row = 1;
  product.a_column = stride;
  product.b = operands->query.start;
  product.b_stride = operands->query.stride;
  product.c = gradients->key.start;
  product.c_stride = gradients->key.stride;
  product.rows = shape->length;
  product.depth = shape->query_count;
  multiply(&product);
  product.a = dropped;
  product.b = context_gradient.start;
  product.b_stride = context_gradient.stride;
  product.c = gradients->value.start;
  product.c_stride = gradients->value.stride;
  product.scale = 1;
  multiply(&product);
}

INLINE cattention_operands operands_of(
    const cattention_operands *operands, const cattention_shape *shape, ptrdiff_t head) {
  return (cattention_operands){
      columns_of(operands->query, shape, head), columns_of(operands->key, shape, head),
      columns_of(operands->value, shape, head)};
}

static void backward(
    const cattention_shape *shape, const cattention_operands *operands, const float *probabilities,
    cattention_rows context_gradient, const cattention_operands *gradients, cattention_rows bias_gradient,
    float *scratch, float *dropped_scratch) {
  const ptrdiff_t stride = score_stride(shape->length), queries = shape->query_count;
  const ptrdiff_t group_heads = cattention_group(queries, shape->head_count);
  for (ptrdiff_t first = 0; first < shape->head_count; first += group_heads) {
    const ptrdiff_t heads = least(group_heads, shape->head_count - first);
    const float *shares = probabilities + first * queries * stride;
    for (ptrdiff_t head = 0; head < heads; head += 1)
      multiply_by_transposed(
          columns_of(context_gradient, shape, first + head), queries,
          columns_of(operands->value, shape, first + head), shape->length, shape->size, 1,
          scratch + head * queries * stride);
    const celementwise_scores rows = scores_of(shape, first, heads);
    softmax_backward(&rows, scratch, shares, dropped_scratch);
    for (ptrdiff_t head = 0; head < heads; head += 1) {
      const ptrdiff_t number = first + head, index = head * queries * stride;
      const cattention_operands head_operands = operands_of(operands, shape, number);
      const cattention_operands head_gradients = operands_of(gradients, shape, number);
      if (bias_gradient.start)
        for (ptrdiff_t query = 0; query < queries; query += 1)
          add_bias_gradient(
              shape, position(shape, query), scratch + index + query * stride,
              bias_gradient.start + number * bias_gradient.stride);
      multiply_gradients(
          shape, &head_operands, columns_of(context_gradient, shape, number), &head_gradients, scratch + index,
          (shape->marks ? dropped_scratch : shares) + index);
    }
  }
}

const struct version VERSION = {forward, backward};
