// SPDX-License-Identifier: MIT
// Calls: request and reply. The states of a caller are drawn in waiter.h.
//
//   pipens_call, pipens_call_for: RUNNING -> QUEUED    call_take: QUEUED -> IN_FLIGHT    reply: IN_FLIGHT -> RUNNING
//   fast_call_commit: RUNNING -> IN_FLIGHT             fast_reply_commit: IN_FLIGHT -> RUNNING
//   call_withdraw: QUEUED, SENDING or IN_FLIGHT -> RUNNING
//
// 1. A token is good while its caller is IN_FLIGHT and holds the same number; it is never given out twice.
// 2. A caller in flight is in the list of the thread that took its call; any thread of that process may reply.
// 3. What a caller leases is pinned from the call until its part ends, and what it moves is in transit until it is
// taken.
// 4. A caller in flight donates its priority to the holder.
#include "call.h"
#include "fast.h"
#include "flow.h"

#define ERROR_NUMBER_MAX 4095 // what a server may reply as an error

// ---- Calling ----

void leases_unpin(struct waiter *caller) {
    for (uint32_t index = 0; index < caller->lease_count; index++)
        host_lease_unpin(caller, caller->leases[index].address, caller->leases[index].length);
    caller->lease_count = 0;
}

// 0; PIPENS_BLOCKED if a page is absent and the caller now waits for its pager.
static inline long leases_check(struct waiter *caller, const struct attachments *attachments, uint64_t flags) {
    for (uint32_t index = 0; index < attachments->lease_count; index++) {
        const struct lease *range = &attachments->leases[index];
        if (range->length > LEASE_LENGTH_MAX)
            return -PIPE_EMSGSIZE;
        long error = host_lease_check(caller, range->address, range->length, flags & ATTACH_WRITABLE(index));
        if (error)
            return error;
    }
    return 0;
}

static void leases_keep(struct waiter *caller, const struct attachments *attachments) {
    caller->lease_count = (uint8_t)attachments->lease_count;
    for (uint32_t index = 0; index < attachments->lease_count; index++) {
        caller->leases[index] = attachments->leases[index];
        host_lease_pin(caller, attachments->leases[index].address, attachments->leases[index].length);
    }
}

static long call_check(struct waiter *caller, struct node *node, uint64_t flags, uint64_t deadline,
                       struct attachments *attachments) {
    if (deadline == DEADLINE_NOW)
        return -PIPE_EAGAIN;
    long error = attachments_check(caller, flags & ~(uint64_t)CALL_PAYS, attachments);
    if (!error)
        error = cycle_check(caller, node, caller->page);
    return error ? error : leases_check(caller, attachments, flags);
}

// A call on a pipe that the host answers.
static inline long call_kernel(struct waiter *caller, struct node *node, uint32_t length, uint64_t flags) {
    if (flags & ~(uint64_t)(ATTACH_ALL | CALL_PAYS))
        return -PIPE_EINVAL;
    if (node_is_observed(node))
        observe(node, TAP_CALLED, caller->principal, caller->page->payload, length, 0);
    node->in++;
    node->out++;
    deliver(caller->principal->names);
    return host_answer(node, caller, length, (uint32_t)flags & ATTACH_ALL);
}

// The call, all of it noted in the caller, waits for a server.
static long call_queue(struct waiter *caller, struct node *node, uint64_t deadline) {
    if (node_is_observed(node))
        observe(node, TAP_CALLED, caller->principal, caller->page->payload, caller->length, 0);
    node->in++;
    waiter_queue(caller, node, WAIT_QUEUED, deadline);
    hooks_refresh(node);
    deliver(caller->principal->names);
    return PIPENS_BLOCKED;
}

long pipens_call(struct waiter *caller, uint64_t handle, uint64_t length, uint64_t flags, uint64_t deadline) {
    long error = 0;
    struct handle_entry *entry = pipe_entry(caller, handle, RIGHT_WRITE, &error);
    if (!entry)
        return error;
    struct node *node = entry->object;
    if (node->flow != FLOW_CALL)
        return -PIPE_ENOTSUP;
    if (length > PAYLOAD_MAX)
        return -PIPE_EMSGSIZE;
    if (node->special & NODE_KERNEL)
        return call_kernel(caller, node, (uint32_t)length, flags);
    if (node_is_broken(node))
        return -PIPE_EPIPE;
    struct attachments attachments;
    error = call_check(caller, node, flags, deadline, &attachments);
    if (error)
        return error;
    caller->length = (uint32_t)length;
    caller->attach_flags = (uint32_t)flags;
    attachments_keep(caller, &attachments);
    leases_keep(caller, &attachments);
    return call_queue(caller, node, deadline);
}

