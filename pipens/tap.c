// SPDX-License-Identifier: MIT
// Seeing it: taps on single pipes, the trace of all, and changes in directories. Whoever watches pays for the memory,
// never slows what is watched, and is told how much was lost.
//
//   a pipe, the trace:  unwatched -- hook_attach, the first --> watched -- hook_detach, the last --> unwatched
//
// 1. A node is NODE_OBSERVED if and only if something taps it; the trace is written if and only if something hooks it.
// 2. Recording cannot fail and wakes only who watches: where a ring is full, the oldest record goes and is counted.
#include "flow.h"

static enum trace_operation trace_of(enum tap_operation operation) {
    static const uint8_t operations[] = {[TAP_SENT] = TRACE_SEND,
                                         [TAP_CALLED] = TRACE_CALL,
                                         [TAP_REPLIED] = TRACE_REPLY,
                                         [TAP_SIGNALLED] = TRACE_SIGNAL};
    return operations[operation];
}

void trace(struct namespace *names, enum trace_operation operation, const struct principal *actor,
           const struct node *node, uint32_t length, uint64_t value) {
    if (!names->is_traced || node == names->trace)
        return;
    struct trace_record record = {host_now(), operation, actor->pid, node ? node->number : 0, length, value};
    struct slot stamp = message_stamp(actor, MESSAGE_DATA, sizeof record);
    topic_put(names->trace, &stamp, &record);
}

void observe(struct node *node, enum tap_operation operation, const struct principal *actor, const void *payload,
             uint32_t length, uint64_t value) {
    struct tap_message head = {host_now(), operation, length};
    struct slot stamp = message_stamp(actor, MESSAGE_TAP, 0);
    for (struct list *link = node->taps.next; link != &node->taps; link = link->next)
        hook_record(list_object(link, struct hook, of_node), &stamp, &head, sizeof head, payload, length);
    trace(node->owner->names, trace_of(operation), actor, node, length, value);
}

void directory_changed(struct node *directory, const struct node *child, bool added, const struct principal *actor) {
    if (list_is_empty(&directory->hooks))
        return;
    struct change_message change = {.added = added, .flow = child->flow};
    host_copy(change.name, node_name(child), child->name_length);
    struct slot stamp = message_stamp(actor, MESSAGE_CHANGE, 0);
    for (struct list *link = directory->hooks.next; link != &directory->hooks; link = link->next)
        hook_record(list_object(link, struct hook, of_node), &stamp, &change, sizeof change, NULL, 0);
}

void pipens_denied(struct principal *principal, struct node *node, long error) {
    principal->denied++;
    if (node)
        node->denied++;
    trace(principal->names, TRACE_DENIED, principal, node, 0, (uint64_t)-error);
    deliver(principal->names);
}

void pipens_trace_death(struct principal *principal, uint64_t status) {
    trace(principal->names, TRACE_DEATH, principal, NULL, 0, status);
    deliver(principal->names);
}
