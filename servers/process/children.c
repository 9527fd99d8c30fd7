// SPDX-License-Identifier: MIT
#include "children.h"

#include <stddef.h>

// Places by number; a pid is looked up in `places`, which names the last child that had it.
static struct child children[CHILDREN_MAX];
static uint16_t places[8192];
static uint32_t next_place;

struct child *child_take(void) {
    struct child *oldest = NULL;
    for (uint32_t count = 0; count < CHILDREN_MAX; count++) {
        struct child *child = &children[next_place];
        next_place = (next_place + 1) % CHILDREN_MAX;
        if (!child->is_used) {
            *child = (struct child){.is_used = true};
            return child;
        }
        if (!oldest && child->has_ended)
            oldest = child;
    }
    if (oldest)
        *oldest = (struct child){.is_used = true};
    return oldest;
}

void child_give(struct child *child) {
    child->is_used = false;
}

uint32_t child_index(const struct child *child) {
    return (uint32_t)(child - children);
}

struct child *child_at(uint32_t index) {
    return index < CHILDREN_MAX && children[index].is_used ? &children[index] : NULL;
}

void child_name(struct child *child) {
    places[child->pid % (sizeof places / sizeof *places)] = (uint16_t)child_index(child);
}

struct child *child_find(uint32_t pid) {
    struct child *child = child_at(places[pid % (sizeof places / sizeof *places)]);
    return child && child->pid == pid ? child : NULL;
}

void children_orphan(uint32_t parent) {
    for (uint32_t index = 0; index < CHILDREN_MAX; index++) {
        struct child *child = &children[index];
        if (!child->is_used || child->parent != parent)
            continue;
        child->parent = NOBODY;
        child->waiting = 0;
        if (child->has_ended)
            child_give(child);
    }
}
