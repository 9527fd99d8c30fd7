// SPDX-License-Identifier: MIT
// Instructions of the processor that programs use beside system calls: the random number generator and the time-stamp
// counter (Intel SDM volume 2; RDRAND: volume 1, 7.3.17).
#ifndef LIB_PROCESSOR_H
#define LIB_PROCESSOR_H

#include <stdbool.h>
#include <stdint.h>

#define CPUID_FEATURES 1u
#define CPUID_RDRAND (1u << 30)    // in ECX
#define PROCESSOR_RANDOM_TRIES 10u // the manual's number: a generator that fails so often is broken

static inline bool processor_has_random(void) {
    uint32_t leaf = CPUID_FEATURES, features = 0;
    __asm__("cpuid" : "+a"(leaf), "+c"(features) : : "ebx", "edx");
    return features & CPUID_RDRAND;
}

// A random word, if processor_has_random. False: the generator is broken.
static inline bool processor_random(uint64_t *word) {
    bool is_good = false;
    for (unsigned count = 0; count < PROCESSOR_RANDOM_TRIES && !is_good; count++)
        __asm__ volatile("rdrand %0" : "=r"(*word), "=@ccc"(is_good));
    return is_good;
}

static inline uint64_t processor_cycles(void) {
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

#endif
