// SPDX-License-Identifier: MIT
// The lives of pipes: counts of handles, the ends of streams, and transient pipes. The contract is "The life of a pipe"
// in abi.h.
//
//   a transient pipe:  held -- node_drop, the last outside handle --> unheld -- node_hold --> held
//                      unheld -- the owner takes MESSAGE_CLOSED (closed_take) --> the handle of that hook is closed
//                      any -- node_drop, the last handle; not vacant --> closing -- pipens_close_step --> nameless
//   a queue's stream:  begun -- node_drop, the last writer, and the last message --> ended -- node_hold --> begun
//
// 1. A pipe counts its handles, those with each right, and those outside: in tables, in queues, and of blocked senders
// and queued callers.
// 2. NODE_UNHELD is set if and only if the pipe is transient, had an outside handle and has none. Such a pipe takes no
// fast path, so the end of a call in flight is seen.
// 3. A transient pipe without handles is removed, unless it is vacant; one without readers wakes who waits on it. Both
// are work for pipens_close_step: a count that changes releases nothing itself, so no chain of pipes recurses.
// 4. No hook is told of an end while the pipe is vacant: the owner's pipes are inherited before its handles close.
#include "flow.h"

// ---- Counts ----

static void count(struct node *node, unsigned rights, bool is_outside, uint32_t by) {
    node->handles += by;
    if (rights & RIGHT_READ)
        node->readers += by;
    if (rights & RIGHT_WRITE)
        node->writers += by;
    if (is_outside)
        node->outside += by;
}

void node_hold(struct node *node, unsigned rights, bool is_outside) {
    count(node, rights, is_outside, 1);
    node->references++;
    bool is_begun = node->flow == FLOW_QUEUE && rights & RIGHT_WRITE;
    bool was_unheld = is_outside && node->special & NODE_UNHELD;
    if (is_begun)
        node->life |= LIFE_UNTOLD;
    if (is_outside) {
        node->life |= LIFE_GIVEN;
        node->special &= (uint8_t)~NODE_UNHELD;
    }
    if ((is_begun && node->writers == 1) || was_unheld)
        hooks_refresh(node);
}

// Whether the pipe's last outside handle has gone.
static bool is_unheld_now(struct node *node) {
    if (!(node->life & LIFE_TRANSIENT) || node->outside)
        return false;
    node->special |= NODE_UNHELD;
    return true;
}

// Whether those who wait on the pipe wait in vain.
static bool is_without_readers(const struct node *node) {
    return node->life & LIFE_TRANSIENT && !node->readers && !node->owner->is_succession;
}

// Leaves what the end of the handles brings to pipens_close_step.
static void close_later(struct node *node) {
    if (node->special & NODE_REMOVED || node->owner->is_succession)
        return;
    if (!node->handles)
        node->special |= NODE_REMOVED;
    else if (node->readers || !wait_queue_first(&node->waiting))
        return;
    if (!list_is_empty(&node->in_closing))
        return;
    list_append(&node->owner->names->closing, &node->in_closing);
    host_closing();
}

void node_drop(struct node *node, unsigned rights, bool is_outside) {
    count(node, rights, is_outside, UINT32_MAX);
    bool is_ended = node->flow == FLOW_QUEUE && rights & RIGHT_WRITE && !node->writers;
    if ((is_outside && is_unheld_now(node)) || is_ended)
        hooks_refresh(node);
    if (node->life & LIFE_TRANSIENT)
        close_later(node);
    node_release(node);
}

void node_come_inside(struct node *node) {
    node->outside--;
    if (is_unheld_now(node))
        hooks_refresh(node);
}

void node_inherit(struct node *node, struct principal *succession) {
    list_remove(&node->of_owner);
    list_append(&succession->owned, &node->of_owner);
    node->owner = succession;
    if (node->life & LIFE_TRANSIENT) {
        node->life |= LIFE_GIVEN;
        (void)is_unheld_now(node);
    }
    hooks_refresh(node);
}

bool node_is_broken(const struct node *node) {
    return is_without_readers(node);
}

bool pipens_close_step(struct namespace *names) {
    if (list_is_empty(&names->closing))
        return false;
    struct node *node = list_object(names->closing.next, struct node, in_closing);
    if (node->special & NODE_REMOVED)
        node_remove_step(node); // its last step takes it out of the list
    else if (!is_without_readers(node) || !node_wake_step(node))
        list_remove(&node->in_closing);
    deliver(names);
    return !list_is_empty(&names->closing);
}

// ---- What hooks are told, where nothing is left to take: so nobody waits to call or send ----

bool hook_has_begun(const struct hook *hook) {
    const struct node *node = hook->node;
    return node->writers || node->life & LIFE_UNTOLD || ring_depth(&node->ring);
}

bool hook_has_ended(const struct hook *hook) {
    const struct node *node = hook->node;
    return hook->tells_end && !node->writers && !node->owner->is_succession;
}

// The hook is the owner's, because another's handle would be an outside one.
bool hook_is_closed(const struct hook *hook) {
    const struct node *node = hook->node;
    return node->special & NODE_UNHELD && !node->in_flight;
}

// A message of the kernel without a payload.
static void tell(struct hook *hook, enum message_type type) {
    struct slot stamp = message_stamp(&hook->waiter->principal->names->kernel, type, 0);
    message_write(hook, &stamp, NULL);
}

long begin_take(struct hook *hook) {
    tell(hook, MESSAGE_BEGIN);
    return 0;
}

long end_take(struct hook *hook) {
    struct node *node = hook->node;
    tell(hook, MESSAGE_END);
    node->life &= (uint8_t)~LIFE_UNTOLD;
    hooks_refresh(node);
    return 0;
}

long closed_take(struct hook *hook) {
    struct principal *principal = hook->waiter->principal;
    tell(hook, MESSAGE_CLOSED);
    handle_close(principal, hook->handle_index);
    return 0;
}
