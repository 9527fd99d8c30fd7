// SPDX-License-Identifier: MIT
// An allocator of small numbers: a bit for each number, 1 while the number is in use.
#ifndef KERNEL_BITS_H
#define KERNEL_BITS_H

#include <stdint.h>

#define WORD_BITS 64u

// Allocates the lowest free number. Returns `limit`, a multiple of WORD_BITS, if no number is free.
static inline uint32_t bit_take(uint64_t *words, uint32_t limit) {
    for (uint32_t word = 0; word < limit / WORD_BITS; word++) {
        if (!~words[word])
            continue;
        uint32_t bit = (uint32_t)__builtin_ctzll(~words[word]);
        words[word] |= 1ull << bit;
        return word * WORD_BITS + bit;
    }
    return limit;
}

static inline void bit_give(uint64_t *words, uint32_t number) {
    words[number / WORD_BITS] &= ~(1ull << (number % WORD_BITS));
}

#endif
