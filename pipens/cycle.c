// SPDX-License-Identifier: MIT
// Cycles of waiting. A blocked thread waits for one other: the holder of its token, or the one thread that serves the
// pipe in whose queue it stands. So the threads that a wait depends on form a chain, and a wait that would end at the
// waiter itself is refused. A holder is followed even while it only waits on its hooks: it still owes the reply, and if
// it then waits for one of those that wait for it, that wait closes the cycle and is the one that is refused.
//
//   a chain:  ends -- cycle_check allows waiter_queue --> ends -- hook_detach leaves one server --> a cycle, maybe
//             a cycle -- cycle_break, at once --> ends
//
// 1. No chain of waits leads back to its start: cycle_check refuses the wait that would close it, cycle_break ends one
// that the end of a hook has closed.
//
// A pipe that several threads hook has no single server; there the chain ends and no cycle is seen. If all but one of
// them end their hooks while others wait, a cycle may have come about; then the wait for that pipe ends.
#include "flow.h"

#define CHAIN_MAX 1024u // threads that are followed; a longer chain is not refused

static bool stands_in_queue(const struct waiter *waiter) {
    return waiter->state == WAIT_QUEUED || waiter->state == WAIT_SENDING;
}

// The thread that a blocked waiter waits for, or NULL.
static struct waiter *waits_for(const struct waiter *waiter) {
    if (waiter->state == WAIT_IN_FLIGHT)
        return waiter->holder;
    return stands_in_queue(waiter) ? node_server(waiter->blocked_on) : NULL;
}

// Appends the pipe's path and a line's end to the payload of so many bytes, as far as there is room; the new length.
static uint32_t append_name(struct message *page, uint32_t length, const struct node *node) {
    uint32_t end = length + node->path_length;
    if (end >= PAYLOAD_MAX)
        return length;
    host_copy(page->payload + length, node->path, node->path_length);
    page->payload[end] = '\n';
    return end + 1;
}

// The length is written and never read back, because the page is the caller's.
static void name_chain(const struct waiter *waiter, const struct node *node, struct message *page) {
    uint32_t length = append_name(page, 0, node);
    for (const struct waiter *next = node_server(node); next != waiter; next = waits_for(next))
        length = append_name(page, length, next->blocked_on);
    page->received.length = length;
}

long cycle_check(const struct waiter *waiter, const struct node *node, struct message *page) {
    const struct waiter *next = node_server(node);
    for (uint32_t step = 0; next && next != waiter; step++)
        next = step < CHAIN_MAX ? waits_for(next) : NULL;
    if (!next)
        return 0;
    if (page)
        name_chain(waiter, node, page);
    return -PIPE_EDEADLK;
}

void cycle_break(struct node *node) {
    struct waiter *next = node_server(node);
    for (uint32_t step = 0; next && step < CHAIN_MAX; step++) {
        if (stands_in_queue(next) && next->blocked_on == node) {
            waiter_cancel(next, -PIPE_EDEADLK);
            return;
        }
        next = waits_for(next);
    }
}
