// SPDX-License-Identifier: MIT
// The short way of a call: a caller on a call pipe whose server waits, and a server whose reply has a caller and which
// has nothing else to take. Each way is a check, which may say no and changes nothing, and a commit, which cannot fail
// and does just what the general way (call.c) does in this case. Everything else goes the general way.
//
// The host copies the payload and switches from one thread to the other: neither passes through its scheduler.
#ifndef PIPENS_FAST_H
#define PIPENS_FAST_H

#include "call.h"
#include "handle.h"
#include "hook.h"
#include "node.h"
#include "waiter.h"

// The server that would take this call at once, or NULL: then the call goes the general way.
static inline struct waiter *fast_call_check(const struct waiter *caller, uint64_t handle, uint64_t length,
                                             uint64_t flags, uint64_t deadline, struct hook **through) {
    if ((flags | ~deadline) != 0 || length > PAYLOAD_MAX)
        return NULL;
    const struct handle_entry *entry = handle_find(&caller->principal->handles, handle);
    if (!entry || entry->type != HANDLE_PIPE)
        return NULL;
    const struct node *node = entry->object;
    if (node->flow != FLOW_CALL || node->special)
        return NULL;
    if (!((uint32_t)(node->rules >> entry->rule_shift & entry->rights) & RIGHT_WRITE))
        return NULL;
    if (caller->principal->names->is_traced || list_is_empty(&node->hooks))
        return NULL;
    struct hook *hook = list_object(node->hooks.next, struct hook, of_node);
    *through = hook;
    return hook->waiter->state == WAIT_RECEIVING ? hook->waiter : NULL;
}

// What the message's header says of its sender, as one word each.
static inline void fast_head(struct message *page, const struct waiter *sender, uint64_t token, uint64_t key,
                             uint64_t length, enum message_type type, uint32_t pipe) {
    page->received = (struct message_received){.token = token,
                                               .key = key,
                                               .pid = sender->principal->pid,
                                               .generation = sender->principal->generation,
                                               .length = (uint32_t)length,
                                               .kind = sender->principal->kind,
                                               .type = (uint8_t)type,
                                               .pipe = pipe};
}

// The caller is in flight, the server has its message's header and runs with its priority; only the payload is to be
// copied.
static inline void fast_call_commit(struct waiter *caller, struct waiter *server, struct hook *hook, uint64_t length) {
    struct node *node = hook->node;
    node->in++;
    node->in_flight++;
    node->references++;
    caller->state = WAIT_IN_FLIGHT;
    caller->blocked_on = node;
    caller->holder = server;
    caller->token = token_next(caller);
    list_append(&server->held, &caller->in_held);
    list_append(&node->flying, &caller->peers);
    caller->lending = (struct lending){server, caller->priority};
    lent_add(server, caller->priority);
    if (server->priority < caller->priority)
        server->priority = caller->priority;
    server->state = WAIT_NONE;
    fast_head(server->page, caller, caller->token, hook->key, length, MESSAGE_CALL, node->number);
}

// The caller that this reply would wake while its server goes on to wait, or NULL: the general way.
static inline struct waiter *fast_reply_check(const struct waiter *server, uint64_t token, uint64_t length,
                                              uint64_t flags, uint64_t deadline) {
    if ((flags | ~deadline) != 0 || !list_is_empty(&server->ready))
        return NULL;
    struct waiter *caller = waiter_numbered(server->principal->names, token & TOKEN_NUMBER_MASK);
    if (!caller || caller->token != token || caller->state != WAIT_IN_FLIGHT || caller->holder != server)
        return NULL;
    if (length > caller->payload_limit || caller->lend_count)
        return NULL;
    return caller->blocked_on->special || server->principal->names->is_traced ? NULL : caller;
}

// The caller has its reply's header, the server waits; only the payload is to be copied.
static inline void fast_reply_commit(struct waiter *server, struct waiter *caller, uint64_t length) {
    struct node *node = caller->blocked_on;
    node->out++;
    node->in_flight--;
    node->references--; // not the last: the name holds one
    list_remove(&caller->in_held);
    list_remove(&caller->peers);
    caller->state = WAIT_NONE;
    caller->holder = NULL;
    lent_remove(server, caller->lending.priority);
    caller->lending.to = NULL;
    caller->lending.priority = 0;
    server->priority = (uint8_t)priority_with_lent(server);
    server->state = WAIT_RECEIVING;
    fast_head(caller->page, server, 0, 0, length, MESSAGE_DATA, node->number);
}

#endif
