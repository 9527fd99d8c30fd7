// SPDX-License-Identifier: MIT
// Everything is read off the running system: the kernel's reserve and this process's quota by /kernel/info, the pool by
// /svc/memory.
#include "memory.h"

#include "many.h"
#include "measure.h"
#include "partner.h"
#include "pipe.h"
#include "process.h"
#include "thread.h"

#include <stdio.h>

#define PATH_SIZE 64u
#define FIRST 10u
#define MOST 10000u
#define KIB 1024u
#define STACK_BYTES 512u
#define PRIORITY 8u // below the first thread's, which so is not kept from making the next

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

const struct object memory_queue = {"queue", path_prepare, queue_make, result_close, false};

void memory_pipes(const char *directory) {
    (void)directory;
    const struct object pipe = {"pipe", path_prepare, event_make, result_close, false};
    usage_open();
    many_make(&pipe, FIRST, MOST);
}

void memory_queues(const char *directory) {
    (void)directory;
    usage_open();
    many_make(&memory_queue, FIRST, MOST);
}

// All on one pipe.
void memory_handles(const char *directory) {
    (void)directory;
    const struct object handle = {"handle", NULL, handle_make, NULL, false};
    usage_open();
    path_prepare(0);
    must(event_make(0), path);
    many_make(&handle, FIRST, MOST);
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
    many_make(&hook, FIRST, MOST);
}

// ---- Threads, processes ----

void memory_park(void *argument) {
    (void)argument;
    for (;;)
        system_call(SYSTEM_CALL_reply_wait, 0, 0, 0, DEADLINE_NONE, 0);
}

static long thread_make(unsigned number) {
    (void)number;
    return thread_start(memory_park, NULL, STACK_BYTES, PRIORITY);
}

const struct object memory_thread = {"thread", NULL, thread_make, NULL, false};

void memory_threads(const char *directory) {
    (void)directory;
    usage_open();
    many_make(&memory_thread, FIRST, MOST);
}

static long process_make(unsigned number) {
    (void)number;
    char program[] = "tiny", option[] = "--wait";
    char *const arguments[] = {program, option, NULL};
    return process_spawn(arguments, NULL, 0, SPAWN_AS_PLAIN);
}

void memory_processes(unsigned first) {
    const struct object process = {"process", NULL, process_make, result_keep, true};
    unsigned count = many_make(&process, first, MOST);
    for (unsigned number = 0; number < count; number++) {
        must(process_kill(results[number], 0), "kill");
        process_wait(results[number]);
    }
}

// ---- The whole ----

// Says that it is there, and waits.
void memory_stand(const char *directory) {
    usage_open();
    pipe_signal(pipe_of(directory, "done", RIGHT_WRITE), 0);
    memory_park(NULL);
}

// The system without this process: less what a second one like it takes.
static void idle_report(char *directory) {
    char role[] = "memory-stand";
    long done = pipe_of(directory, "done", RIGHT_READ);
    struct usage alone = usage_now();
    uint32_t second = role_start(role, directory, SPAWN_AS_PLAIN);
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
        process_wait(role_start(roles[number], directory, SPAWN_AS_PLAIN));
    memory_processes(FIRST);
}
