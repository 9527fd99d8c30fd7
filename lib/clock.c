// SPDX-License-Identifier: MIT
#include "clock.h"

#include "pipe.h"

static long clock_pipe(void) {
    static long handle;
    return pipe_open_once(&handle, "/kernel/clock");
}

static uint64_t cycles_now(void) {
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

// The kernel's time, advanced by the processor's counter.
uint64_t clock_now(void) {
    static struct clock_time start;
    if (!start.cycles_per_second) {
        struct clock_request request = {.operation = CLOCK_NOW};
        if (pipe_call(clock_pipe(), &request, sizeof request, &start, sizeof start, DEADLINE_NONE) < 0)
            return 0;
    }
    unsigned __int128 passed = cycles_now() - start.cycles;
    return start.time + (uint64_t)(passed * SECOND / start.cycles_per_second);
}

uint64_t clock_deadline(uint64_t nanoseconds) {
    uint64_t now = clock_now();
    return nanoseconds < DEADLINE_NONE - now ? now + nanoseconds : DEADLINE_NONE;
}

static long clock_ask(enum clock_operation operation, long event, uint64_t time) {
    struct clock_request request = {.operation = operation, .time = time};
    struct attached attached = {.handles = {(uint32_t)event}, .handle_count = 1};
    return pipe_call_attached(clock_pipe(), &request, sizeof request, &attached, NULL, 0, DEADLINE_NONE);
}

long clock_arm(long event, uint64_t time) {
    return clock_ask(CLOCK_ARM, event, time);
}

long clock_disarm(long event) {
    return clock_ask(CLOCK_DISARM, event, 0);
}

void clock_sleep(uint64_t nanoseconds) {
    pipe_wait(clock_deadline(nanoseconds));
}
