// SPDX-License-Identifier: MIT
// Everything is read off the running system: the kernel's reserve and this process's quota by /kernel/info, the pool by
// /svc/memory. The lines that are printed are those of tests/bench/memory.py.
#include "memory.h"

#include "error.h"
#include "measure.h"
#include "partner.h"
#include "pipe.h"
#include "process.h"
#include "protocol/memory.h"
#include "thread.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define PATH_SIZE 64u
#define MOST 10000u
#define LAST 10u // of which the cheapest counts: others meet a fresh page of the kernel's
#define PAGE_BYTES 4096u
#define KIB 1024u
#define STACK_BYTES 512u
#define PRIORITY 8u // below the first thread's, which so is not kept from making the next

// ---- What is in use ----

struct usage {
    uint64_t reserve; // bytes of the kernel's own memory
    uint64_t charged; // to this process's quota
    uint64_t pool;    // bytes that the memory server has given out
    uint64_t system;  // bytes of all memory that are in use
};

static long info, memory;

static void usage_open(void) {
    info = must(pipe_open("/kernel/info", RIGHT_WRITE), "/kernel/info");
    memory = must(pipe_open(MEMORY_PIPE, RIGHT_WRITE), MEMORY_PIPE);
}

static struct usage usage_now(void) {
    const struct info_request system_request = {INFO_SYSTEM, 0, 0}, process_request = {INFO_PROCESS, process_id(), 0};
    const struct memory_request pool_request = {.operation = MEMORY_STATISTICS};
    struct info_system system;
    struct info_process process;
    struct memory_stats pool;
    must(pipe_call(info, &system_request, sizeof system_request, &system, sizeof system, DEADLINE_NONE), "info");
    must(pipe_call(info, &process_request, sizeof process_request, &process, sizeof process, DEADLINE_NONE), "info");
    must(pipe_call(memory, &pool_request, sizeof pool_request, &pool, sizeof pool, DEADLINE_NONE), MEMORY_PIPE);
    uint64_t unused = pool.free_pages * PAGE_BYTES + system.reserve - system.reserve_used;
    return (struct usage){.reserve = system.reserve_used,
                          .charged = process.quota_used,
                          .pool = (pool.pages - pool.free_pages) * PAGE_BYTES,
                          .system = system.memory - unused};
}

// ---- Many of an object ----

static void each_report(const char *kind, const char *name, unsigned count, uint64_t before, uint64_t now) {
    uint64_t bytes = now > before ? now - before : 0;
    printf("bench memory_%s_%s_%u %llu bytes\n", kind, name, count, (unsigned long long)((bytes + count / 2) / count));
}

// What is made: `make` alone is counted; before it comes `prepare`, and behind it `finish` with what it returned.
struct object {
    const char *name;
    void (*prepare)(unsigned number);
    long (*make)(unsigned number);
    void (*finish)(unsigned number, long result);
    bool is_in_pool; // it takes memory of the memory server's, too
};

static void many_report(const struct object *object, unsigned count, const struct usage *before,
                        const uint64_t *spans) {
    uint64_t least = UINT64_MAX;
    for (unsigned place = 0; place < LAST; place++)
        if (spans[place] < least)
            least = spans[place];
    struct usage now = usage_now();
    each_report("reserve", object->name, count, before->reserve, now.reserve);
    each_report("charged", object->name, count, before->charged, now.charged);
    if (object->is_in_pool)
        each_report("pool", object->name, count, before->pool, now.pool);
    printf("bench memory_last_%s_%u %llu instructions\n", object->name, count, (unsigned long long)least);
    fflush(stdout);
}

// Makes numbers 0, 1, ... of an object, and reports at each power of ten, and what stopped it before the last. How many
// there are.
static unsigned many_make(const struct object *object) {
    uint64_t spans[LAST];
    struct usage before = usage_now();
    for (unsigned number = 0, next = LAST; number < MOST; number++) {
        if (object->prepare)
            object->prepare(number);
        uint64_t start = counter();
        long result = object->make(number);
        spans[number % LAST] = counter() - start;
        if (result < 0) {
            printf("bench memory_stop_%s %u %s\n", object->name, number, error_name(result));
            return number;
        }
        if (object->finish)
            object->finish(number, result);
        if (number + 1 == next) {
            many_report(object, next, &before, spans);
            next *= 10;
        }
    }
    return MOST;
}

// ---- Pipes, handles, hooks ----

static char path[PATH_SIZE];
static uint32_t results[MOST];

