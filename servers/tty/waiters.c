// SPDX-License-Identifier: MIT
#include "waiters.h"

#include "pipe.h"

void waiters_add(struct waiters *waiters, uint64_t token) {
    if (waiters->count == WAITERS_MAX)
        pipe_reply(token, NULL, -PIPE_EBUSY);
    else
        waiters->tokens[waiters->count++] = token;
}

void waiters_reply(struct waiters *waiters, const void *reply, size_t length) {
    while (waiters->count)
        pipe_reply(waiters->tokens[--waiters->count], reply, (long)length);
}
