// SPDX-License-Identifier: MIT
// Queues and topics: pipes that hold messages.
//
//   room -- queue_put, into the last slot --> full -- queue_send, with time --> full, senders wait
//   full, senders wait -- queue_take and queue_admit --> full, one waits less         full -- queue_take --> room
//
// A queue gives each message to exactly one hook, in order. While it is full, senders wait in order of priority.
// 1. Senders wait only while the queue is full.
// A topic gives each message to every hook; it never fills: the oldest message goes.
// 2. A topic's hook reads at its cursor, or at the tail if that has passed it; what lies between is lost to it.
#include "flow.h"

// Fills the next slot. There is room for it.
static void ring_put(struct ring *ring, const struct slot *stamp, const void *payload,
                     const struct attachment *attachments) {
    struct slot *slot = ring_slot(ring, ring->head);
    *slot = *stamp;
    host_copy(slot_payload(slot), payload, stamp->length);
    host_copy(slot_attachments(slot), attachments, stamp->attachment_count * sizeof *attachments);
    ring->head++;
}

void queue_put(struct node *node, const struct slot *stamp, const void *payload, const struct attachment *attachments) {
    // What is moved has no owner in the queue, because its sender may end before it is taken; who pays for the queue
    // pays for it.
    for (uint32_t index = 0; index < stamp->attachment_count; index++)
        if (attachments[index].move)
            host_region_set_owner(attachments[index].object, NULL, node->payer);
    ring_put(&node->ring, stamp, payload, attachments);
    node->in++;
}

void queue_admit(struct node *node) {
    struct waiter *sender;
    while (!ring_is_full(&node->ring) && (sender = wait_queue_first(&node->waiting))) {
        if (account_check_pages(node->payer, attachments_pages(sender->attachments, sender->attachment_count))) {
            waiter_cancel(sender, -PIPE_EDQUOT);
            continue;
        }
        struct slot stamp = message_stamp(sender->principal, MESSAGE_DATA, sender->length);
        stamp.attachment_count = sender->attachment_count;
        queue_put(node, &stamp, sender->page->payload, sender->attachments);
        attachments_leave(sender);
        waiter_unqueue(sender);
        host_wake(sender, 0);
    }
}

// Installs the handles of a message. Those for which the receiver has no room go: that may not keep the message first.
static void slot_deliver(struct hook *hook, struct slot *slot) {
    struct principal *receiver = hook->waiter->principal;
    bool pays_already = hook->node->payer == receiver->account;
    if ((pays_already ? handle_reserve(receiver, slot->attachment_count)
                      : attachments_reserve(receiver, slot_attachments(slot), slot->attachment_count)) == 0) {
        attachments_deliver(hook->waiter, slot_attachments(slot), slot->attachment_count);
    } else {
        attachments_release(slot_attachments(slot), slot->attachment_count);
        hook->node->dropped++;
    }
    slot->attachment_count = 0;
}

// Takes the next message, or up to `limit` bytes of it. What is left of it stays first.
long queue_take(struct hook *hook, uint32_t limit) {
    struct node *node = hook->node;
    struct slot *slot = ring_slot(&node->ring, node->ring.tail);
    struct slot part = *slot;
    part.length = slot->length - slot->taken;
    if (part.length > limit)
        part.length = limit;
    message_write(hook, &part, slot_payload(slot) + slot->taken);
    slot_deliver(hook, slot);
    slot->taken += part.length;
    if (slot->taken < slot->length)
        return part.length;
    node->ring.tail++;
    node->out++;
    queue_admit(node);
    if (ring_depth(&node->ring) == 0)
        hooks_refresh(node);
    return part.length;
}

// Waits until the queue has room. Nothing else was changed yet.
static long queue_wait(struct waiter *sender, struct node *node, uint32_t length, const struct attachments *attachments,
                       uint64_t deadline) {
    if (deadline == DEADLINE_NOW)
        return -PIPE_EAGAIN;
    long error = cycle_check(sender, node, sender->page);
    if (error)
        return error;
    sender->length = length;
    sender->lease_count = 0;
    attachments_keep(sender, attachments);
    waiter_queue(sender, node, WAIT_SENDING, deadline);
    return PIPENS_BLOCKED;
}

long queue_send(struct waiter *sender, struct node *node, uint64_t length, uint64_t flags, uint64_t deadline) {
    struct attachments attachments;
    long error = attachments_check(sender, flags, &attachments);
    if (error)
        return error;
    if (attachments.lease_count)
        return -PIPE_ENOTSUP;
    if (length > ring_payload_max(&node->ring, attachments.attachment_count))
        return -PIPE_EMSGSIZE;
    error = account_check_pages(node->payer, attachments_pages(attachments.attachments, attachments.attachment_count));
    if (error)
        return error;
    if (ring_is_full(&node->ring))
        return queue_wait(sender, node, (uint32_t)length, &attachments, deadline);
    struct slot stamp = message_stamp(sender->principal, MESSAGE_DATA, (uint32_t)length);
    stamp.attachment_count = (uint8_t)attachments.attachment_count;
    attachments_take(sender, &attachments, false);
    queue_put(node, &stamp, sender->page->payload, attachments.attachments);
    hooks_refresh(node);
    return 0;
}

void topic_put(struct node *node, const struct slot *stamp, const void *payload) {
    if (ring_is_full(&node->ring))
        node->ring.tail++;
    ring_put(&node->ring, stamp, payload, NULL);
    node->in++;
    hooks_refresh(node);
}

long topic_take(struct hook *hook) {
    struct node *node = hook->node;
    if (hook->cursor < node->ring.tail) {
        uint64_t lost = node->ring.tail - hook->cursor;
        hook->lost += (uint32_t)lost;
        node->dropped += lost;
        hook->cursor = node->ring.tail;
    }
    struct slot *slot = ring_slot(&node->ring, hook->cursor++);
    message_write(hook, slot, slot_payload(slot));
    node->out++;
    return slot->length;
}

long topic_send(struct waiter *sender, struct node *node, uint64_t length, uint64_t flags) {
    if (flags)
        return -PIPE_ENOTSUP;
    if (length > ring_payload_max(&node->ring, 0))
        return -PIPE_EMSGSIZE;
    struct slot stamp = message_stamp(sender->principal, MESSAGE_DATA, (uint32_t)length);
    topic_put(node, &stamp, sender->page->payload);
    return 0;
}

void pipens_publish(struct node *node, const void *payload, uint32_t length) {
    struct slot stamp = message_stamp(node->owner, MESSAGE_DATA, length);
    if (node_is_observed(node))
        observe(node, TAP_SENT, node->owner, payload, length, 0);
    topic_put(node, &stamp, payload);
    deliver(node->owner->names);
}
