// SPDX-License-Identifier: MIT
// RDRAND (Intel SDM volume 1, 7.3.17), or the time-stamp counter stirred as SplitMix64 does (Steele, Lea, Flood: Fast
// Splittable Pseudorandom Number Generators, 2014).
#include "source.h"

#include <stdbool.h>
#include <string.h>

#define CPUID_FEATURES 1u
#define CPUID_RDRAND (1u << 30) // in ECX
#define TRIES 10u               // the manual's number: a generator that fails so often is broken

static bool processor_has_generator(void) {
    uint32_t leaf = CPUID_FEATURES, features = 0;
    __asm__("cpuid" : "+a"(leaf), "+c"(features) : : "ebx", "edx");
    return features & CPUID_RDRAND;
}

static bool word_from_processor(uint64_t *word) {
    bool is_good = false;
    for (unsigned count = 0; count < TRIES && !is_good; count++)
        __asm__ volatile("rdrand %0" : "=r"(*word), "=@ccc"(is_good));
    return is_good;
}

static uint64_t word_from_time(void) {
    static uint64_t state;
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    uint64_t word = state += ((uint64_t)high << 32 | low) + 0x9e3779b97f4a7c15ull;
    word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9ull;
    word = (word ^ word >> 27) * 0x94d049bb133111ebull;
    return word ^ word >> 31;
}

enum random_source source_fill(uint8_t *bytes, size_t length) {
    enum random_source source = processor_has_generator() ? RANDOM_PROCESSOR : RANDOM_TIME;
    uint64_t word;
    for (size_t place = 0; place < length; place += sizeof word) {
        if (source == RANDOM_TIME || !word_from_processor(&word)) {
            source = RANDOM_TIME;
            word = word_from_time();
        }
        memcpy(bytes + place, &word, length - place < sizeof word ? length - place : sizeof word);
    }
    return source;
}
