// SPDX-License-Identifier: MIT
// Callers that get the same reply later.
#ifndef TTY_WAITERS_H
#define TTY_WAITERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WAITERS_MAX 16u

struct waiters {
    uint32_t count;
    uint64_t tokens[WAITERS_MAX];
};

// Keeps a caller; one too many gets -EBUSY at once.
void waiters_add(struct waiters *waiters, uint64_t token);
// Replies to all.
void waiters_reply(struct waiters *waiters, const void *reply, size_t length);

#endif
