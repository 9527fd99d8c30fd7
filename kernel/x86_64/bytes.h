// SPDX-License-Identifier: MIT
// Copies by REP MOVSQ, and the tail by bytes.
#ifndef X86_64_BYTES_H
#define X86_64_BYTES_H

#include <stddef.h>

#define WORD_BYTES 8u

// A constant multiple of 8 needs no tail copy.
static inline void machine_copy(void *to, const void *from, size_t length) {
    size_t words = length / WORD_BYTES, bytes = length % WORD_BYTES;
    if (__builtin_constant_p(bytes) && bytes == 0) {
        __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words)::"memory");
        return;
    }
    __asm__ volatile("rep movsq\n\t"
                     "mov %3, %2\n\t"
                     "rep movsb"
                     : "+D"(to), "+S"(from), "+c"(words)
                     : "r"(bytes)
                     : "memory");
}

static inline void machine_clear(void *to, size_t length) {
    size_t words = length / WORD_BYTES, bytes = length % WORD_BYTES;
    __asm__ volatile("rep stosq\n\t"
                     "mov %2, %1\n\t"
                     "rep stosb"
                     : "+D"(to), "+c"(words)
                     : "r"(bytes), "a"(0)
                     : "memory");
}

#endif
