// SPDX-License-Identifier: MIT
// Interrupt lines: event pipes whose writer is the hardware.
//
//   masked -- interrupt_hooked, the first --> open
//   open -- pipens_interrupt of a level: every hook is told --> masked, answers owed
//   masked, answers owed -- interrupt_answer, the last, one was `handled` --> open
//   masked, answers owed -- interrupt_answer, the last, all `not mine` --> masked, to be tried again
//   masked, to be tried again -- pipens_interrupt_retry --> open
//   masked, answers owed -- interrupt_answer, the last, one was `handled`, in a storm --> masked, to be tried again
//   any -- interrupt_unhooked, the last --> masked
//
// A line that is triggered by edges is not masked by an interrupt: the counter latches each edge. Answers are owed all
// the same.
//
// A storm: a driver answers `handled`, but its device goes on raising the line, so RUSH interrupts in a row each come
// before any hook's thread waits again. The line is slow from then on, until it stays quiet after it was tried again.
//
// 1. A level-triggered line is open only while no hook owes an answer.
// 2. `owing` is the number of hooks that owe an answer.
// 3. A hook that ends, or that the rules bar, has answered `not mine`.
#include "event.h"
#include "flow.h"

#define RETRY_FIRST 1000000ull // nanoseconds; doubled for each further interrupt that nobody handles
#define RETRY_DOUBLINGS_MAX 10u
#define RUSH 1000u

static void all_answered(struct node *node) {
    struct interrupt_line *line = &node->interrupt;
    if (line->was_handled && line->is_slow && node->time - line->opened_at > RETRY_FIRST) {
        line->is_slow = false;
        line->rushed = 0;
    }
    if (line->was_handled && !line->is_slow) {
        line->retries = 0;
        host_line_mask(line->line, false);
        return;
    }
    uint32_t doublings = line->retries < RETRY_DOUBLINGS_MAX ? line->retries : RETRY_DOUBLINGS_MAX;
    line->retries++;
    host_line_retry(line->line, RETRY_FIRST << doublings);
}

// Counts interrupts in a row that come before any hook's thread waits again. The fast path needs a thread that waits:
// if it took one since, the node's total tells.
static void rush_count(struct node *node) {
    struct interrupt_line *line = &node->interrupt;
    bool is_awaited = node->total != line->seen;
    for (struct list *link = node->hooks.next; link != &node->hooks; link = link->next)
        is_awaited |= waiter_receives(list_object(link, struct hook, of_node)->waiter);
    line->rushed = is_awaited ? 0 : line->rushed + 1;
    line->seen = node->total + 1;
}

bool pipens_interrupt(struct node *node) {
    struct namespace *names = node->owner->names;
    rush_count(node);
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
    if (handled && line->is_level && !line->is_slow && line->rushed >= RUSH) {
        line->is_slow = true;
        line->opened_at = hook->node->time;
        host_line_storms(line->line, hook->waiter->principal);
    }
    if (line->owing == 0 && line->is_level)
        all_answered(hook->node);
}

void pipens_interrupt_retry(struct node *node) {
    if (!node->hook_count || node->interrupt.owing)
        return;
    node->interrupt.opened_at = host_now();
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
