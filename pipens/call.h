// SPDX-License-Identifier: MIT
// What the fast path and the slow path of a call share: tokens, and the arithmetic of donated priorities. Its
// invariants and states stand in call.c and waiter.c.
#ifndef PIPENS_CALL_H
#define PIPENS_CALL_H

#include "node.h"
#include "waiter.h"

#define TOKEN_NUMBER_BITS 16u // of the caller's number; the rest of a token is a sequence number
#define TOKEN_NUMBER_MASK ((1u << TOKEN_NUMBER_BITS) - 1)
_Static_assert(WAITERS_MAX <= 1u << TOKEN_NUMBER_BITS, "a token holds a waiter's number");

static inline uint64_t token_next(const struct waiter *caller) {
    return caller->principal->names->next_token++ << TOKEN_NUMBER_BITS | caller->number;
}

// The call is the holder's to answer, under a new token.
static inline void call_mark_in_flight(struct waiter *caller, struct node *node, struct waiter *holder) {
    caller->state = WAIT_IN_FLIGHT;
    caller->holder = holder;
    caller->token = token_next(caller);
    list_append(&holder->held, &caller->in_held);
    list_append(&node->flights, &caller->peers);
    node->in_flight++;
    node->references++;
}

// It is nobody's any more. The reference to the pipe is left to be given back.
static inline void call_land(struct waiter *caller, struct node *node) {
    list_remove(&caller->in_held);
    list_remove(&caller->peers);
    node->in_flight--;
    caller->state = WAIT_NONE;
}

// The table of waiters has pages of this many slots. A free slot holds the number of the next free one, shifted and
// odd.
#define WAITER_PAGE_SHIFT 9u
#define WAITERS_PER_PAGE (1u << WAITER_PAGE_SHIFT)

// The waiter with this number, or NULL.
static inline struct waiter *waiter_numbered(const struct namespace *names, uint64_t number) {
    if (number >= names->waiter_limit)
        return NULL;
    struct waiter *waiter = names->waiters[number >> WAITER_PAGE_SHIFT][number & (WAITERS_PER_PAGE - 1)];
    return (uintptr_t)waiter & 1 ? NULL : waiter;
}

static inline void donated_add(struct waiter *waiter, unsigned priority) {
    waiter->donated_count[priority]++;
    waiter->donated_mask |= 1u << priority;
}

static inline void donated_remove(struct waiter *waiter, unsigned priority) {
    if (--waiter->donated_count[priority] == 0)
        waiter->donated_mask &= ~(1u << priority);
}

// The highest of its own priority and those donated to it.
static inline unsigned priority_with_donations(const struct waiter *waiter) {
    unsigned own = waiter->base_priority;
    if (!waiter->donated_mask)
        return own;
    unsigned donated = PRIORITIES - 1 - (unsigned)__builtin_clz(waiter->donated_mask);
    return donated > own ? donated : own;
}

#endif
