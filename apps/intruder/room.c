// SPDX-License-Identifier: MIT
// The kernel's memory is used up, so that servers have none.
#include "clock.h"
#include "info.h"
#include "intruder.h"
#include "pipe.h"
#include "process.h"
#include "protocol/start.h"
#include "protocol/tty.h"

#include <stdio.h>
#include <string.h>

// ---- Handles for which a server has no room ----

#define HOARDERS_MAX 100u
#define HANDLE_TOLD 5u      // of a hoarder: its parent's event
#define HOARD_PAYLOAD 4000u // of queues of one message

// Makes queues until it may not or there is no memory, tells its parent why, and keeps them until it is killed.
_Noreturn void room_hoard(void) {
    char path[PATH_LENGTH_MAX];
    long result = 0;
    for (unsigned number = 0; result >= 0; number++) {
        snprintf(path, sizeof path, "/app/%u/%u", (unsigned)process_id(), number);
        result = pipe_create(path, FLOW_QUEUE, RULES_DEFAULT, 1, HOARD_PAYLOAD);
    }
    while (pipe_open("/kernel/info", RIGHT_WRITE) >= 0)
        continue;
    pipe_signal(HANDLE_TOLD, (uint64_t)-result);
    for (;;)
        pipe_wait(DEADLINE_NONE);
}

// Starts hoarders until the kernel's memory is used up; their pids and number.
static unsigned room_use_up(uint32_t *pids) {
    char *words[] = {"intruder", "hoard", NULL};
    char path[PATH_LENGTH_MAX];
    unsigned count = 0;
    snprintf(path, sizeof path, "/app/%u/hoarded", (unsigned)process_id());
    long told = pipe_create(path, FLOW_EVENT, RULES_DEFAULT, 0, 0);
    const uint32_t handles[] = {HANDLE_INPUT, HANDLE_OUTPUT, HANDLE_ERRORS, (uint32_t)told};
    pipe_hook(told, 0, 0);
    struct event_message event = {0};
    while (count < HOARDERS_MAX && event.value != PIPE_ENOMEM) {
        long pid = process_spawn(words, handles, sizeof handles / sizeof *handles, SPAWN_AS_PLAIN);
        if (pid <= 0)
            break;
        pids[count++] = (uint32_t)pid;
        pipe_wait(DEADLINE_NONE);
        memcpy(&event, pipe_payload(), sizeof event);
    }
    pipe_unhook(told);
    pipe_close(told);
    pipe_remove(path);
    return count;
}

static void hoarders_end(const uint32_t *pids, unsigned count) {
    for (unsigned number = 0; number < count; number++) {
        process_kill(pids[number], 0);
        process_wait(pids[number]);
    }
}

// Whether each server answers, whatever comes of the handles before.
static bool room_asked_for(void) {
    struct tty_request request = {TTY_GET_MODE, 0};
    struct attached attached = {.handles = {HANDLE_INPUT, HANDLE_OUTPUT, HANDLE_ERRORS, HANDLE_CONTROL},
                                .handle_count = 4};
    unsigned answered = 0;
    for (unsigned target = 0; target < TARGETS; target++) {
        long pipe = pipe_open(targets[target], RIGHT_WRITE), result = 0;
        for (unsigned round = 0; round < ROUNDS; round++)
            result = pipe_call_attached(pipe, &request, sizeof request, &attached, NULL, 0, DEADLINE_NONE);
        result = pipe_call(pipe, &request, sizeof request, NULL, 0, DEADLINE_NONE);
        answered += result != -PIPE_ENOBUFS;
        pipe_close(pipe);
    }
    return is("servers that answer", answered, TARGETS);
}

// The kernel's memory is used up, so no server's table of handles can grow.
bool room_refused(void) {
    static uint32_t pids[HOARDERS_MAX];
    uint64_t before = handles_of_owner(targets[0]);
    unsigned count = room_use_up(pids);
    bool is_good = room_asked_for();
    hoarders_end(pids, count);
    return handles_become(targets[0], before) && is_good && count > 0;
}
