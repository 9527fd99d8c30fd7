// SPDX-License-Identifier: MIT
// Waiters, the queues in which they wait, and what they donate. The states are drawn in waiter.h.
//
//   a number:   free -- waiter_initialize --> a waiter's -- waiter_end_step, the last step --> free
//   a donation:  none -- donate --> to a waiter -- donate --> none, or to another
//
// 1. A waiter is in exactly one wait queue while QUEUED or SENDING, in its holder's list while IN_FLIGHT, and else in
// neither.
// 2. A waiter's priority is the highest of its own and of those donated to it, but for what a change leaves after the
// DONATION_CHAIN_MAX-th of a chain.
// 3. donated_count[p] of a waiter is the number of donations to it with priority p; bit p of donated_mask says whether
// it is
// 0.
// 4. In a wait queue leaders are ordered by falling priority, and all peers of a leader have its priority.
#include "call.h"
#include "flow.h"

#define WAITER_PAGES (WAITERS_MAX / WAITERS_PER_PAGE)
#define WAITER_PAGE_SIZE (WAITERS_PER_PAGE * sizeof(struct waiter *))
#define DONATION_CHAIN_MAX 64u // steps along which a change of priority is passed on

// ---- The table of waiters, by number ----

long waiter_table_initialize(struct namespace *names) {
    long error = 0;
    size_t size = WAITER_PAGES * sizeof *names->waiters;
    names->waiters = account_allocate(&names->kernel_account, size, &error);
    if (names->waiters)
        host_clear(names->waiters, size);
    names->first_free_waiter = WAITERS_MAX;
    return error;
}

static struct waiter **waiter_slot(const struct namespace *names, uint32_t number) {
    return &names->waiters[number >> WAITER_PAGE_SHIFT][number & (WAITERS_PER_PAGE - 1)];
}

static struct waiter *free_mark(uint32_t next) {
    return (struct waiter *)((uintptr_t)next << 1 | 1);
}

// Adds a page of free slots.
static long waiter_table_grow(struct namespace *names) {
    if (names->waiter_limit == WAITERS_MAX)
        return -PIPE_ENFILE;
    long error = 0;
    struct waiter **page = account_allocate(&names->kernel_account, WAITER_PAGE_SIZE, &error);
    if (!page)
        return error;
    uint32_t first = names->waiter_limit;
    names->waiters[first >> WAITER_PAGE_SHIFT] = page;
    for (uint32_t index = 0; index < WAITERS_PER_PAGE; index++)
        page[index] = free_mark(index + 1 < WAITERS_PER_PAGE ? first + index + 1 : WAITERS_MAX);
    names->first_free_waiter = first ? first : 1; // nobody has number 0, so that no token is 0
    names->waiter_limit += WAITERS_PER_PAGE;
    return 0;
}

static void waiter_table_leave(struct namespace *names, uint32_t number) {
    *waiter_slot(names, number) = free_mark(names->first_free_waiter);
    names->first_free_waiter = number;
}

long waiter_initialize(struct waiter *waiter, struct principal *principal, struct message *page, unsigned priority) {
    struct namespace *names = principal->names;
    if (names->first_free_waiter == WAITERS_MAX) {
        long error = waiter_table_grow(names);
        if (error)
            return error;
    }
    host_clear(waiter, sizeof *waiter);
    waiter->principal = principal;
    waiter->page = page;
    waiter->payload_limit = PAYLOAD_MAX;
    waiter->base_priority = (uint8_t)priority;
    waiter->priority = (uint8_t)priority;
    list_initialize(&waiter->hooks);
    list_initialize(&waiter->ready);
    list_initialize(&waiter->held);
    list_initialize(&waiter->in_held);
    list_initialize(&waiter->peers);
    waiter->number = names->first_free_waiter;
    struct waiter **link = waiter_slot(names, waiter->number);
    names->first_free_waiter = (uint32_t)((uintptr_t)*link >> 1);
    *link = waiter;
    return 0;
}

// ---- Wait queues ----

// Where the leader of this priority hangs, or would be inserted. At most PRIORITIES steps.
static struct waiter **leader_link(struct wait_queue *queue, unsigned priority) {
    struct waiter **link = &queue->leaders;
    while (*link && (*link)->queued_priority > priority)
        link = &(*link)->next_leader;
    return link;
}

void wait_queue_insert(struct wait_queue *queue, struct waiter *waiter) {
    struct waiter **link = leader_link(queue, waiter->priority);
    struct waiter *leader = *link;
    waiter->queued_priority = waiter->priority;
    waiter->is_leader = !leader || leader->queued_priority != waiter->priority;
    queue->count++;
    if (waiter->is_leader) {
        waiter->next_leader = leader;
        *link = waiter;
    } else {
        list_append(&leader->peers, &waiter->peers);
    }
}

void wait_queue_remove(struct wait_queue *queue, struct waiter *waiter) {
    queue->count--;
    if (waiter->is_leader) {
        struct waiter **link = leader_link(queue, waiter->queued_priority);
        if (list_is_empty(&waiter->peers)) {
            *link = waiter->next_leader;
        } else {
            struct waiter *successor = list_object(waiter->peers.next, struct waiter, peers);
            successor->is_leader = true;
            successor->next_leader = waiter->next_leader;
            *link = successor;
        }
    }
    list_remove(&waiter->peers);
    waiter->is_leader = false;
}

