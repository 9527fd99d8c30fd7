// SPDX-License-Identifier: MIT
// Random operations, in strings that each live in a namespace of their own. Prints TAP; on a difference the operations
// and a file with the bytes, which the other drivers replay.
#include "operation.h"
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STRING_SIZE (RUN_OPERATIONS_MAX * OPERATION_BYTES)
#define OPERATIONS_DEFAULT 200000u
#define SEED_DEFAULT 1u

static uint64_t state;

// xorshift64* (G. Marsaglia, "Xorshift RNGs", 2003; S. Vigna, "An experimental exploration...", 2016).
static uint64_t next_random(void) {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545f4914f6cdd1dull;
}

// Each string prefers few values for some of its bytes: so its operations meet more often, and differently in each
// string (A. Groce et al., "Swarm Testing", 2012).
#define PREFERRED 8u
struct taste {
    uint8_t values[OPERATION_BYTES][PREFERRED];
    uint8_t strength[OPERATION_BYTES]; // of 256 bytes, how many are preferred ones
};

static void taste_choose(struct taste *taste) {
    static const uint8_t strengths[] = {0, 0, 64, 128, 128, 200};
    for (uint32_t byte = 0; byte < OPERATION_BYTES; byte++) {
        uint64_t values = next_random();
        memcpy(taste->values[byte], &values, PREFERRED);
        taste->strength[byte] = strengths[next_random() % sizeof strengths];
    }
}

static void fill_random(uint8_t *bytes) {
    struct taste taste;
    taste_choose(&taste);
    for (size_t index = 0; index < STRING_SIZE; index++) {
        uint64_t value = next_random() >> 32;
        uint8_t preferred = taste.values[index % OPERATION_BYTES][value % PREFERRED];
        bool is_preferred = (value >> 8 & 0xff) < taste.strength[index % OPERATION_BYTES];
        bytes[index] = is_preferred ? preferred : (uint8_t)(value >> 16);
    }
}

static bool differs(const uint8_t *bytes, size_t size) {
    return run_bytes(bytes, size, false).difference != NULL;
}

// One pass: leaves out chunks of this size that the difference does not need. Returns the size that is left.
static size_t leave_out(uint8_t *bytes, size_t size, size_t chunk) {
    static uint8_t candidate[STRING_SIZE];
    for (size_t index = 0; index + chunk <= size;) {
        memcpy(candidate, bytes, index);
        memcpy(candidate + index, bytes + index + chunk, size - index - chunk);
        if (!differs(candidate, size - chunk)) {
            index += chunk;
            continue;
        }
        size -= chunk;
        memcpy(bytes, candidate, size);
    }
    return size;
}

// Leaves out whatever the difference does not need: ever smaller runs of operations, until no single one can go.
static size_t reduce(uint8_t *bytes, size_t size) {
    for (size_t chunk = size / 2; chunk >= OPERATION_BYTES; chunk /= 2)
        size = leave_out(bytes, size, chunk - chunk % OPERATION_BYTES);
    for (size_t before = size + 1; size < before;) {
        before = size;
        size = leave_out(bytes, size, OPERATION_BYTES);
    }
    return size;
}

static void write_file(const char *name, const uint8_t *bytes, size_t size) {
    FILE *file = fopen(name, "wb");
    if (!file || fwrite(bytes, 1, size, file) != size)
        printf("# %s could not be written\n", name);
    if (file)
        fclose(file);
}

static int report(uint8_t *bytes, uint64_t operations, uint64_t seed) {
    char name[64];
    size_t size = reduce(bytes, STRING_SIZE);
    snprintf(name, sizeof name, "difference-%lu.bin", seed);
    write_file(name, bytes, size);
    struct run run = run_bytes(bytes, size, true);
    printf("not ok 1 - within %lu operations: %s\n# seed %lu, bytes in %s\n", operations, run.difference, seed, name);
    return EXIT_FAILURE;
}

int main(int count, char **arguments) {
    uint64_t wanted = OPERATIONS_DEFAULT, seed = SEED_DEFAULT, operations = 0;
    for (int index = 1; index + 1 < count; index += 2) {
        if (strcmp(arguments[index], "--operations") == 0)
            wanted = strtoull(arguments[index + 1], NULL, 0);
        else if (strcmp(arguments[index], "--seed") == 0)
            seed = strtoull(arguments[index + 1], NULL, 0);
    }
    state = seed * 0x9e3779b97f4a7c15ull + 1;
    static uint8_t bytes[STRING_SIZE];
    printf("1..1\n");
    while (operations < wanted) {
        fill_random(bytes);
        struct run run = run_bytes(bytes, STRING_SIZE, false);
        operations += run.operations;
        if (run.difference)
            return report(bytes, operations, seed);
    }
    printf("ok 1 - %lu operations, no difference\n", operations);
    return EXIT_SUCCESS;
}
