// SPDX-License-Identifier: MIT
// Waiters: the side of a thread that waits. The host embeds one in each thread.
//
//   RUNNING -- pipens_reply_wait, fast_reply_commit: nothing ready --> RECEIVING -- deliver: a hook is --> RUNNING
//   RUNNING -- pipens_reply_wait with RECEIVE_LIMIT: nothing ready --> LIMITED -- deliver: a hook is --> RUNNING
//   RUNNING -- pipens_call, pipens_call_for --> QUEUED -- call_take: a server takes it --> IN_FLIGHT
//   RUNNING -- fast_call_commit: a server waits --> IN_FLIGHT,  the server: RECEIVING --> RUNNING
//   IN_FLIGHT -- pipens_reply_wait (reply), fast_reply_commit --> RUNNING
//   IN_FLIGHT -- waiter_end_step of the holder --> RUNNING
//   RUNNING -- pipens_send (queue_wait): the queue is full --> SENDING -- queue_admit: room, in turn --> RUNNING
//   QUEUED, SENDING -- node_remove_step --> RUNNING
//   RECEIVING -- fast_signal_commit, fast_send_commit --> RUNNING
//   any but RUNNING -- pipens_cancel: its deadline, a cycle; waiter_end_step: its end --> RUNNING
//
// The invariants stand in waiter.c.
#ifndef PIPENS_WAITER_H
#define PIPENS_WAITER_H

#include "abi.h"
#include "list.h"
#include "ring.h"

#define PRIORITIES 32u

// One donation of priority: `to` runs at least at `priority` while this holds. A calling waiter donates to the holder
// of its call; a pipe donates the highest priority that waits on it to the one thread that serves it.
struct donation {
    struct waiter *to; // NULL: none
    uint8_t priority;
};

// Waiters in order of priority, first come first served within one. The first of each priority is its leader; the
// leaders form a list of at most PRIORITIES, the others of a priority form a ring with their leader.
struct wait_queue {
    struct waiter *leaders;
    uint32_t count;
};

struct waiter {
    struct principal *principal;
    struct message *page;   // where the kernel reads and writes its messages
    uint32_t payload_limit; // of the page: PAYLOAD_MAX, or less while the kernel itself calls for the thread
    uint32_t number;        // in the namespace's table; part of its tokens
    uint8_t state;          // enum wait_state of abi.h
    uint8_t base_priority;  // its own
    uint8_t priority;       // with what is donated to it: never below its own
    bool has_ended;

    // Receiving
    struct list hooks;                  // all its hooks
    struct list ready;                  // those with something to take, in the order in which they became ready
    uint32_t limit;                     // LIMITED: bytes of a queue's message
    struct list held;                   // callers whose tokens it holds, by waiter.in_held
    uint32_t donated_mask;              // bit p: donated_count[p] is not 0
    uint16_t donated_count[PRIORITIES]; // donations to it at each priority

    // Calling or sending
    struct node *blocked_on; // the pipe, while QUEUED, IN_FLIGHT or SENDING
    struct waiter *holder;   // IN_FLIGHT: who has the token
    uint64_t token;          // IN_FLIGHT: the only one that is good
    struct list in_held;
    struct list peers; // in a wait_queue: the ring of one priority; IN_FLIGHT: in node.flights; else: in names.awake
    struct waiter *next_leader;
    bool is_leader;
    uint8_t queued_priority; // under which it was queued
    uint32_t length;         // of the payload that waits in its page
    uint32_t attach_flags;   // the flags of the call: ATTACH_*
    uint64_t since;          // when it was queued
    struct attachment attachments[MESSAGE_HANDLES_MAX];
    uint32_t transit[MESSAGE_HANDLES_MAX]; // indices of handles in transit
    uint8_t attachment_count, lease_count;
    struct lease leases[MESSAGE_LEASES_MAX];
    struct donation donation;
};

struct namespace;

// Whether the thread waits for messages of its hooks.
static inline bool waiter_receives(const struct waiter *waiter) {
    return waiter->state == WAIT_RECEIVING || waiter->state == WAIT_LIMITED;
}

// It waits no more; what its hooks could take stays.
static inline void waiter_stop_receiving(struct waiter *waiter) {
    waiter->state = WAIT_NONE;
    list_remove(&waiter->peers);
}

// Sets up the waiter of a new thread. 0, -ENFILE if the namespace has WAITERS_MAX, -ENOMEM.
#define WAITERS_MAX 65536u
long waiter_initialize(struct waiter *waiter, struct principal *principal, struct message *page, unsigned priority);
// Ends a waiter: its wait is cancelled without a wake, its hooks go, the callers whose tokens it holds get EOWNERDEAD.
// Does a bounded step; true if more is left to do. After the last step its memory is free.
bool waiter_end_step(struct waiter *waiter);
// Changes its own priority, and its donation.
void waiter_set_priority(struct waiter *waiter, unsigned priority);

void wait_queue_insert(struct wait_queue *queue, struct waiter *waiter);
void wait_queue_remove(struct wait_queue *queue, struct waiter *waiter);
static inline struct waiter *wait_queue_first(const struct wait_queue *queue) {
    return queue->leaders;
}

// Donates `priority` to `to` instead of what `donation` went to before (`to` NULL: donates nothing any more), and
// passes the change on along the chain of waits.
void donate(struct donation *donation, struct waiter *to, unsigned priority);

#endif
