// SPDX-License-Identifier: MIT
// A child:
//
//   free -- child_take --> made -- child_name --> started -- child_await --> ended -- child_give --> free
//
// 1. A child that is started or ended is in its parent's list, if its parent is a child that lives.
// 2. A child that ended and waits to be asked about is in the list of those, by age.
#include "children.h"

#include "abi.h"
#include "slots.h"

static struct slots children = {.size = sizeof(struct child)};
static struct child *oldest, *newest; // of those that ended
static uint16_t by_pid[PIDS_MAX];     // the slot of the last child that had it

_Static_assert(PIDS_MAX <= UINT16_MAX, "a slot has 16 bits");

size_t children_size(uint32_t limit) {
    return limit * children.size;
}

void children_initialize(void *memory, uint32_t limit) {
    children.table = memory;
    children.limit = limit;
}

// ---- Slots ----

struct child *child_take(void) {
    struct child *child = slot_take(&children);
    if (!child && oldest) {
        child_give(oldest);
        child = slot_take(&children);
    }
    if (child)
        *child = (struct child){.is_used = true};
    return child;
}

uint32_t child_index(const struct child *child) {
    return slot_number(&children, child);
}

struct child *child_at(uint32_t index) {
    struct child *child = index < children.used ? slot_at(&children, index) : NULL;
    return child && child->is_used ? child : NULL;
}

struct child *child_find(uint32_t pid) {
    struct child *child = pid < PIDS_MAX ? child_at(by_pid[pid]) : NULL;
    return child && child->pid == pid ? child : NULL;
}

// ---- Parents ----

void child_name(struct child *child) {
    struct child *parent = child_find(child->parent);
    by_pid[child->pid] = (uint16_t)child_index(child);
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
    slot_give(&children, child);
}
