// SPDX-License-Identifier: MIT
// The functions that the compiler calls for its own copies.
#include "bytes.h"

#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t length);
void *memcpy(void *restrict to, const void *restrict from, size_t length) {
    machine_copy(to, from, length);
    return to;
}

void *memset(void *to, int byte, size_t length);
void *memset(void *to, int byte, size_t length) {
    uint8_t *bytes = to;
    if (byte == 0)
        machine_clear(to, length);
    else
        for (size_t index = 0; index < length; index++)
            ((volatile uint8_t *)bytes)[index] = (uint8_t)byte;
    return to;
}