long pipens_call_for(struct waiter *waiter, struct node *node, struct message *message_buffer, uint32_t length,
                     uint32_t limit) {
    if ((node->special & NODE_REMOVED) || !node->hook_count)
        return -PIPE_ENXIO;
    long error = cycle_check(waiter, node, NULL);
    if (error)
        return error;
    waiter->page = message_buffer;
    waiter->payload_limit = limit;
    waiter->length = length;
    waiter->attach_flags = 0;
    waiter->attachment_count = 0;
    waiter->lease_count = 0;
    return call_queue(waiter, node, DEADLINE_NONE);
}

// ---- Taking a call ----

// Gives the caller, still queued, to the thread that takes its call.
static void call_hand_over(struct waiter *caller, struct waiter *holder) {
    struct node *node = caller->blocked_on;
    // Before the pipe's own donation ends, so that no priority sinks between.
    donate(&caller->donation, holder, caller->priority);
    waiter_unqueue(caller);
    call_mark_in_flight(caller, node, holder);
}

// Writes what the caller leases into the receiver's header.
static void leases_announce(const struct waiter *caller, struct message_received *head) {
    head->lease_count = caller->lease_count;
    for (uint32_t index = 0; index < caller->lease_count; index++) {
        uint32_t writable = caller->attach_flags & ATTACH_WRITABLE(index) ? LEASE_WRITABLE : 0;
        head->lease_length[index] = (uint32_t)caller->leases[index].length | writable;
    }
}

long call_take(struct hook *hook) {
    struct node *node = hook->node;
    struct waiter *receiver = hook->waiter;
    struct waiter *caller = wait_queue_first(&node->waiting);
    if (attachments_reserve(receiver->principal, caller->attachments, caller->attachment_count)) {
        node->dropped++;
        waiter_cancel(caller, -PIPE_ENOBUFS);
        return PIPENS_BLOCKED;
    }
    call_hand_over(caller, receiver);
    struct slot stamp = message_stamp(caller->principal, MESSAGE_CALL, caller->length);
    message_write(hook, &stamp, caller->page->payload);
    receiver->page->received.token = caller->token;
    leases_announce(caller, &receiver->page->received);
    attachments_deliver(receiver, caller->attachments, caller->attachment_count);
    attachments_leave(caller);
    if (!wait_queue_first(&node->waiting))
        hooks_refresh(node);
    return caller->length;
}

// Whether the receiver has room for the handles. What comes back to its pipe's owner may close the pipe, which wakes
// others: no case for the fast path.
static long fast_attachments_check(struct principal *receiver, const struct attachments *attachments) {
    for (uint32_t index = 0; index < attachments->attachment_count; index++)
        if (attachment_is_of(&attachments->attachments[index], receiver))
            return -PIPE_EAGAIN;
    return attachments_reserve(receiver, attachments->attachments, attachments->attachment_count);
}

// The receiver waits, so the call closes no cycle.
long fast_call_attached(struct waiter *caller, struct waiter *server, struct hook *hook, uint64_t length,
                        uint64_t flags) {
    struct attachments attachments;
    long error = attachments_check(caller, flags & ~(uint64_t)CALL_PAYS, &attachments);
    if (!error && attachments.lease_count)
        error = leases_check(caller, &attachments, flags);
    if (!error && attachments.attachment_count)
        error = fast_attachments_check(server->principal, &attachments);
    if (error)
        return error;
    fast_call_commit(caller, server, hook, length);
    caller->attach_flags = (uint32_t)flags;
    leases_keep(caller, &attachments);
    leases_announce(caller, &server->page->received);
    if (attachments.attachment_count) {
        attachments_take(caller, &attachments, false);
        attachments_deliver(server, attachments.attachments, attachments.attachment_count);
    }
    return 0;
}

// ---- Ending ----

// Takes a caller in flight from its holder.
static void call_detach(struct waiter *caller) {
    struct node *node = caller->blocked_on;
    call_land(caller, node);
    donate(&caller->donation, NULL, 0);
    leases_unpin(caller);
    if (node->special & NODE_UNHELD)
        hooks_refresh(node);
    node_release(node);
}

void call_withdraw(struct waiter *waiter) {
    struct node *node = waiter->blocked_on;
    if (waiter->state == WAIT_IN_FLIGHT) {
        call_detach(waiter);
        return;
    }
    waiter_unqueue(waiter);
    attachments_return(waiter);
    leases_unpin(waiter);
    if (!wait_queue_first(&node->waiting))
        hooks_refresh(node);
}

// ---- Replying ----

// The caller whose call the server's process holds under this token, or NULL.
static inline struct waiter *token_caller(const struct waiter *server, uint64_t token) {
    struct waiter *caller = waiter_numbered(server->principal->names, token & TOKEN_NUMBER_MASK);
    if (!caller || caller->state != WAIT_IN_FLIGHT || caller->token != token)
        return NULL;
    return caller->holder->principal == server->principal ? caller : NULL;
}

