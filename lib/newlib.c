// SPDX-License-Identifier: MIT
// What newlib needs of the system ("Syscalls", newlib's manual): its stubs end in pipe calls. Those for files stand in
// files.c.
#include "clock.h"
#include "descriptor.h"
#include "info.h"
#include "page.h"
#include "pipe.h"
#include "process.h"
#include "protocol/memory.h"
#include "wall.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

static long fail(long error) {
    errno = (int)-error;
    return -1;
}

// ---- Memory ----

void *sbrk(ptrdiff_t amount) {
    static long handle;
    pipe_open_once(&handle, MEMORY_PIPE);
    struct memory_request request = {.operation = MEMORY_GROW, .amount = (uint64_t)amount};
    struct memory_reply reply;
    long result = pipe_call(handle, &request, sizeof request, &reply, sizeof reply, DEADLINE_NONE);
    return result < 0 ? (void *)fail(result == -PIPE_EDQUOT ? -PIPE_ENOMEM : result) : (void *)reply.address;
}

int posix_memalign(void **link, size_t alignment, size_t size) {
    if (alignment < sizeof *link || alignment & (alignment - 1))
        return EINVAL;
    void *memory = memalign(alignment, size);
    if (!memory)
        return ENOMEM;
    *link = memory;
    return 0;
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

// The processor's time that this process has used; where it may not ask for that, the time since boot.
static uint64_t processor_time(void) {
    struct info_process info;
    uint32_t pid = process_id();
    return info_ask(INFO_PROCESS, pid, &info, sizeof info) == 0 && info.pid == pid ? info.processor_time : clock_now();
}

clock_t times(struct tms *buffer) {
    *buffer = (struct tms){.tms_utime = (clock_t)(processor_time() / (SECOND / CLOCKS_PER_SEC))};
    return (clock_t)(clock_now() / (SECOND / CLOCKS_PER_SEC));
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_PROCESS_CPUTIME_ID)
        return (int)fail(-PIPE_EINVAL);
    uint64_t now = clock == CLOCK_REALTIME ? wall_now() : clock == CLOCK_MONOTONIC ? clock_now() : processor_time();
    *time = (struct timespec){.tv_sec = (time_t)(now / SECOND), .tv_nsec = (long)(now % SECOND)};
    return 0;
}

int clock_getres(clockid_t clock, struct timespec *resolution) {
    struct timespec now;
    int result = clock_gettime(clock, &now);
    if (result == 0 && resolution)
        *resolution = (struct timespec){.tv_nsec = 1};
    return result;
}

// newlib's sleep and usleep end here, too.
int nanosleep(const struct timespec *wanted, struct timespec *left) {
    if (wanted->tv_sec < 0 || wanted->tv_nsec < 0 || wanted->tv_nsec >= (long)SECOND)
        return (int)fail(-PIPE_EINVAL);
    clock_sleep((uint64_t)wanted->tv_sec * SECOND + (uint64_t)wanted->tv_nsec);
    if (left)
        *left = (struct timespec){0};
    return 0;
}

// ---- The process ----

_Noreturn void _exit(int status) {
    process_exit((uint32_t)status & 0xff);
}

int getpid(void) {
    return (int)process_id();
}

long sysconf(int what) {
    switch (what) {
    case _SC_PAGESIZE:
        return PAGE_SIZE;
    case _SC_CLK_TCK:
        return CLOCKS_PER_SEC;
    case _SC_OPEN_MAX:
        return DESCRIPTORS_MAX;
    case _SC_NPROCESSORS_CONF:
    case _SC_NPROCESSORS_ONLN:
        return 1;
    default:
        return fail(-PIPE_EINVAL);
    }
}
