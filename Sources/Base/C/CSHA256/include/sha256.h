// The compression function of SHA-256 (FIPS 180-4, 6.2.2) by the processor's own instructions, where it has them, and
// its constants.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The 64 constants of the rounds.
const uint32_t *csha256_round_constants(void);

// Whether this processor has SHA-256 instructions that this program can use.
bool csha256_is_accelerated(void);

// Folds `count` blocks of 64 bytes into a state of 8 words. Only for processors that are accelerated.
void csha256_fold(uint32_t *state, const uint8_t *blocks, size_t count);
