// SPDX-License-Identifier: MIT
// Interrupt lines: event pipes whose writer is the hardware.
//
//   masked -- interrupt_hooked, the first --> open
//   open -- pipens_interrupt of a level: every hook is told --> masked, answers owed
//   masked, answers owed -- interrupt_answer, the last, one was `handled` --> open
//   masked, answers owed -- interrupt_answer, the last, all `not mine` --> masked, to be tried again
//   masked, to be tried again -- pipens_interrupt_retry --> open
//   any -- interrupt_unhooked, the last --> masked
//
// A line that is triggered by edges is not masked by an interrupt: the counter latches each edge. Answers are owed all
// the same.
//
// 1. A level-triggered line is open only while no hook owes an answer.
// 2. `owing` is the number of hooks that owe an answer.
// 3. A hook that ends, or that the rules bar, has answered `not mine`.
#include "event.h"
#include "flow.h"

#define RETRY_FIRST 1000000ull // nanoseconds; doubled for each further interrupt that nobody handles
#define RETRY_DOUBLINGS_MAX 10u

static void all_answered(struct node *node) {
    struct interrupt_line *line = &node->interrupt;
    if (line->was_handled) {
        line->retries = 0;
        host_line_mask(line->line, false);
        return;
    }
    uint32_t doublings = line->retries < RETRY_DOUBLINGS_MAX ? line->retries : RETRY_DOUBLINGS_MAX;
    line->retries++;
    host_line_retry(line->line, RETRY_FIRST << doublings);
}

bool pipens_interrupt(struct node *node) {
    struct namespace *names = node->owner->names;
    if (node->interrupt.owing == 0)
        node->interrupt.was_handled = false;
    node->time = host_now();
    for (struct list *link = node->hooks.next; link != &node->hooks; link = link->next)
        interrupt_tell(list_object(link, struct hook, of_node));
    if (node->hook_count && node->interrupt.owing == 0 && node->interrupt.is_level)
        all_answered(node); // the rules bar them all
    pipens_signal(node, 0);
    if (names->is_traced)
        trace(names, TRACE_INTERRUPT, &names->kernel, node, 0, node->total);
    deliver(names);
    return node->interrupt.is_level;
}

void interrupt_answer(struct hook *hook, bool handled) {
    struct interrupt_line *line = &hook->node->interrupt;
    hook->owes_answer = false;
    line->owing--;
    line->was_handled |= handled;
    if (line->owing == 0 && line->is_level)
        all_answered(hook->node);
}

void pipens_interrupt_retry(struct node *node) {
    if (node->hook_count && node->interrupt.owing == 0)
        host_line_mask(node->interrupt.line, false);
}

void interrupt_hooked(struct node *node) {
    if (node->hook_count == 1)
        host_line_mask(node->interrupt.line, false);
}

void interrupt_unhooked(struct node *node) {
    if (node->hook_count == 0)
        host_line_mask(node->interrupt.line, true);
}

struct hook *pipens_interrupt_late(struct node *node, uint64_t time) {
    for (struct list *link = node->hooks.next; link != &node->hooks; link = link->next) {
        struct hook *hook = list_object(link, struct hook, of_node);
        if (hook->owes_answer && hook->told_at < time)
            return hook;
    }
    return NULL;
}
