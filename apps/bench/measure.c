// SPDX-License-Identifier: MIT
#include "measure.h"

#include "error.h"
#include "pipe.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define NANOSECONDS_PER_SECOND 1000000000ull
#define TIMED "BENCH_TIMED" // in the environment, so that it reaches the partners

unsigned warm_up = 64, rounds = 256;

#define COUNTER_ROUNDS 256u

uint64_t counter_cost(void) {
    uint64_t least = UINT64_MAX;
    for (unsigned round = 0; round < COUNTER_ROUNDS; round++) {
        uint64_t start = counter();
        uint64_t span = counter() - start;
        if (span < least)
            least = span;
    }
    return least;
}

// With two processes of one thread each, every switch is one of address spaces: a write to CR3.
static uint64_t switches(void) {
    static long handle;
    if (handle <= 0)
        handle = must(pipe_open("/kernel/info", RIGHT_WRITE), "/kernel/info");
    const struct info_request request = {INFO_SYSTEM, 0, 0};
    struct info_system system;
    must(pipe_call(handle, &request, sizeof request, &system, sizeof system, DEADLINE_NONE), "/kernel/info");
    return system.switches;
}

struct sample sample_begin(void) {
    return (struct sample){.least = UINT64_MAX, .switches = switches()};
}

void sample_end(struct sample *sample) {
    sample->switches = (switches() - sample->switches + rounds / 2) / rounds;
}

void measure_time(void) {
    setenv(TIMED, "yes", 1);
}

static bool is_timed(void) {
    return getenv(TIMED) != NULL;
}

const char *measure_unit(void) {
    return is_timed() ? "nanoseconds" : "instructions";
}

// Spans that are timed are small: a second of cycles times a second of nanoseconds fits 64 bits.
static uint64_t nanoseconds(uint64_t cycles) {
    const struct clock_request request = {CLOCK_NOW, 0, 0};
    struct clock_time time;
    long clock = must(pipe_open("/kernel/clock", RIGHT_WRITE), "/kernel/clock");
    must(pipe_call(clock, &request, sizeof request, &time, sizeof time, DEADLINE_NONE), "/kernel/clock");
    pipe_close(clock);
    return cycles * NANOSECONDS_PER_SECOND / time.cycles_per_second;
}

void figure_report(const char *name, const struct sample *sample, uint64_t other, uint64_t parts) {
    uint64_t span = sample->least > other ? sample->least - other : 0; // times vary
    if (is_timed())
        span = nanoseconds(span);
    // Rounded up, for the bounds say what it is at most.
    printf("bench %s %llu %s cr3=%llu\n", name, (unsigned long long)((span + parts - 1) / parts), measure_unit(),
           (unsigned long long)sample->switches);
    fflush(stdout);
}

long must(long result, const char *what) {
    if (result >= 0)
        return result;
    printf("bench-error %s: %s\n", what, error_name(result));
    exit(1);
}
