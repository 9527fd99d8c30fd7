// SPDX-License-Identifier: MIT
// Events: counters. A signal is never lost and never blocks; a hook that comes late gets them as one message with their
// count. Each hook has seen the counter up to its cursor; `taken` is the highest that any hook has seen, from where a
// new hook goes on.
//
//   a hook:  has seen all -- event_count --> has not -- event_give --> has seen all
//
// 1. cursor <= taken <= total for each hook.
#include "event.h"
#include "flow.h"

void pipens_signal(struct node *node, uint64_t value) {
    event_count(node, &node->owner->names->kernel, value);
    if (node_is_observed(node))
        observe(node, TAP_SIGNALLED, &node->owner->names->kernel, &value, sizeof value, value);
    hooks_refresh(node);
    deliver(node->owner->names);
}

long event_take(struct hook *hook) {
    event_give(hook);
    return sizeof(struct event_message);
}

// Writing to an interrupt's pipe is the answer of the hook that was made through the same handle.
static long line_answer(struct hook *hook, uint64_t answer) {
    if (answer != INTERRUPT_HANDLED && answer != INTERRUPT_NOT_MINE)
        return -PIPE_EINVAL;
    if (!hook || hook->is_tap)
        return -PIPE_EINVAL;
    if (hook->owes_answer)
        interrupt_answer(hook, answer == INTERRUPT_HANDLED);
    return 0;
}

long event_send(struct waiter *sender, struct node *node, struct hook *hook, uint64_t value, uint64_t flags) {
    if (flags)
        return -PIPE_ENOTSUP;
    if (node->interrupt.is_line)
        return line_answer(hook, value);
    event_count(node, sender->principal, value);
    hooks_refresh(node);
    return 0;
}
