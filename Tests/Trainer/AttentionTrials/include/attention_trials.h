// Random attentions beside the products, the softmax and the loops that define them. In C, so that the same trials run
// where no Swift is.
#pragma once

#include <stdint.h>

// Makes attentions `first` ..< `first + count` of an endless list of random ones (lengths, heads and their sizes, chosen
// queries, strides, masks, biases, dropout, numbers with NaN and infinities), forward and backward, each with every operand
// between pages that nobody may touch. Returns how many differ in any bit (but a NaN's) from a composition of scalar steps,
// or write elsewhere, and prints the first of them. `digest` is that of the results, NaNs made alike: it is equal for every
// level and processor.
int64_t attention_trials(int64_t first, int64_t count, uint64_t *digest);
