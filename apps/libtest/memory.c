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
    for (size_t index = 0; index < block->size; index++)
        if (block->bytes[index] != mark)
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
    for (int index = 0; index < NUMBERS; index++)
        numbers[index] = rand();
    key = numbers[NUMBERS / 2];
    qsort(numbers, NUMBERS, sizeof *numbers, numbers_compare);
    for (int index = 1; index < NUMBERS; index++)
        is_sorted = is_sorted && numbers[index - 1] <= numbers[index];
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

static void check_refused(void *cursor, const char *name) {
    check(!cursor && errno == ENOMEM, name);
    free(cursor);
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
    void *cursor = NULL;
    check(blocks_stay(), "malloc, realloc, free");
    unsigned char *zeroes = calloc(1000, 100);
    bool is_clear = zeroes != NULL;
    for (int number = 0; number < 100000 && is_clear; number++)
        is_clear = zeroes[number] == 0;
    free(zeroes);
    check(is_clear, "calloc clears");
    errno = 0;
    cursor = malloc(huge);
    check(!cursor && errno == ENOMEM, "malloc of too much");
    free(cursor);
    cursor = calloc(huge, 4);
    check(!cursor, "calloc of too much");
    free(cursor);
    check_overflows();
    check(posix_memalign(&cursor, 4096, 100) == 0 && (uintptr_t)cursor % 4096 == 0, "posix_memalign");
    free(cursor);
    check_sorting();
    check(deep(DEPTH) == DEPTH, "a deep stack");
}
