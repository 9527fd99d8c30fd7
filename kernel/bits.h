// SPDX-License-Identifier: MIT
// Small numbers that are taken and given back: a bit for each, 1 while it is in use.
#ifndef KERNEL_BITS_H
#define KERNEL_BITS_H

#include <stdint.h>

#define WORD_BITS 64u

// The lowest number that is free, in use from now on; `limit`, which fills whole words, if there is none.
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
