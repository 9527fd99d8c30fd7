// SPDX-License-Identifier: MIT
// Ten processes take their turns, one message of the queue `to` each, and stay with what they have made.
#include "crowd.h"

#include "measure.h"
#include "memory.h"
#include "partner.h"
#include "pipe.h"
#include "process.h"

#include <stdio.h>

#define MEMBERS 10u
#define SHARE 1000u
#define SHARE_BYTES_MAX (6ull << 20) // of the kernel's reserve; as much again is left to those who live

// ---- The ten ----

static void share_take(const char *directory, const struct object *object) {
    long turn = pipe_of(directory, "to", RIGHT_READ), done = pipe_of(directory, "done", RIGHT_WRITE);
    must(pipe_signal(done, 0), "done");
    must(pipe_wait(DEADLINE_NONE), "to");
    pipe_close(turn);
    must(pipe_signal(done, share_make(object, SHARE)), "done");
    memory_park(NULL);
}

void crowd_threads(const char *directory) {
    share_take(directory, &memory_thread);
}

void crowd_queues(const char *directory) {
    share_take(directory, &memory_queue);
}

// ---- The first one ----

struct crowd {
    const char *name;
    long turn, done;
    uint32_t members[MEMBERS];
};

// The value of the next signal of a member.
static uint64_t signal_await(void) {
    struct event_message event;
    must(pipe_wait(DEADLINE_NONE), "done");
    event = *(const struct event_message *)pipe_payload();
    return event.value;
}

static uint64_t charged(const struct crowd *crowd) {
    uint64_t sum = 0;
    for (unsigned number = 0; number < MEMBERS; number++)
        sum += usage_charged(crowd->members[number]);
    return sum;
}

// One turn after the other; what there is at the first and the last is reported.
static void turns_take(const struct crowd *crowd) {
    struct usage before = usage_now();
    uint64_t charged_before = charged(crowd);
    for (unsigned turns = 1; turns <= MEMBERS; turns++) {
        if (usage_now().reserve_free < 2 * SHARE_BYTES_MAX) {
            stop_report(crowd->name, (turns - 1) * SHARE, "reserve");
            return;
        }
        must(pipe_send(crowd->turn, NULL, 0, DEADLINE_NONE), "to");
        uint64_t last = signal_await();
        if (turns != 1 && turns != MEMBERS)
            continue;
        each_report("reserve", crowd->name, turns * SHARE, before.reserve, usage_now().reserve);
        each_report("charged", crowd->name, turns * SHARE, charged_before, charged(crowd));
        last_report(crowd->name, turns * SHARE, last);
    }
}

static void crowd_run(char *role, const char *name, char *directory) {
    struct crowd crowd = {.name = name};
    crowd.turn = pipe_of(directory, "to", RIGHT_WRITE);
    crowd.done = pipe_of(directory, "done", RIGHT_READ);
    for (unsigned number = 0; number < MEMBERS; number++) {
        crowd.members[number] = role_start(role, directory, SPAWN_AS_PLAIN);
        signal_await();
    }
    turns_take(&crowd);
    for (unsigned number = 0; number < MEMBERS; number++) {
        must(process_kill(crowd.members[number], 0), "kill");
        process_wait(crowd.members[number]);
    }
    pipe_close(crowd.turn);
    pipe_close(crowd.done);
}

void crowd_measure(char *directory) {
    char threads[] = "crowd-threads", queues[] = "crowd-queues";
    usage_open();
    printf("bench memory_large_machine %llu MiB\n", (unsigned long long)(usage_now().memory >> 20));
    crowd_run(threads, memory_thread.name, directory);
    crowd_run(queues, memory_queue.name, directory);
    memory_processes(SHARE);
}