// Of one length, as a path costs by it.
static void path_prepare(unsigned number) {
    snprintf(path, sizeof path, "/app/%u/%05u", (unsigned)process_id(), number);
}

static void result_close(unsigned number, long result) {
    (void)number;
    pipe_close(result);
}

static void result_keep(unsigned number, long result) {
    results[number] = (uint32_t)result;
}

static long event_make(unsigned number) {
    (void)number;
    return pipe_create(path, FLOW_EVENT, RULES_DEFAULT, 0, 0);
}

static long queue_make(unsigned number) {
    (void)number;
    return pipe_create(path, FLOW_QUEUE, RULES_DEFAULT, 0, 0);
}

static long handle_make(unsigned number) {
    (void)number;
    return pipe_open(path, RIGHT_READ);
}

static long hook_make(unsigned number) {
    return pipe_hook(results[number], number, 0);
}

void memory_pipes(const char *directory) {
    (void)directory;
    const struct object pipe = {"pipe", path_prepare, event_make, result_close, false};
    usage_open();
    many_make(&pipe);
}

void memory_queues(const char *directory) {
    (void)directory;
    const struct object queue = {"queue", path_prepare, queue_make, result_close, false};
    usage_open();
    many_make(&queue);
}

// All on one pipe.
void memory_handles(const char *directory) {
    (void)directory;
    const struct object handle = {"handle", NULL, handle_make, NULL, false};
    usage_open();
    path_prepare(0);
    must(event_make(0), path);
    many_make(&handle);
}

// Each on a pipe of its own, by a handle of its own.
void memory_hooks(const char *directory) {
    (void)directory;
    const struct object hook = {"hook", NULL, hook_make, NULL, false};
    usage_open();
    for (unsigned number = 0; number < MOST; number++) {
        path_prepare(number);
        result_keep(number, must(event_make(number), path));
    }
    many_make(&hook);
}

// ---- Threads, processes ----

static void park(void *argument) {
    (void)argument;
    for (;;)
        system_call(SYSTEM_CALL_reply_wait, 0, 0, 0, DEADLINE_NONE, 0);
}

static long thread_make(unsigned number) {
    (void)number;
    return thread_start(park, NULL, STACK_BYTES, PRIORITY);
}

void memory_threads(const char *directory) {
    (void)directory;
    const struct object thread = {"thread", NULL, thread_make, NULL, false};
    usage_open();
    many_make(&thread);
}

static long process_make(unsigned number) {
    (void)number;
    char program[] = "tiny", option[] = "--wait";
    char *const arguments[] = {program, option, NULL};
    return process_spawn(arguments, NULL, 0, SPAWN_AS_PLAIN);
}

static void memory_processes(void) {
    const struct object process = {"process", NULL, process_make, result_keep, true};
    unsigned count = many_make(&process);
    for (unsigned number = 0; number < count; number++) {
        must(process_kill(results[number], 0), "kill");
        process_wait(results[number]);
    }
}

// ---- The whole ----

static uint32_t role_start(char *role, char *directory) {
    char program[] = "bench", option[] = "--role";
    char *const arguments[] = {program, option, role, directory, NULL};
    const uint32_t given[] = {HANDLE_INPUT, HANDLE_OUTPUT, HANDLE_ERRORS};
    return (uint32_t)must(process_spawn(arguments, given, 3, SPAWN_AS_PLAIN), role);
}

// Says that it is there, and waits.
void memory_stand(const char *directory) {
    usage_open();
    pipe_signal(pipe_of(directory, "done", RIGHT_WRITE), 0);
    park(NULL);
}

// The system without this process: less what a second one like it takes.
static void idle_report(char *directory) {
    char role[] = "memory-stand";
    long done = pipe_of(directory, "done", RIGHT_READ);
    struct usage alone = usage_now();
    uint32_t second = role_start(role, directory);
    must(pipe_wait(DEADLINE_NONE), "done");
    struct usage both = usage_now();
    pipe_close(done);
    must(process_kill(second, 0), "kill");
    process_wait(second);
    printf("bench memory_system_idle %llu KiB\n", (unsigned long long)((2 * alone.system - both.system) / KIB));
    printf("bench memory_kernel_reserve %llu KiB\n", (unsigned long long)((2 * alone.reserve - both.reserve) / KIB));
}

void memory_measure(char *directory) {
    char roles[][16] = {"memory-pipes", "memory-queues", "memory-handles", "memory-hooks", "memory-threads"};
    usage_open();
    idle_report(directory);
    for (unsigned number = 0; number < sizeof roles / sizeof *roles; number++)
        process_wait(role_start(roles[number], directory));
    memory_processes();
}
