// SPDX-License-Identifier: MIT
#include "partner.h"

#include "crowd.h"
#include "interrupts.h"
#include "measure.h"
#include "memory.h"
#include "pipe.h"
#include "process.h"
#include "protocol/start.h"
#include "thread.h"

#include <stdio.h>
#include <string.h>

#define PATH_SIZE 64u
#define LOW_STACK 16384u
#define LOW_PRIORITY 8u // below the stanza's in boot/manifest

static uint8_t bulk[BULK_BYTES] __attribute__((aligned(4096)));

long pipe_of(const char *directory, const char *name, uint32_t rights) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    long handle = must(pipe_open(path, rights), path);
    if (rights & RIGHT_READ)
        must(pipe_hook(handle, 0, 0), path);
    return handle;
}

// ---- A thread below ----

static struct {
    void (*function)(const char *directory);
    const char *directory;
    long done;
} below;

static void below_begin(void *argument) {
    (void)argument;
    below.function(below.directory);
    pipe_signal(below.done, 0);
}

void run_below(const char *directory, void (*function)(const char *directory)) {
    long done = pipe_of(directory, "done", RIGHT_READ);
    below.function = function;
    below.directory = directory;
    below.done = pipe_of(directory, "done", RIGHT_WRITE);
    must(thread_start(below_begin, NULL, LOW_STACK, LOW_PRIORITY), "thread");
    must(pipe_wait(DEADLINE_NONE), "done");
    pipe_close(done);
    pipe_close(below.done);
}

// ---- Roles ----

// Replies to each call with as many bytes as came.
static void echo(const char *directory) {
    pipe_of(directory, "call", RIGHT_READ);
    uint64_t token = 0;
    long length = 0;
    for (;;) {
        length = system_call(SYSTEM_CALL_reply_wait, token, (uint64_t)length, 0, DEADLINE_NONE, 0);
        token = pipe_main_message->received.token;
    }
}

// Copies what each caller has leased.
static void borrow(const char *directory) {
    pipe_of(directory, "call", RIGHT_READ);
    uint64_t token = 0;
    for (;;) {
        system_call(SYSTEM_CALL_reply_wait, token, 0, 0, DEADLINE_NONE, 0);
        token = pipe_main_message->received.token;
        system_call(SYSTEM_CALL_copy_lease, token, 0, 0, (uint64_t)bulk, BULK_BYTES);
    }
}

// Maps the region that comes with each call, unmaps it and moves it back.
static void receive_region(const char *directory) {
    pipe_of(directory, "call", RIGHT_READ);
    must(pipe_wait(DEADLINE_NONE), "call");
    for (;;) {
        struct message_received head = *pipe_received();
        must(process_map(head.handle[0], 0, REGION_INDEX, BULK_PAGES, PROTECT_READ | PROTECT_WRITE), "map");
        must(process_unmap(REGION_INDEX, BULK_PAGES), "unmap");
        pipe_main_message->sent.handle[0] = head.handle[0];
        must(system_call(SYSTEM_CALL_reply_wait, head.token, 0, ATTACH_HANDLES(1) | ATTACH_MOVE(0), DEADLINE_NONE, 0),
             "move");
    }
}

// Answers each signal with one.
static void answer_events(const char *directory) {
    pipe_of(directory, "there", RIGHT_READ);
    uint64_t back = (uint64_t)pipe_of(directory, "back", RIGHT_WRITE);
    for (;;) {
        system_call(SYSTEM_CALL_reply_wait, 0, 0, 0, DEADLINE_NONE, 0);
        system_call(SYSTEM_CALL_send, back, 0, 0, DEADLINE_NOW, 0);
    }
}

// Answers each signal with one whose value is the counter after the wait.
static void stamp_events(const char *directory) {
    pipe_of(directory, "there", RIGHT_READ);
    uint64_t back = (uint64_t)pipe_of(directory, "back", RIGHT_WRITE);
    for (;;) {
        system_call(SYSTEM_CALL_reply_wait, 0, 0, 0, DEADLINE_NONE, 0);
        system_call(SYSTEM_CALL_send, back, counter(), 0, DEADLINE_NOW, 0);
    }
}

// Sends each message back.
static void answer_messages(const char *directory) {
    pipe_of(directory, "to", RIGHT_READ);
    uint64_t from = (uint64_t)pipe_of(directory, "from", RIGHT_WRITE);
    for (;;) {
        long length = system_call(SYSTEM_CALL_reply_wait, 0, 0, 0, DEADLINE_NONE, 0);
        system_call(SYSTEM_CALL_send, from, (uint64_t)length, 0, DEADLINE_NONE, 0);
    }
}

static const struct {
    const char *name;
    void (*run)(const char *directory);
} roles[] = {{"echo", echo},
             {"borrow", borrow},
             {"receive-region", receive_region},
             {"answer-events", answer_events},
             {"stamp-events", stamp_events},
             {"answer-messages", answer_messages},
             {"stamp-interrupts", stamp_interrupts},
             {"answer-interrupts", answer_interrupts},
             {"raise-for-stamps", raise_for_stamps},
             {"raise-for-answers", raise_for_answers},
             {"memory-stand", memory_stand},
             {"memory-pipes", memory_pipes},
             {"memory-queues", memory_queues},
             {"memory-handles", memory_handles},
             {"memory-hooks", memory_hooks},
             {"memory-threads", memory_threads},
             {"crowd-threads", crowd_threads},
             {"crowd-queues", crowd_queues}};

uint32_t role_start(char *role, char *directory, uint32_t kind) {
    char program[] = "bench", option[] = "--role";
    char *const arguments[] = {program, option, role, directory, NULL};
    const uint32_t handles[] = {HANDLE_INPUT, HANDLE_OUTPUT, HANDLE_ERRORS};
    return (uint32_t)must(process_spawn(arguments, handles, 3, kind), role);
}

bool role_run(const char *role, const char *directory) {
    for (unsigned number = 0; number < sizeof roles / sizeof *roles; number++)
        if (strcmp(role, roles[number].name) == 0) {
            roles[number].run(directory);
            return true;
        }
    return false;
}
