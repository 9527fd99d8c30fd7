// SPDX-License-Identifier: MIT
// Rings of messages: the memory of queues, topics, taps and directory hooks. All of it is allocated when the ring is
// made, so putting a message in never allocates.
//
// Its invariants and states stand in ring.c.
#ifndef PIPENS_RING_H
#define PIPENS_RING_H

#include "abi.h"
#include "account.h"

#include <stdbool.h>

// A handle on its way: the object, and what the receiver may do with it.
struct attachment {
    void *object;
    uint8_t type;       // enum handle_type
    uint8_t rule_class; // enum rule_class under which the giver opened it
    uint8_t rights;
    uint8_t move; // 1: a region whose ownership goes along
};

// What the ring keeps of one message. The payload follows, and after it, aligned, the attachments.
struct slot {
    uint64_t time; // when it was put in
    uint32_t pid, generation;
    uint32_t length;
    uint8_t kind, type, attachment_count, unused;
    uint32_t taken;   // bytes of the payload that RECEIVE_LIMIT has given out
    uint32_t padding; // keeps the payload's alignment
};

_Static_assert(sizeof(struct slot) == 32, "a slot's header is 32 bytes");
_Static_assert(sizeof(struct attachment) == 16, "an attachment is 16 bytes");

struct ring {
    uint8_t **pages;
    uint32_t capacity;   // messages
    uint32_t slot_shift; // a slot has 1 << slot_shift bytes
    uint64_t head, tail; // sequence numbers of the next message in, and of the oldest; head - tail messages are held
};

// Makes a ring for `capacity` messages of up to `payload_max` bytes. 0, or -EINVAL if it would need more than
// RING_PAGES_MAX pages, -EDQUOT, -ENOMEM; then nothing was allocated.
#define RING_PAGES_MAX 512u
long ring_make(struct ring *ring, struct account *account, uint32_t capacity, uint32_t payload_max);
// Frees the ring's memory. Attachments in it must have been released.
void ring_destroy(struct ring *ring, struct account *account);

// The longest payload of a message with this many attachments.
uint32_t ring_payload_max(const struct ring *ring, uint32_t attachments);
// The slot of a sequence number between tail and head (head: the next one to fill).
struct slot *ring_slot(const struct ring *ring, uint64_t sequence);

static inline uint64_t ring_depth(const struct ring *ring) {
    return ring->head - ring->tail;
}

static inline bool ring_is_full(const struct ring *ring) {
    return ring_depth(ring) == ring->capacity;
}

static inline uint8_t *slot_payload(struct slot *slot) {
    return (uint8_t *)(slot + 1);
}

static inline struct attachment *slot_attachments(struct slot *slot) {
    uint32_t aligned = (slot->length + 15u) & ~15u;
    return (struct attachment *)(void *)(slot_payload(slot) + aligned);
}

#endif
