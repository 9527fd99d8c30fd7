// SPDX-License-Identifier: MIT
// Circular doubly linked lists whose links live in the objects. A list is a link that no object holds; an object that
// is in no list has a link that points to itself.
//
//   alone -- list_append --> in a list -- list_remove --> alone
//
// 1. A link is its next one's previous, and its previous one's next.
#ifndef PIPENS_LIST_H
#define PIPENS_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *next, *previous;
};

// The object of type `type` whose member `member` is at `link`.
#define list_object(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

static inline void list_initialize(struct list *list) {
    list->next = list;
    list->previous = list;
}

static inline bool list_is_empty(const struct list *list) {
    return list->next == list;
}

static inline void list_append(struct list *list, struct list *link) {
    link->next = list;
    link->previous = list->previous;
    list->previous->next = link;
    list->previous = link;
}

static inline void list_remove(struct list *link) {
    link->previous->next = link->next;
    link->next->previous = link->previous;
    list_initialize(link);
}

#endif
