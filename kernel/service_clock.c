// SPDX-License-Identifier: MIT
// /kernel/clock: time, and timers, which are event pipes that the kernel signals once.
#include "kernel.h"

#include "host.h"

// A timer that signals a pipe. It holds a reference to the pipe, and is the pipe's host_data until it has signalled. It
// belongs to the process that armed it last, and ends with that process.
struct pipe_timer {
    struct timer timer;
    struct list of_process;
    struct node *node;
    struct account *account; // the process's
};

static void pipe_timer_end(struct pipe_timer *timer) {
    timer_disarm(&timer->timer);
    list_remove(&timer->of_process);
    timer->node->host_data = NULL;
    node_release(timer->node);
    account_free(timer->account, timer, sizeof *timer);
}

bool clock_end_step(struct process *process) {
    if (list_is_empty(&process->timers))
        return false;
    pipe_timer_end(list_object(process->timers.next, struct pipe_timer, of_process));
    return true;
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

// The request's attached event pipe, if the caller may signal it.
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
    struct account *account = request->waiter->principal->account;
    struct pipe_timer *before = node->host_data, *timer = before;
    if (!before || before->account != account) {
        timer = account_allocate(account, sizeof *timer, &error);
        if (!timer)
            return error;
        if (before)
            pipe_timer_end(before);
        *timer = (struct pipe_timer){.timer.expire = pipe_timer_expired, .node = node, .account = account};
        list_append(&process_of(request->waiter->principal)->timers, &timer->of_process);
        node->references++;
        node->host_data = timer;
    }
    timer_arm(cpu_this(), &timer->timer, clock->time);
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
