// SPDX-License-Identifier: MIT
// The fast paths: of a call whose server waits, of a reply whose server has nothing else to take, and of a signal,
// interrupt or message for a thread that waits. Everything else takes the slow path (call.c, event.c, queue.c). The
// states are drawn in waiter.h. The host copies the payload and lets the threads run: none passes through its scheduler
// that need not.
//
// 1. A check may say no and changes nothing.
// 2. A commit cannot fail, and leaves just what the slow path would leave in this case.
#ifndef PIPENS_FAST_H
#define PIPENS_FAST_H

#include "call.h"
#include "event.h"
#include "handle.h"
#include "head.h"
#include "hook.h"
#include "node.h"
#include "waiter.h"

// The first hook of an unobserved pipe of this flow into which the handle may put something, or NULL.
static inline struct hook *fast_hook(const struct waiter *sender, uint64_t handle, enum flow flow) {
    const struct handle_entry *entry = handle_find(&sender->principal->handles, handle);
    if (!entry || entry->type != HANDLE_PIPE)
        return NULL;
    const struct node *node = entry->object;
    if (node->flow != flow || node->special)
        return NULL;
    if (!((uint32_t)(node->rules >> entry->rule_shift & entry->rights) & RIGHT_WRITE))
        return NULL;
    if (sender->principal->names->is_traced || list_is_empty(&node->hooks))
        return NULL;
    return list_object(node->hooks.next, struct hook, of_node);
}

// Whether a call has no flags, and no deadline: the bits of DEADLINE_NONE are all set.
static inline bool is_plain_wait(uint64_t flags, uint64_t deadline) {
    return (flags | ~deadline) == 0;
}

// The server that would take this call at once, or NULL: then the call goes by the slow path.
static inline struct waiter *fast_call_check(const struct waiter *caller, uint64_t handle, uint64_t length,
                                             uint64_t flags, uint64_t deadline, struct hook **through) {
    if (!is_plain_wait(flags, deadline) || length > PAYLOAD_MAX)
        return NULL;
    struct hook *hook = fast_hook(caller, handle, FLOW_CALL);
    *through = hook;
    return hook && hook->waiter->state == WAIT_RECEIVING ? hook->waiter : NULL;
}

// The server that would take this call, which the host makes for the caller, at once, or NULL.
static inline struct waiter *fast_call_for_check(const struct waiter *caller, const struct node *node,
                                                 struct hook **through) {
    if (node->special || caller->principal->names->is_traced || list_is_empty(&node->hooks))
        return NULL;
    *through = list_object(node->hooks.next, struct hook, of_node);
    return (*through)->waiter->state == WAIT_RECEIVING ? (*through)->waiter : NULL;
}

// The caller is in flight, the server has its message's header and runs with its priority; only the payload is to be
// copied.
static inline void fast_call_commit(struct waiter *caller, struct waiter *server, struct hook *hook, uint64_t length) {
    struct node *node = hook->node;
    node->in++;
    caller->blocked_on = node;
    caller->attach_flags = 0;
    call_mark_in_flight(caller, node, server);
    caller->donation = (struct donation){server, caller->priority};
    donated_add(server, caller->priority);
    if (server->priority < caller->priority)
        server->priority = caller->priority;
    server->state = WAIT_NONE;
    head_write_of(server->page, caller->principal, caller->token, hook->key, length, MESSAGE_CALL, node->number);
}

// The caller that this reply would wake while its server goes on to wait, or NULL: the slow path. If it has leased
// something, leases_unpin belongs to the commit.
static inline struct waiter *fast_reply_to(const struct waiter *server, uint64_t token, uint64_t length, uint64_t flags,
                                           uint64_t deadline) {
    if (!is_plain_wait(flags, deadline) || !list_is_empty(&server->ready))
        return NULL;
    struct waiter *caller = waiter_numbered(server->principal->names, token & TOKEN_NUMBER_MASK);
    if (!caller || caller->token != token || caller->state != WAIT_IN_FLIGHT || caller->holder != server)
        return NULL;
    if (length > caller->payload_limit)
        return NULL;
    return caller->blocked_on->special || server->principal->names->is_traced ? NULL : caller;
}

