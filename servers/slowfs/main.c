// SPDX-License-Identifier: MIT
// A volume that is no use, to show that it holds up only those who use it: `slowfs SECONDS` answers every request after
// so long, that there is no such file, as /svc/slow; `slowfs never` never does, as /svc/never.
#include "clock.h"
#include "error.h"
#include "pipe.h"
#include "process.h"
#include "protocol/volume.h"
#include "serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_SERVICE 0u
#define KEY_TIMER 1u
#define WAITING_MAX 64u

static uint64_t patience; // nanoseconds; 0: for ever
static long timer;

static struct { uint64_t token, time; } waiting[WAITING_MAX];
static unsigned first, count; // of a ring

static long request_keep(struct request *request, void *reply, struct attached *attached) {
    (void)reply;
    (void)attached;
    if (!patience)
        return SERVE_LATER;
    if (count == WAITING_MAX)
        return -PIPE_EBUSY;
    unsigned index = (first + count++) % WAITING_MAX;
    waiting[index].token = request->head.token;
    waiting[index].time = clock_deadline(patience);
    if (count == 1)
        clock_arm(timer, waiting[index].time);
    return SERVE_LATER;
}

static void timer_signalled(const struct request *message) {
    if (message->head.type != MESSAGE_EVENT)
        return;
    for (; count && waiting[first].time <= clock_now(); count--) {
        pipe_reply(waiting[first].token, NULL, -PIPE_ENOENT);
        first = (first + 1) % WAITING_MAX;
    }
    if (count)
        clock_arm(timer, waiting[first].time);
}

static serve_function *const operations[VOLUME_OPERATIONS] = {[0 ... VOLUME_OPERATIONS - 1] = request_keep};

int main(int argument_count, char **arguments) {
    static const struct service services[] = {
        {.key = KEY_SERVICE, .operations = operations, .operation_count = VOLUME_OPERATIONS}};
    bool is_never = argument_count == 2 && strcmp(arguments[1], "never") == 0;
    unsigned long seconds = argument_count == 2 ? strtoul(arguments[1], NULL, 10) : 0;
    if (!is_never && !seconds) {
        fprintf(stderr, "usage: slowfs SECONDS|never\n");
        return EXIT_FAILURE;
    }
    patience = seconds * SECOND;
    uint32_t rules = RULE(RIGHTS_ALL, RIGHT_WRITE, RIGHT_WRITE, RIGHT_WRITE);
    long service = pipe_create(is_never ? "/svc/never" : "/svc/slow", FLOW_CALL, rules, 0, 0);
    long error = service < 0 ? service : pipe_hook(service, SERVE_KEY(KEY_SERVICE, 0), 0);
    if (error >= 0 && !is_never) {
        timer = pipe_create("/svc/slow.timer", FLOW_EVENT, RULES_DEFAULT, 0, 0);
        error = timer < 0 ? timer : pipe_hook(timer, SERVE_KEY(KEY_TIMER, 0), 0);
    }
    if (error < 0) {
        fprintf(stderr, "slowfs: %s (%s)\n", error_sentence(error), error_name(error));
        return EXIT_FAILURE;
    }
    printf("slowfs: ready\n");
    fflush(stdout);
    serve(services, 1, timer_signalled);
}
