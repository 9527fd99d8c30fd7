// SPDX-License-Identifier: MIT
#include "counts.h"

#include "info.h"
#include "pipe.h"
#include "protocol/memory.h"

#include <stdio.h>

// Handles of all processes; pages of the servers, whose tables are touched as pids and the log's lines go up, to a
// bound.
static unsigned long handles_count(unsigned long *server_pages) {
    struct info_process process;
    unsigned long count = 0;
    for (uint32_t pid = 0; info_ask(INFO_PROCESS, pid, &process, sizeof process) == 0; pid = process.pid + 1) {
        count += process.handles;
        if (process.kind == KIND_SERVER)
            *server_pages += (unsigned long)process.pages;
    }
    return count;
}

int counts_tell(void) {
    struct memory_request request = {.operation = MEMORY_STATISTICS};
    struct memory_stats stats = {0};
    struct info_system system = {0};
    long memory = pipe_open(MEMORY_PIPE, RIGHT_WRITE);
    pipe_call(memory, &request, sizeof request, &stats, sizeof stats, DEADLINE_NONE);
    info_ask(INFO_SYSTEM, 0, &system, sizeof system);
    unsigned long server_pages = 0, handles = handles_count(&server_pages);
    printf("%lu processes, %lu pipes, %lu handles, %lu pages; the servers have %lu\n", (unsigned long)system.processes,
           (unsigned long)system.pipes, handles, (unsigned long)stats.free_pages + server_pages, server_pages);
    return 0;
}
