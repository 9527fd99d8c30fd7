// SPDX-License-Identifier: MIT
// The entry of libFuzzer (clang -fsanitize=fuzzer); AFL++ links it with its own driver (afl-clang-fast
// -fsanitize=fuzzer).
#include "run.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    struct run run = run_bytes(bytes, size, false);
    if (!run.difference)
        return 0;
    fprintf(stderr, "after %lu operations: %s\n", run.operations, run.difference);
    abort();
}
