// Random products beside the chain that defines them. In C, so that the same trials run where no Swift is.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Makes products `first` ..< `first + count` of an endless list of random ones (m, n, k, strides, orientations, starts,
// scales, numbers with NaN, infinities and subnormals), each with every operand between pages that nobody may touch.
// `rounds` makes them of bfloat16, without scales. Returns how many differ from the chain in any bit (but
// a NaN's), or write outside C, and prints the first of them. `digest` is that of the results, NaNs made alike: it is
// equal for every level and processor.
int64_t product_trials(int64_t first, int64_t count, bool rounds, uint64_t *digest);
