// SPDX-License-Identifier: MIT
// What newlib needs of the system ("Syscalls", newlib's manual): its stubs end in pipe calls. Those for files stand in
// files.c.
#include "clock.h"
#include "pipe.h"
#include "process.h"
#include "protocol/memory.h"
#include "wall.h"

#include <errno.h>
#include <sys/time.h>
#include <sys/times.h>
#include <unistd.h>

static long fail(long error) {
    errno = (int)-error;
    return -1;
}

// ---- Memory ----

void *sbrk(ptrdiff_t amount) {
    static long handle;
    if (handle <= 0)
        handle = pipe_open(MEMORY_PIPE, RIGHT_WRITE);
    struct memory_request request = {.operation = MEMORY_GROW, .amount = (uint64_t)amount};
    struct memory_reply reply;
    long result = pipe_call(handle, &request, sizeof request, &reply, sizeof reply, DEADLINE_NONE);
    return result < 0 ? (void *)fail(result == -PIPE_EDQUOT ? -PIPE_ENOMEM : result) : (void *)reply.address;
}

// ---- Time ----

#define MICROSECOND 1000ull

int gettimeofday(struct timeval *time, void *zone) {
    (void)zone;
    uint64_t now = wall_now();
    time->tv_sec = (time_t)(now / SECOND);
    time->tv_usec = (suseconds_t)(now % SECOND / MICROSECOND);
    return 0;
}

clock_t times(struct tms *buffer) {
    uint64_t now = clock_now() / (SECOND / CLOCKS_PER_SEC);
    *buffer = (struct tms){.tms_utime = (clock_t)now};
    return (clock_t)now;
}

// ---- The process ----

_Noreturn void _exit(int status) {
    process_exit((uint32_t)status & 0xff);
}

int getpid(void) {
    return (int)process_id();
}

int kill(int pid, int signal) {
    if ((uint32_t)pid == process_id())
        process_exit((uint32_t)signal);
    long result = process_kill((uint32_t)pid, (uint32_t)signal);
    return result < 0 ? (int)fail(result) : 0;
}
