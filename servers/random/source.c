// SPDX-License-Identifier: MIT
// The processor's generator, or the time-stamp counter stirred as SplitMix64 does (Steele, Lea, Flood: Fast
// Splittable Pseudorandom Number Generators, 2014).
#include "source.h"

#include "processor.h"

#include <string.h>

static uint64_t word_from_time(void) {
    static uint64_t state;
    uint64_t word = state += processor_cycles() + 0x9e3779b97f4a7c15ull;
    word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9ull;
    word = (word ^ word >> 27) * 0x94d049bb133111ebull;
    return word ^ word >> 31;
}

enum random_source source_fill(uint8_t *bytes, size_t length) {
    enum random_source source = processor_has_random() ? RANDOM_PROCESSOR : RANDOM_TIME;
    uint64_t word;
    for (size_t index = 0; index < length; index += sizeof word) {
        if (source == RANDOM_TIME || !processor_random(&word)) {
            source = RANDOM_TIME;
            word = word_from_time();
        }
        memcpy(bytes + index, &word, length - index < sizeof word ? length - index : sizeof word);
    }
    return source;
}
