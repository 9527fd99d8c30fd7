// SPDX-License-Identifier: MIT
#include "libtest.h"

#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS 500
#define ROUNDS 20000
#define BLOCK_MAX 4000
#define NUMBERS 2000
#define DEPTH 1000

struct block {
    size_t size;
    unsigned char *bytes;
};

static bool block_is_whole(const struct block *block, unsigned char mark) {
    for (size_t place = 0; place < block->size; place++)
        if (block->bytes[place] != mark)
            return false;
    return true;
}

// Blocks come, grow and go in a random order; what each holds must stay.
static bool blocks_stay(void) {
    static struct block blocks[BLOCKS];
    bool holds = true;
    for (int round = 0; round < ROUNDS && holds; round++) {
        int number = rand() % BLOCKS;
        struct block *block = &blocks[number];
        holds = block_is_whole(block, (unsigned char)number);
        block->size = block->size && rand() % 2 ? 0 : (size_t)(rand() % BLOCK_MAX) + 1;
        if (block->size == 0) {
            free(block->bytes);
            block->bytes = NULL;
            continue;
        }
        block->bytes = realloc(block->bytes, block->size);
        if (!block->bytes)
            return false;
        memset(block->bytes, number, block->size);
    }
    for (int number = 0; number < BLOCKS; number++)
        free(blocks[number].bytes);
    return holds;
}

static int numbers_compare(const void *first, const void *second) {
    int left = *(const int *)first, right = *(const int *)second;
    return (left > right) - (left < right);
}

static void check_sorting(void) {
    int numbers[NUMBERS], key;
    bool is_sorted = true;
    for (int place = 0; place < NUMBERS; place++)
        numbers[place] = rand();
    key = numbers[NUMBERS / 2];
    qsort(numbers, NUMBERS, sizeof *numbers, numbers_compare);
    for (int place = 1; place < NUMBERS; place++)
        is_sorted = is_sorted && numbers[place - 1] <= numbers[place];
    check(is_sorted, "qsort");
    int *found = bsearch(&key, numbers, NUMBERS, sizeof *numbers, numbers_compare);
    check(found && *found == key, "bsearch");
}

// A stack of a thousand frames of a kilobyte each.
static int deep(int depth) {
    volatile char frame[1024];
    frame[0] = (char)depth;
    frame[sizeof frame - 1] = 1;
    return depth == 0 ? 0 : deep(depth - 1) + frame[sizeof frame - 1] + (frame[0] != (char)depth);
}

static void check_refused(void *place, const char *name) {
    check(!place && errno == ENOMEM, name);
    free(place);
    errno = 0;
}

// Sizes that overflow.
static void check_overflows(void) {
    volatile size_t half = SIZE_MAX / 2 + 2, all = SIZE_MAX;
    errno = 0;
    check_refused(calloc(half, 2), "calloc of what overflows");
    check_refused(calloc(2, half), "calloc of what overflows, the other way");
    check_refused(reallocarray(NULL, half, 2), "reallocarray of what overflows");
    check_refused(realloc(NULL, all), "realloc of what overflows");
    check_refused(memalign(64, all - 64), "memalign of what overflows");
    check_refused(valloc(all), "valloc of what overflows");
    check_refused(pvalloc(all), "pvalloc of what overflows");
}

void check_memory(void) {
    volatile size_t huge = SIZE_MAX / 2;
    void *place = NULL;
    check(blocks_stay(), "malloc, realloc, free");
    unsigned char *zeroes = calloc(1000, 100);
    bool is_clear = zeroes != NULL;
    for (int number = 0; number < 100000 && is_clear; number++)
        is_clear = zeroes[number] == 0;
    free(zeroes);
    check(is_clear, "calloc clears");
    errno = 0;
    place = malloc(huge);
    check(!place && errno == ENOMEM, "malloc of too much");
    free(place);
    place = calloc(huge, 4);
    check(!place, "calloc of too much");
    free(place);
    check_overflows();
    check(posix_memalign(&place, 4096, 100) == 0 && (uintptr_t)place % 4096 == 0, "posix_memalign");
    free(place);
    check_sorting();
    check(deep(DEPTH) == DEPTH, "a deep stack");
}
