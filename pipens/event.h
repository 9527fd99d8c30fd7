// SPDX-License-Identifier: MIT
// What the fast path and the slow path of a signal share. Its invariants and states stand in event.c.
#ifndef PIPENS_EVENT_H
#define PIPENS_EVENT_H

#include "head.h"
#include "hook.h"
#include "host.h"
#include "node.h"

// Counts a signal.
static inline void event_count(struct node *node, const struct principal *signaller, uint64_t value) {
    node->signaller = signaller->pid;
    node->signaller_generation = signaller->generation;
    node->signaller_kind = signaller->kind;
    node->total++;
    node->in++;
    node->time = host_now();
    node->value = value;
}

// Writes what the hook has not seen into its thread's page, with the last signaller as its sender.
static inline void event_give(struct hook *hook) {
    struct node *node = hook->node;
    struct message *page = hook->waiter->page;
    uint64_t sender = node->signaller | (uint64_t)node->signaller_generation << 32;
    const struct event_message event = {node->total - hook->cursor, node->total, node->time, node->value};
    head_write(page, sender, node->signaller_kind, 0, hook->key, sizeof event, MESSAGE_EVENT, 0, node->number);
    __builtin_memcpy(page->payload, &event, sizeof event);
    hook->cursor = node->total;
    node->taken = node->total;
    node->out++;
}

// The hook is told of an interrupt, once; one that has not answered the interrupt before still owes one answer only.
static inline void interrupt_tell(struct hook *hook) {
    struct node *node = hook->node;
    if (hook->owes_answer || hook->is_revoked)
        return;
    hook->owes_answer = true;
    hook->told_at = node->time;
    node->interrupt.owing++;
}

#endif
