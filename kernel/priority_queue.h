// SPDX-License-Identifier: MIT
// Queues by priority: a list for each priority, and a bit for each list that is not empty.
#ifndef KERNEL_PRIORITY_QUEUE_H
#define KERNEL_PRIORITY_QUEUE_H

#include "list.h"
#include "waiter.h"

#include <stdbool.h>
#include <stdint.h>

struct priority_queue {
    struct list of[PRIORITIES];
    uint32_t mask; // bit p: of[p] is not empty
};

static inline void queue_initialize(struct priority_queue *queue) {
    for (unsigned priority = 0; priority < PRIORITIES; priority++)
        list_initialize(&queue->of[priority]);
}

// Inserts an entry after the entries of the same priority, or before them.
static inline void queue_insert(struct priority_queue *queue, struct list *link, unsigned priority, bool first) {
    struct list *list = &queue->of[priority];
    queue->mask |= 1u << priority;
    list_append(first ? list->next : list, link); // appending to the first link inserts after the head
}

static inline void queue_remove(struct priority_queue *queue, struct list *link, unsigned priority) {
    list_remove(link);
    if (list_is_empty(&queue->of[priority]))
        queue->mask &= ~(1u << priority);
}

// Whether the mask has a bit above the one of this priority.
static inline bool mask_has_above(uint32_t mask, unsigned priority) {
    return (uint64_t)mask >> priority > 1;
}

// The highest priority in the queue, or -1.
static inline int queue_highest(const struct priority_queue *queue) {
    return queue->mask ? (int)(PRIORITIES - 1) - __builtin_clz(queue->mask) : -1;
}

#endif
