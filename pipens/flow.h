// SPDX-License-Identifier: MIT
// What the files of pipens share: the parts of the flows. Hosts include calls.h instead. The
// invariants and states stand in the file of the same name.
#ifndef PIPENS_FLOW_H
#define PIPENS_FLOW_H

#include "calls.h"
#include "handle.h"
#include "hook.h"
#include "host.h"
#include "node.h"
#include "waiter.h"

// Units of work in one bounded step: waiters woken, messages released, handles closed.
#define BATCH 64u

// ---- Messages (message.c) ----

// The attachments of a message, copied out of the page and checked.
struct attachments {
    struct attachment attachments[MESSAGE_HANDLES_MAX];
    uint32_t index[MESSAGE_HANDLES_MAX]; // of the sender's handles
    struct lease leases[MESSAGE_LEASES_MAX];
    uint32_t attachment_count, lease_count;
};

// Copies and checks what the flags say. 0, -EINVAL, -EBADF, -ESTALE, -EPIPE or -EBUSY.
long attachments_check(struct waiter *sender, uint64_t flags, struct attachments *attachments);
// References for what is only passed; moved regions leave the sender's table (or, `in_transit`, keep their slot
// there).
void attachments_take(struct waiter *sender, const struct attachments *attachments, bool in_transit);
// The queued message of the waiter goes out: what it moved leaves its table. Or it comes back: as before it was sent.
void attachments_leave(struct waiter *sender);
void attachments_return(struct waiter *sender);
// Keeps attachments, taken in transit, with the waiter until its message goes out.
void attachments_keep(struct waiter *sender, const struct attachments *attachments);
// Whether the handle is of a pipe that the receiver owns.
static inline bool attachment_is_of(const struct attachment *attachment, const struct principal *receiver) {
    return attachment->type == HANDLE_PIPE && ((const struct node *)attachment->object)->owner == receiver;
}
// 0, or the error of a receiver that has no room for the handles, or for the pages of the regions that are moved.
long attachments_reserve(struct principal *receiver, const struct attachment *attachments, uint32_t count);
// The pages of the regions that are moved.
uint64_t attachments_pages(const struct attachment *attachments, uint32_t count);
// Installs a handle; a region that is moved is the receiver's from now on. There is room. The handle's number.
static inline uint32_t attachment_install(struct principal *receiver, const struct attachment *attachment) {
    if (attachment->move)
        host_region_set_owner(attachment->object, receiver, receiver->account);
    else if (attachment_is_of(attachment, receiver))
        node_come_inside(attachment->object);
    return handle_install(receiver, attachment);
}
// Installs the attachments as handles of the receiver, for which there is room, and writes their numbers into its page.
void attachments_deliver(struct waiter *receiver, const struct attachment *attachments, uint32_t count);
void attachments_release(const struct attachment *attachments, uint32_t count);

// A slot's header for a message of this principal, now.
struct slot message_stamp(const struct principal *sender, enum message_type type, uint32_t length);
// Writes the header and payload of a message that came through the hook; there are no attachments and no token yet.
void message_write(struct hook *hook, const struct slot *stamp, const void *payload);

// ---- Flows: what `take` of each returns is what waiter_take returns ----

void queue_put(struct node *node, const struct slot *stamp, const void *payload, const struct attachment *attachments);
long queue_take(struct hook *hook, uint32_t limit);
// Moves blocked senders' messages into the queue while there is room.
void queue_admit(struct node *node);
void topic_put(struct node *node, const struct slot *stamp, const void *payload);
long topic_take(struct hook *hook);
long event_take(struct hook *hook);
long call_take(struct hook *hook);

long queue_send(struct waiter *sender, struct node *node, uint64_t length, uint64_t flags, uint64_t deadline);
long topic_send(struct waiter *sender, struct node *node, uint64_t length, uint64_t flags);
long event_send(struct waiter *sender, struct node *node, struct hook *hook, uint64_t value, uint64_t flags);

// The open handle's entry if it is a pipe that may be used with the right, now; else NULL with *error set to -EBADF,
// -ESTALE, -EPIPE or -EACCES, and a refusal counted.
struct handle_entry *pipe_entry(struct waiter *caller, uint64_t handle, unsigned right, long *error);

// ---- Calls in flight (call.c) ----

// The account of the caller whose call the server holds under the token, if it pays; NULL with *error set: -ESTALE,
// -EACCES.
struct account *call_payer(const struct waiter *server, uint64_t token, long *error);
// Takes back a call or message of a waiter that is queued, in flight or sending; it does not wake it.
void call_withdraw(struct waiter *waiter);

// ---- Interrupt lines (interrupt.c) ----

// The hook has answered; the line is unmasked, or tried again later, once all have.
void interrupt_answer(struct hook *hook, bool handled);
// A hook on the line came, or went.
void interrupt_hooked(struct node *node);
void interrupt_unhooked(struct node *node);

// ---- Waiting (waiter.c) ----

// The thread that serves the pipe, maybe by several hooks; NULL if there is none, or if there are several, any of which
// may take what comes next.
struct waiter *node_server(const struct node *node);
// Donates the highest priority that waits on the pipe to the thread that serves it.
void node_donate_again(struct node *node);
// Puts the waiter into the pipe's queue of those that wait.
void waiter_queue(struct waiter *waiter, struct node *node, enum wait_state state, uint64_t deadline);
void waiter_unqueue(struct waiter *waiter);
// Ends the waiter's wait with an error, as pipens_cancel.
void waiter_cancel(struct waiter *waiter, long error);
// Makes the table of waiters. 0 or -ENOMEM.
long waiter_table_initialize(struct namespace *names);

// ---- Hooks (hook.c) ----

// Whether the hook's pipe has something for it.
bool hook_has(const struct hook *hook);
// Sets the rules; what they bar leaves the ready lists, and what they bar no longer comes back.
void node_set_rules(struct node *node, uint16_t rules);
// The hook is told that its pipe is gone.
void hook_gone(struct hook *hook);

// ---- Lives (life.c) ----

// Whether a watcher, a hook with HOOK_END, or a hook of the owner has this to tell once nothing is left to take.
bool hook_has_begun(const struct hook *hook);
bool hook_has_ended(const struct hook *hook);
bool hook_is_closed(const struct hook *hook);
// What waiter_take returns. The last one ends the hook.
long begin_take(struct hook *hook);
long end_take(struct hook *hook);
long closed_take(struct hook *hook);

// ---- Cycles (cycle.c) ----

// -EDEADLK, with the names of the chain in `page` (NULL: without), if waiting on the pipe would close a cycle; else 0.
long cycle_check(const struct waiter *waiter, const struct node *node, struct message *page);
// A hook of the pipe has ended. If only a thread is left to serve it that waits, itself or through others, for one of
// those that wait for the pipe, that one's wait ends with EDEADLK.
void cycle_break(struct node *node);

// ---- Taps and trace (tap.c) ----

// Records what passes for the taps of the node and for the trace. Only call it after node_is_observed.
void observe(struct node *node, enum tap_operation operation, const struct principal *actor, const void *payload,
             uint32_t length, uint64_t value);
static inline bool node_is_observed(const struct node *node) {
    return (node->special & NODE_OBSERVED) || node->owner->names->is_traced;
}
void trace(struct namespace *names, enum trace_operation operation, const struct principal *actor,
           const struct node *node, uint32_t length, uint64_t value);
// Tells the directory's hooks that a name came or went.
void directory_changed(struct node *directory, const struct node *child, bool added, const struct principal *actor);

#endif
