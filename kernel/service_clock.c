// SPDX-License-Identifier: MIT
// /kernel/clock: time, and timers, which are event pipes that the kernel signals once.
#include "kernel.h"

#include "host.h"

// A timer that signals a pipe. It holds a reference to the pipe, and is the pipe's host_data until it has signalled.
struct pipe_timer {
    struct timer timer;
    struct node *node;
    struct account *account; // who armed it
};

static void pipe_timer_end(struct pipe_timer *timer) {
    struct account *account = timer->account;
    timer_disarm(&timer->timer);
    timer->node->host_data = NULL;
    node_release(timer->node);
    account_free(account, timer, sizeof *timer);
    account_release(account);
}

static void pipe_timer_expired(struct timer *link) {
    struct pipe_timer *timer = list_object(link, struct pipe_timer, timer);
    struct node *node = timer->node;
    node->references++;
    pipe_timer_end(timer);
    if (!(node->special & NODE_REMOVED))
        pipens_signal(node, 0);
    node_release(node);
}

static long now(const struct request *request) {
    struct clock_time time = {machine_now(), machine_cycles(), machine_cycles_per_second()};
    return request_reply(request, &time, sizeof time);
}

// The event pipe that the request carries, which the caller may signal.
static struct node *event_of(const struct request *request, long *error) {
    const struct handle_entry *entry = request_handle(request, 0, HANDLE_PIPE, error);
    if (!entry)
        return NULL;
    struct node *node = entry->object;
    if (node->special & NODE_REMOVED)
        *error = -PIPE_EPIPE;
    else if (node->flow != FLOW_EVENT || node->interrupt.is_line)
        *error = -PIPE_ENOTSUP;
    else if (!(entry->rights & RIGHT_WRITE) || !node_allows(node, entry->rule_shift, RIGHT_WRITE))
        *error = -PIPE_EACCES;
    return *error ? NULL : node;
}

static long arm(const struct request *request) {
    const struct clock_request *clock = request->asked;
    long error = 0;
    struct node *node = event_of(request, &error);
    if (!node)
        return error;
    struct pipe_timer *timer = node->host_data;
    if (!timer) {
        struct account *account = request->waiter->principal->account;
        timer = account_allocate(account, sizeof *timer, &error);
        if (!timer)
            return error;
        *timer = (struct pipe_timer){.timer.expire = pipe_timer_expired, .node = node, .account = account};
        account->references++;
        node->references++;
        node->host_data = timer;
    }
    timer_arm(&timer->timer, clock->time);
    return 0;
}

static long disarm(const struct request *request) {
    long error = 0;
    struct node *node = event_of(request, &error);
    if (!node)
        return error;
    if (node->host_data)
        pipe_timer_end(node->host_data);
    return 0;
}

static const struct operation operations[] = {
    [CLOCK_NOW] = {now, 0}, [CLOCK_ARM] = {arm, sizeof(struct clock_request)}, [CLOCK_DISARM] = {disarm, 0}};
struct service clock_service = {operations, sizeof operations / sizeof *operations};
