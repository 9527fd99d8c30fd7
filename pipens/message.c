// SPDX-License-Identifier: MIT
// Messages: what a sender's page says is copied before it is checked, and what a receiver's page gets is the kernel's
// word.
//
// A region that is moved:
//   in the sender's table -- attachments_take, the message goes at once ----------------------> in the message
//   in the sender's table -- attachments_take, the sender waits --> in transit -- attachments_leave --> in the message
//   in transit -- attachments_return --> in the sender's table
//   in the message -- attachments_deliver --> in the receiver's table, -- attachments_release --> given back
//
// 1. No attachment is taken before all were checked, and then all are taken.
// 2. What a waiting sender moves is in transit: it can be neither used nor closed until it is taken or comes back.
#include "flow.h"
#include "head.h"

// Checks one handle of the page's header and notes what it stands for. `rights`: at most these.
static long attachment_check(struct waiter *sender, uint32_t handle, unsigned rights, bool move,
                             struct attachment *attachment) {
    struct handle_table *table = &sender->principal->handles;
    struct handle_entry *entry = handle_find(table, handle);
    if (!entry || (entry->type != HANDLE_PIPE && entry->type != HANDLE_REGION))
        return handle_error(table, handle);
    *attachment = (struct attachment){entry->object, entry->type, entry->rule_class, entry->rights, move};
    if (entry->type == HANDLE_REGION)
        return host_region_may_pass(entry->object, sender->principal, move);
    if (move)
        return -PIPE_EINVAL;
    attachment->rights &= (uint8_t)rights;
    if (!attachment->rights)
        return -PIPE_EACCES;
    return ((const struct node *)entry->object)->special & NODE_REMOVED ? -PIPE_EPIPE : 0;
}

// Whether a moved region stands twice in the attachments.
static bool is_moved_twice(const struct attachments *attachments, uint32_t last) {
    for (uint32_t index = 0; index < last; index++)
        if (attachments->attachments[index].object == attachments->attachments[last].object &&
            attachments->attachments[last].move)
            return true;
    return false;
}

// Apart, so that a message that only leases does not pay for it.
static __attribute__((noinline)) long attachments_check_each(struct waiter *sender, uint64_t flags,
                                                             struct attachments *attachments) {
    uint32_t handles[MESSAGE_HANDLES_MAX];
    uint8_t rights[MESSAGE_HANDLES_MAX] = {0};
    __builtin_memcpy(handles, sender->page->sent.handle, sizeof handles);
    if (flags & ATTACH_LIMITED)
        __builtin_memcpy(rights, sender->page->sent.rights, sizeof rights);
    for (uint32_t index = 0; index < attachments->attachment_count; index++) {
        bool move = flags & ATTACH_MOVE(index);
        unsigned limit = rights[index] ? rights[index] : RIGHTS_ALL;
        long error = attachment_check(sender, handles[index], limit, move, &attachments->attachments[index]);
        if (!error && is_moved_twice(attachments, index))
            error = -PIPE_EINVAL;
        if (error)
            return error;
        attachments->index[index] = handles[index] & HANDLE_INDEX_MASK;
    }
    return 0;
}

long attachments_check(struct waiter *sender, uint64_t flags, struct attachments *attachments) {
    attachments->attachment_count = flags & ATTACH_HANDLES_MASK;
    attachments->lease_count = (uint32_t)(flags & ATTACH_LEASES_MASK) / ATTACH_LEASES(1);
    if (flags & ~(uint64_t)ATTACH_ALL || attachments->attachment_count > MESSAGE_HANDLES_MAX ||
        attachments->lease_count > MESSAGE_LEASES_MAX)
        return -PIPE_EINVAL;
    __builtin_memcpy(attachments->leases, sender->page->sent.lease,
                     sizeof attachments->leases); // in line: these are few bytes
    return attachments->attachment_count ? attachments_check_each(sender, flags, attachments) : 0;
}

uint64_t attachments_pages(const struct attachment *attachments, uint32_t count) {
    uint64_t pages = 0;
    for (uint32_t index = 0; index < count; index++)
        if (attachments[index].move)
            pages += host_region_pages(attachments[index].object);
    return pages;
}

long attachments_reserve(struct principal *receiver, const struct attachment *attachments, uint32_t count) {
    long error = handle_reserve(receiver, count);
    return error ? error : account_check_pages(receiver->account, attachments_pages(attachments, count));
}

static void attachment_retain(const struct attachment *attachment) {
    if (attachment->type == HANDLE_PIPE)
        node_hold(attachment->object, attachment->rights, true);
    else
        host_region_retain(attachment->object);
}

void attachments_take(struct waiter *sender, const struct attachments *attachments, bool in_transit) {
    for (uint32_t index = 0; index < attachments->attachment_count; index++) {
        if (!attachments->attachments[index].move)
            attachment_retain(&attachments->attachments[index]);
        else if (in_transit)
            handle_entry_at(&sender->principal->handles, attachments->index[index])->type = HANDLE_IN_TRANSIT;
        else
            handle_forget(sender->principal, attachments->index[index]);
    }
}

void attachments_keep(struct waiter *sender, const struct attachments *attachments) {
    attachments_take(sender, attachments, true);
    sender->attachment_count = (uint8_t)attachments->attachment_count;
    for (uint32_t index = 0; index < attachments->attachment_count; index++) {
        sender->attachments[index] = attachments->attachments[index];
        sender->transit[index] = attachments->index[index];
    }
}

void attachments_leave(struct waiter *sender) {
    for (uint32_t index = 0; index < sender->attachment_count; index++)
        if (sender->attachments[index].move)
            handle_forget(sender->principal, sender->transit[index]);
    sender->attachment_count = 0;
}

void attachments_return(struct waiter *sender) {
    for (uint32_t index = 0; index < sender->attachment_count; index++) {
        if (sender->attachments[index].move)
            handle_entry_at(&sender->principal->handles, sender->transit[index])->type = HANDLE_REGION;
        else
            attachments_release(&sender->attachments[index], 1);
    }
    sender->attachment_count = 0;
}

void attachments_deliver(struct waiter *receiver, const struct attachment *attachments, uint32_t count) {
    for (uint32_t index = 0; index < count; index++)
        receiver->page->received.handle[index] = attachment_install(receiver->principal, &attachments[index]);
    receiver->page->received.handle_count = (uint8_t)count;
}

void attachments_release(const struct attachment *attachments, uint32_t count) {
    for (uint32_t index = 0; index < count; index++) {
        if (attachments[index].type == HANDLE_PIPE)
            node_drop(attachments[index].object, attachments[index].rights, true);
        else
            host_region_release(attachments[index].object);
    }
}

struct slot message_stamp(const struct principal *sender, enum message_type type, uint32_t length) {
    return (struct slot){.time = host_now(),
                         .pid = sender->pid,
                         .generation = sender->generation,
                         .length = length,
                         .kind = sender->kind,
                         .type = (uint8_t)type};
}

void message_write(struct hook *hook, const struct slot *stamp, const void *payload) {
    uint64_t sender = stamp->pid | (uint64_t)stamp->generation << 32;
    head_write(hook->waiter->page, sender, stamp->kind, 0, hook->key, stamp->length, (enum message_type)stamp->type,
               hook->lost, hook->pipe);
    hook->lost = 0;
    host_copy(hook->waiter->page->payload, payload, stamp->length);
}
