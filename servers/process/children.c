// SPDX-License-Identifier: MIT
//
//   free -- child_take --> made -- child_name --> started -- child_await --> ended -- child_give --> free
//
// 1. A child that is started or ended is in its parent's list, if its parent is a child that lives.
// 2. A child that ended and waits to be asked about is in the list of those, by age.
#include "children.h"

#include "abi.h"

static struct child *children;
static uint32_t child_limit, child_count; // places that there are, and that were ever used
static struct child *free_child;
static struct child *oldest, *newest; // of those that ended
static uint16_t places[PIDS_MAX];     // by pid: the place of the last child that had it

_Static_assert(PIDS_MAX <= UINT16_MAX, "a place has 16 bits");

size_t children_size(uint32_t limit) {
    return limit * sizeof *children;
}

void children_initialize(void *memory, uint32_t limit) {
    children = memory;
    child_limit = limit;
}

// ---- Places ----

struct child *child_take(void) {
    if (!free_child && child_count == child_limit && oldest)
        child_give(oldest);
    struct child *child = free_child;
    if (child)
        free_child = child->next;
    else if (child_count < child_limit)
        child = &children[child_count++];
    else
        return NULL;
    *child = (struct child){.is_used = true};
    return child;
}

uint32_t child_index(const struct child *child) {
    return (uint32_t)(child - children);
}

struct child *child_at(uint32_t index) {
    return index < child_count && children[index].is_used ? &children[index] : NULL;
}

struct child *child_find(uint32_t pid) {
    struct child *child = pid < PIDS_MAX ? child_at(places[pid]) : NULL;
    return child && child->pid == pid ? child : NULL;
}

// ---- Parents ----

void child_name(struct child *child) {
    struct child *parent = child_find(child->parent);
    places[child->pid] = (uint16_t)child_index(child);
    if (!parent)
        return;
    child->next = parent->first;
    if (child->next)
        child->next->previous = child;
    parent->first = child;
}

void child_disown(struct child *child) {
    struct child *parent = child_find(child->parent);
    if (child->previous)
        child->previous->next = child->next;
    else if (parent && parent->first == child)
        parent->first = child->next;
    if (child->next)
        child->next->previous = child->previous;
    child->next = child->previous = NULL;
    child->parent = NOBODY;
}

void children_disown(struct child *parent) {
    while (parent->first) {
        struct child *child = parent->first;
        child_disown(child);
        child->waiting[WAITER_PARENT] = 0;
        if (child->has_ended)
            child_give(child);
    }
}

struct child *child_next_below(const struct child *top, struct child *child) {
    if (child->first)
        return child->first;
    while (child != top && !child->next)
        child = child_find(child->parent);
    return child == top ? NULL : child->next;
}

// ---- The end ----

void child_await(struct child *child) {
    child->older = newest;
    if (newest)
        newest->newer = child;
    else
        oldest = child;
    newest = child;
}

static void leave_ended(struct child *child) {
    if (child->older)
        child->older->newer = child->newer;
    else if (oldest == child)
        oldest = child->newer;
    if (child->newer)
        child->newer->older = child->older;
    else if (newest == child)
        newest = child->older;
}

void child_give(struct child *child) {
    children_disown(child);
    child_disown(child);
    leave_ended(child);
    child->is_used = false;
    child->next = free_child;
    free_child = child;
}
