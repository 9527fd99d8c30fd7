// SPDX-License-Identifier: MIT
// What a collector holds, in the order of time, with names, and replies matched with their calls.
#ifndef TRACE_CAPTURE_H
#define TRACE_CAPTURE_H

#include "collector.h"
#include "passage.h"

#include <stddef.h>

struct captured {
    const struct record *record;
    struct passage passage;
    size_t interface;    // index in `pipes`; `pipe_count`: no pipe, or an unknown one
    uint64_t reply_time; // nanoseconds since the call, 0: unknown, or no reply
};

struct capture {
    struct collect_status status;
    struct collect_pipe *pipes;
    size_t pipe_count;
    struct captured *all;
    size_t count;
};

// 0, or a negated error.
long capture_load(struct capture *capture, long collector);
// Writes it as pcapng (draft-ietf-opsawg-pcapng). False: it could not be written.
bool capture_write(struct capture *capture, const char *path);

#endif
