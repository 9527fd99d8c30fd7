// SPDX-License-Identifier: MIT
// The collector: a process that `trace start` leaves running. It holds what /bus/trace, and taps, have told in memory
// of a chosen size, and answers COLLECTOR_PIPE. Only programs named `trace` get an answer: EACCES.
#ifndef TRACE_COLLECTOR_H
#define TRACE_COLLECTOR_H

#include "abi.h"

#include <stdbool.h>

#define COLLECTOR_PIPE "/app/trace"

enum collector_operation {
    COLLECT_STATUS, // struct collect_request -> struct collect_status
    COLLECT_STOP,   // struct collect_request: records no more; what is held stays
    COLLECT_QUIT,   // struct collect_request: ends the collector
    // struct collect_request: the next records, from the oldest on if `index` is 0 -> struct record, each with its
    // bytes in RECORD_SIZE; none at the end
    COLLECT_NEXT,
    COLLECT_PIPES, // struct collect_request: pipe `index` -> struct collect_pipe. ENOENT: there are no more.
    COLLECT_NAME,  // struct collect_request: of pid `index` -> its name, without a terminator
    COLLECT_OPERATIONS
};

struct collect_request {
    uint32_t operation, index;
};

struct collect_status {
    uint32_t is_recording, has_bodies;
    uint64_t held, bytes, limit; // records in memory, their bytes, and how many there may be
    uint64_t dropped;            // records that made room for later ones
    uint64_t lost;               // that the kernel dropped before they were read
    uint64_t lost_bus;           // of them, from /bus/trace
};

struct collect_pipe {
    uint32_t number, owner, flow, is_kernel;
    uint64_t lost;
    char path[PATH_LENGTH_MAX + 1];
    uint32_t interface; // of a pcapng file: its writer sets it
    uint32_t unused;
};

struct record {
    uint64_t time, value;
    uint32_t kind; // enum trace_operation
    uint32_t pid, pipe;
    uint32_t length, held; // of the message; of its bytes that follow
    uint32_t unused;
};
#define RECORD_SIZE(held) ((sizeof(struct record) + (held) + 7u) & ~(size_t)7u)

// What is recorded. Empty lists take all.
#define FILTER_PATHS_MAX 8u
struct filter {
    bool has_bodies;
    uint64_t limit;
    uint32_t pid;
    uint32_t kinds; // bit n: enum trace_operation n
    const char *paths[FILTER_PATHS_MAX];
    unsigned path_count;
};

// Begins to record and never comes back, or returns a negated error.
long collect(const struct filter *filter);

#endif
