// SPDX-License-Identifier: MIT
#include "many.h"

#include "error.h"
#include "measure.h"
#include "page.h"
#include "pipe.h"
#include "process.h"
#include "protocol/memory.h"

#include <stdio.h>

#define LAST 10u // of which the cheapest counts: others meet a fresh page of the kernel's

// ---- What is in use ----

static long info, memory;

void usage_open(void) {
    info = must(pipe_open("/kernel/info", RIGHT_WRITE), "/kernel/info");
    memory = must(pipe_open(MEMORY_PIPE, RIGHT_WRITE), MEMORY_PIPE);
}

uint64_t usage_charged(uint32_t pid) {
    const struct info_request request = {INFO_PROCESS, pid, 0};
    struct info_process process;
    must(pipe_call(info, &request, sizeof request, &process, sizeof process, DEADLINE_NONE), "info");
    return process.quota_used;
}

struct usage usage_now(void) {
    const struct info_request system_request = {INFO_SYSTEM, 0, 0};
    const struct memory_request pool_request = {.operation = MEMORY_STATISTICS};
    struct info_system system;
    struct memory_stats pool;
    must(pipe_call(info, &system_request, sizeof system_request, &system, sizeof system, DEADLINE_NONE), "info");
    must(pipe_call(memory, &pool_request, sizeof pool_request, &pool, sizeof pool, DEADLINE_NONE), MEMORY_PIPE);
    uint64_t reserve_free = system.reserve - system.reserve_used, unused = pool.free_pages * PAGE_SIZE + reserve_free;
    return (struct usage){.reserve = system.reserve_used,
                          .reserve_free = reserve_free,
                          .charged = usage_charged(process_id()),
                          .pool = (pool.pages - pool.free_pages) * PAGE_SIZE,
                          .memory = system.memory,
                          .system = system.memory - unused};
}

// ---- Many of an object ----

void each_report(const char *kind, const char *name, unsigned count, uint64_t before, uint64_t now) {
    uint64_t bytes = now > before ? now - before : 0;
    printf("bench memory_%s_%s_%u %llu bytes\n", kind, name, count, (unsigned long long)((bytes + count / 2) / count));
}

void last_report(const char *name, unsigned count, uint64_t span) {
    printf("bench memory_last_%s_%u %llu instructions\n", name, count, (unsigned long long)span);
    fflush(stdout);
}

void stop_report(const char *name, unsigned count, const char *why) {
    printf("bench memory_stop_%s %u %s\n", name, count, why);
    fflush(stdout);
}

static void many_report(const struct object *object, unsigned count, const struct usage *before, uint64_t last) {
    struct usage now = usage_now();
    each_report("reserve", object->name, count, before->reserve, now.reserve);
    each_report("charged", object->name, count, before->charged, now.charged);
    if (object->is_in_pool)
        each_report("pool", object->name, count, before->pool, now.pool);
    last_report(object->name, count, last);
}

// Makes numbers from `from` on up to `end`; where it stopped: at the end, or with *error set.
static unsigned some_make(const struct object *object, unsigned from, unsigned end, uint64_t *last, long *error) {
    *last = UINT64_MAX;
    for (unsigned number = from; number < end; number++) {
        if (object->prepare)
            object->prepare(number);
        uint64_t start = counter();
        long result = object->make(number);
        uint64_t span = counter() - start;
        if (result < 0) {
            *error = result;
            return number;
        }
        if (object->finish)
            object->finish(number, result);
        if (number + LAST >= end && span < *last)
            *last = span;
    }
    return end;
}

unsigned many_make(const struct object *object, unsigned first, unsigned most) {
    uint64_t last;
    long error = 0;
    struct usage before = usage_now();
    unsigned count = 0;
    for (unsigned next = first; next <= most; next *= 10) {
        count = some_make(object, count, next, &last, &error);
        if (error) {
            stop_report(object->name, count, error_name(error));
            return count;
        }
        many_report(object, next, &before, last);
    }
    return count;
}

uint64_t share_make(const struct object *object, unsigned count) {
    uint64_t last;
    long error = 0;
    some_make(object, 0, count, &last, &error);
    must(error, object->name);
    return last;
}