// ---- Donation ----

// Recomputes the priority; true if it changed.
static bool priority_update(struct waiter *waiter) {
    unsigned priority = priority_with_donations(waiter);
    if (priority == waiter->priority)
        return false;
    waiter->priority = (uint8_t)priority;
    host_priority_changed(waiter);
    return true;
}

// The donation through which the waiter passes on its priority, put in order after a change; NULL if it waits for
// nobody.
static struct donation *outgoing_donation(struct waiter *waiter, unsigned *priority) {
    if (waiter->state == WAIT_IN_FLIGHT) {
        *priority = waiter->priority;
        return &waiter->donation;
    }
    if (waiter->state != WAIT_QUEUED && waiter->state != WAIT_SENDING)
        return NULL;
    struct node *node = waiter->blocked_on;
    wait_queue_remove(&node->waiting, waiter);
    wait_queue_insert(&node->waiting, waiter);
    *priority = wait_queue_first(&node->waiting)->queued_priority;
    return &node->donation;
}

// Passes a change of the waiter's priority on.
static void priority_changed(struct waiter *waiter) {
    for (uint32_t step = 0; step < DONATION_CHAIN_MAX && priority_update(waiter); step++) {
        unsigned priority = 0;
        struct donation *donation = outgoing_donation(waiter, &priority);
        if (!donation || !donation->to || donation->priority == priority)
            return;
        donated_remove(donation->to, donation->priority);
        donated_add(donation->to, priority);
        donation->priority = (uint8_t)priority;
        waiter = donation->to;
    }
}

void donate(struct donation *donation, struct waiter *to, unsigned priority) {
    struct waiter *before = donation->to;
    if (before == to && donation->priority == priority)
        return;
    if (before)
        donated_remove(before, donation->priority);
    if (to)
        donated_add(to, priority);
    donation->to = to;
    donation->priority = (uint8_t)priority;
    if (before)
        priority_changed(before);
    if (to && to != before)
        priority_changed(to);
}

struct waiter *node_server(const struct node *node) {
    struct waiter *server = NULL;
    for (const struct list *link = node->hooks.next; link != &node->hooks; link = link->next) {
        struct waiter *waiter = list_object(link, struct hook, of_node)->waiter;
        if (server && server != waiter)
            return NULL;
        server = waiter;
    }
    return server;
}

// A pipe that several threads hook donates nothing: one of them may wait for another, and its own donation would come
// back to it.
void node_donate_again(struct node *node) {
    struct waiter *first = wait_queue_first(&node->waiting);
    struct waiter *server = node_server(node);
    if (first && server)
        donate(&node->donation, server, first->queued_priority);
    else
        donate(&node->donation, NULL, 0);
}

void waiter_set_priority(struct waiter *waiter, unsigned priority) {
    waiter->base_priority = (uint8_t)priority;
    priority_changed(waiter);
}

// ---- Waiting ----

void waiter_queue(struct waiter *waiter, struct node *node, enum wait_state state, uint64_t deadline) {
    waiter->state = (uint8_t)state;
    waiter->blocked_on = node;
    waiter->since = host_now();
    wait_queue_insert(&node->waiting, waiter);
    node_donate_again(node);
    if (deadline != DEADLINE_NONE)
        host_arm_deadline(waiter, deadline);
}

void waiter_unqueue(struct waiter *waiter) {
    struct node *node = waiter->blocked_on;
    wait_queue_remove(&node->waiting, waiter);
    waiter->state = WAIT_NONE;
    node_donate_again(node);
}

// Takes back whatever the waiter waits for, without a wake.
static void waiter_withdraw(struct waiter *waiter) {
    if (waiter->state != WAIT_NONE && !waiter_receives(waiter)) {
        call_withdraw(waiter);
        return;
    }
    waiter_stop_receiving(waiter);
}

void waiter_cancel(struct waiter *waiter, long error) {
    waiter_withdraw(waiter);
    host_wake(waiter, error);
}

void pipens_cancel(struct waiter *waiter, long error) {
    waiter_cancel(waiter, error);
    deliver(waiter->principal->names);
}

bool waiter_end_step(struct waiter *waiter) {
    waiter_withdraw(waiter);
    for (uint32_t count = 0; count < BATCH; count++) {
        if (!list_is_empty(&waiter->held))
            waiter_cancel(list_object(waiter->held.next, struct waiter, in_held), -PIPE_EOWNERDEAD);
        else if (!list_is_empty(&waiter->hooks))
            hook_end(list_object(waiter->hooks.next, struct hook, of_waiter));
        else
            break;
    }
    deliver(waiter->principal->names);
    if (!list_is_empty(&waiter->held) || !list_is_empty(&waiter->hooks))
        return true;
    if (!waiter->has_ended)
        waiter_table_leave(waiter->principal->names, waiter->number);
    waiter->has_ended = true;
    return false;
}
