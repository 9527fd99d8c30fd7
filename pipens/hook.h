// SPDX-License-Identifier: MIT
// Hooks: "this thread waits for this pipe". A hook is either idle or in its thread's ready list; it is ready if and
// only if its pipe may have something for it. Taps and hooks on directories have a ring of their own, paid by who
// hooks.
//
// Its invariants and states stand in hook.c.
#ifndef PIPENS_HOOK_H
#define PIPENS_HOOK_H

#include "handle.h"
#include "list.h"
#include "node.h"
#include "ring.h"
#include "waiter.h"

#define TAP_CAPACITY 16u    // records that a tap's ring holds
#define TAP_BYTES 416u      // of a tap message: its header, and as much of the payload as fits
#define CHANGE_CAPACITY 32u // changes that a directory hook's ring holds

struct hook {
    struct node *node; // NULL once the pipe was removed
    struct waiter *waiter;
    uint64_t key;
    uint64_t cursor; // topic: the next sequence number; event: signals that it has seen
    struct list of_node, of_waiter, in_ready;
    uint32_t handle_index;
    uint32_t pipe;         // number of the node, also after its end
    uint32_t lost;         // since it last took something
    struct account *payer; // of its memory
    bool is_ready, is_tap, owes_answer;
    bool is_watcher;           // HOOK_BEGIN
    bool tells_end;            // HOOK_END
    bool is_revoked;           // the rules no longer let its process take from the pipe: see 4 in hook.c
    uint64_t told_at;          // when it was told of the interrupt that it owes an answer for
    struct ring ring;          // capacity 0 where there is none
    struct event_message last; // an event pipe's last unread count, once it was removed
};

// Makes the hook ready, if it is not. If its thread waits, `deliver` gives it the message.
void hook_make_ready(struct hook *hook);
// Every hook of the pipe becomes ready if and only if the pipe has something for it.
void hooks_refresh(struct node *node);
// Gives each thread that waits and has a ready hook its message. This ends each system call and each event of the host
// that may make hooks ready, so nothing is taken in the middle of a change.
void deliver_all(struct namespace *names);
static inline void deliver(struct namespace *names) {
    if (!list_is_empty(&names->awake))
        deliver_all(names);
}
// Takes the hook apart and frees it. It counts as an answer.
void hook_end(struct hook *hook);
// Puts a message into the hook's own ring: the oldest goes if it is full, and counts as lost. `head` and `body` are
// joined.
void hook_record(struct hook *hook, const struct slot *stamp, const void *head, uint32_t head_length, const void *body,
                 uint32_t body_length);

// Takes the next message of the waiter's ready hooks into its page, of a queue's message at most `limit` bytes. Its
// payload's length, or PIPENS_BLOCKED if nothing is there. A call for whose handles there is no room ends with ENOBUFS,
// a queue's message comes without them; both count as dropped. -ENOBUFS if so many calls ended that the rest is for the
// next time.
long waiter_take(struct waiter *waiter, uint32_t limit);

#endif
