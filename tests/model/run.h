// SPDX-License-Identifier: MIT
// Runs a byte string: each operation on pipens and on its model, compared after each.
#ifndef TESTS_MODEL_RUN_H
#define TESTS_MODEL_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RUN_OPERATIONS_MAX 512u // what follows is not run

struct run {
    const char *difference; // NULL: none
    uint64_t operations;    // that were run
};
// The whole life of a namespace. `is_told`: each operation is printed, as a comment of TAP.
struct run run_bytes(const uint8_t *bytes, size_t size, bool is_told);

#endif