struct account *call_payer(const struct waiter *server, uint64_t token, long *error) {
    const struct waiter *caller = token_caller(server, token);
    if (!caller)
        *error = -PIPE_ESTALE;
    else if (!(caller->attach_flags & CALL_PAYS))
        *error = -PIPE_EACCES;
    return *error ? NULL : caller->principal->account;
}

static long reply_check(struct waiter *server, const struct waiter *caller, int64_t length, uint64_t flags,
                        struct attachments *attachments) {
    long error = attachments_check(server, flags, attachments);
    if (error)
        return error;
    if (attachments->lease_count || length < -ERROR_NUMBER_MAX || (length < 0 && attachments->attachment_count))
        return -PIPE_EINVAL;
    if (attachments->attachment_count && caller->payload_limit < PAYLOAD_MAX)
        return -PIPE_ENOTSUP;
    return length > (int64_t)caller->payload_limit ? -PIPE_EMSGSIZE : 0;
}

// The payload and the handles go to the caller's page. If its table has no room for them, they stay where they are and
// the caller gets the error instead of the reply.
static long reply_write(struct waiter *server, struct waiter *caller, uint32_t length,
                        const struct attachments *attachments) {
    long error = attachments_reserve(caller->principal, attachments->attachments, attachments->attachment_count);
    if (error)
        return error;
    head_write_of(caller->page, server->principal, 0, 0, length, MESSAGE_DATA, caller->blocked_on->number);
    host_copy(caller->page->payload, server->page->payload, length);
    attachments_take(server, attachments, false);
    attachments_deliver(caller, attachments->attachments, attachments->attachment_count);
    return length;
}

static long reply(struct waiter *server, uint64_t token, int64_t length, uint64_t flags) {
    struct waiter *caller = token_caller(server, token);
    if (!caller)
        return -PIPE_ESTALE;
    struct attachments attachments;
    long error = reply_check(server, caller, length, flags, &attachments);
    if (error)
        return error;
    struct node *node = caller->blocked_on;
    if (node_is_observed(node))
        observe(node, TAP_REPLIED, server->principal, server->page->payload, length < 0 ? 0 : (uint32_t)length, token);
    long result = length < 0 ? (long)length : reply_write(server, caller, (uint32_t)length, &attachments);
    node->out++;
    call_detach(caller);
    host_wake(caller, result);
    return 0;
}

long fast_reply_attached(struct waiter *server, struct waiter *caller, uint64_t length, uint64_t flags) {
    struct attachments attachments;
    long error = reply_check(server, caller, (int64_t)length, flags, &attachments);
    if (!error)
        error = fast_attachments_check(caller->principal, &attachments);
    if (error)
        return error;
    fast_reply_commit(server, caller, length);
    leases_unpin(caller);
    attachments_take(server, &attachments, false);
    attachments_deliver(caller, attachments.attachments, attachments.attachment_count);
    return 0;
}

long pipens_reply_wait(struct waiter *caller, uint64_t token, int64_t length, uint64_t flags, uint64_t deadline) {
    struct namespace *names = caller->principal->names;
    uint32_t limit = flags & RECEIVE_LIMIT ? caller->page->sent.limit : PAYLOAD_MAX;
    if (flags & ~(uint64_t)(ATTACH_ALL | REPLY_ONLY | RECEIVE_LIMIT) || !limit)
        return -PIPE_EINVAL;
    if (token) {
        long error = reply(caller, token, length, flags & ATTACH_ALL);
        deliver(names);
        if (error)
            return error;
    }
    if (flags & REPLY_ONLY)
        return 0;
    long result = waiter_take(caller, limit);
    deliver(names);
    if (result != PIPENS_BLOCKED)
        return result;
    if (deadline == DEADLINE_NOW)
        return -PIPE_EAGAIN;
    caller->limit = limit;
    caller->state = flags & RECEIVE_LIMIT ? WAIT_LIMITED : WAIT_RECEIVING;
    if (deadline != DEADLINE_NONE)
        host_arm_deadline(caller, deadline);
    return PIPENS_BLOCKED;
}

long pipens_copy_lease(struct waiter *caller, uint64_t token, uint64_t index, uint64_t offset, uint64_t address,
                       uint64_t length) {
    struct waiter *lessor = token_caller(caller, token);
    if (!lessor)
        return -PIPE_ESTALE;
    uint64_t slot = index & LEASE_INDEX_MASK;
    if (index & ~(uint64_t)(LEASE_INDEX_MASK | LEASE_WRITE) || slot >= lessor->lease_count)
        return -PIPE_EINVAL;
    const struct lease *range = &lessor->leases[slot];
    if (offset > range->length || length > range->length - offset)
        return -PIPE_ERANGE;
    bool to_lessor = index & LEASE_WRITE;
    if (to_lessor && !(lessor->attach_flags & ATTACH_WRITABLE(slot)))
        return -PIPE_EACCES;
    if (length > LEASE_COPY_MAX)
        return -PIPE_EMSGSIZE;
    return host_lease_copy(caller, address, lessor, range->address + offset, length, to_lessor);
}