// The caller has its reply's header, the server waits; only the payload is to be copied.
static inline void fast_reply_commit(struct waiter *server, struct waiter *caller, uint64_t length) {
    struct node *node = caller->blocked_on;
    node->out++;
    node->references--; // not the last: the name holds one
    call_land(caller, node);
    donated_remove(server, caller->donation.priority);
    caller->donation.to = NULL;
    caller->donation.priority = 0;
    server->priority = (uint8_t)priority_with_donations(server);
    server->state = WAIT_RECEIVING;
    head_write_of(caller->page, server->principal, 0, 0, length, MESSAGE_DATA, node->number);
}

// What the caller leased is its own again: goes with the commit of its reply.
void leases_unpin(struct waiter *caller);

// The same two commits, of a call and a reply with attachments by these flags. Each may fail, and has changed
// nothing then: it goes by the slow path, unless the error is that of a page of a lease of the caller that is absent.
long fast_call_attached(struct waiter *caller, struct waiter *server, struct hook *hook, uint64_t length,
                        uint64_t flags);
long fast_reply_attached(struct waiter *server, struct waiter *caller, uint64_t length, uint64_t flags);

// The one hook that would take this signal at once, or NULL.
static inline struct hook *fast_signal_check(const struct waiter *sender, uint64_t handle, uint64_t flags) {
    struct hook *hook = flags ? NULL : fast_hook(sender, handle, FLOW_EVENT);
    if (!hook || hook->waiter->state != WAIT_RECEIVING)
        return NULL;
    return hook->node->hook_count == 1 && !hook->node->interrupt.is_line ? hook : NULL;
}

// The signal is counted, and the hook's thread, which waited, has it as its message.
static inline void fast_signal_commit(struct hook *hook, const struct principal *signaller, uint64_t value) {
    event_count(hook->node, signaller, value);
    event_give(hook);
    hook->waiter->state = WAIT_NONE;
}

// The one hook that would take this line's interrupt at once, or NULL.
static inline struct hook *fast_interrupt_check(const struct node *node) {
    if (node->special || node->hook_count != 1 || node->owner->names->is_traced)
        return NULL;
    struct hook *hook = list_object(node->hooks.next, struct hook, of_node);
    return hook->waiter->state == WAIT_RECEIVING ? hook : NULL;
}

// The interrupt is counted, and the hook's thread, which waited, has it as its message and owes an answer.
static inline void fast_interrupt_commit(struct hook *hook) {
    if (hook->node->interrupt.owing == 0)
        hook->node->interrupt.was_handled = false;
    fast_signal_commit(hook, &hook->node->owner->names->kernel, 0);
    interrupt_tell(hook);
}

// The hook that would take this message at once, or NULL. The queue is empty: the hook's thread waits.
static inline struct hook *fast_send_check(const struct waiter *sender, uint64_t handle, uint64_t length,
                                           uint64_t flags) {
    struct hook *hook = flags ? NULL : fast_hook(sender, handle, FLOW_QUEUE);
    if (!hook || hook->waiter->state != WAIT_RECEIVING)
        return NULL;
    return length <= ring_payload_max(&hook->node->ring, 0) ? hook : NULL;
}

// The hook's thread, which waited, has the message's header; only the payload is to be copied.
static inline void fast_send_commit(struct hook *hook, const struct principal *sender, uint64_t length) {
    struct node *node = hook->node;
    node->in++;
    node->out++;
    node->ring.head++;
    node->ring.tail++;
    head_write_of(hook->waiter->page, sender, 0, hook->key, length, MESSAGE_DATA, node->number);
    hook->waiter->state = WAIT_NONE;
}

#endif
