// SPDX-License-Identifier: MIT
// Runs each file that is named: what a fuzzer found, and the corpus. TAP, one line a file. With --tell the operations
// too.
#include "operation.h"
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What is after the last operation that is run has no meaning.
#define FILE_SIZE_MAX (RUN_OPERATIONS_MAX * OPERATION_BYTES)

// The file's bytes; false if it cannot be read.
static bool read_file(const char *name, uint8_t *bytes, size_t *size) {
    FILE *file = fopen(name, "rb");
    if (!file)
        return false;
    *size = fread(bytes, 1, FILE_SIZE_MAX, file);
    bool is_good = !ferror(file);
    fclose(file);
    return is_good;
}

// Whether pipens and its model agree on the file.
static bool replay(const char *name, int number, bool is_told) {
    static uint8_t bytes[FILE_SIZE_MAX];
    size_t size = 0;
    if (!read_file(name, bytes, &size)) {
        printf("not ok %d - %s: it cannot be read\n", number, name);
        return false;
    }
    struct run run = run_bytes(bytes, size, is_told);
    if (run.difference)
        printf("not ok %d - %s: after %lu operations: %s\n", number, name, run.operations, run.difference);
    else
        printf("ok %d - %s: %lu operations\n", number, name, run.operations);
    return !run.difference;
}

int main(int count, char **arguments) {
    bool is_told = count > 1 && strcmp(arguments[1], "--tell") == 0;
    int first = is_told ? 2 : 1, status = EXIT_SUCCESS;
    printf("1..%d\n", count - first);
    for (int index = first; index < count; index++)
        if (!replay(arguments[index], index - first + 1, is_told))
            status = EXIT_FAILURE;
    return status;
}
