// SPDX-License-Identifier: MIT
// The processes that this server has started, from their start until who started them has heard of their end.
#ifndef PROCESS_CHILDREN_H
#define PROCESS_CHILDREN_H

#include "manifest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NOBODY UINT32_MAX

// Who waits for the end of a child: who started it, and an operator that did not.
enum waiter { WAITER_PARENT, WAITER_OPERATOR, WAITERS };

struct child {
    struct child *next, *previous; // of what its parent has started
    struct child *first;           // what it has started
    struct child *older, *newer;   // of those that ended and that nobody has asked about yet
    bool is_used, has_ended;
    bool is_foreign; // it ends with its parent, whose stanza it has
    uint32_t pid, generation;
    uint32_t owner;                      // of the files that it makes
    uint32_t leader;                     // pid of the first of its program tree: what boot or an operator has started
    uint32_t parent;                     // pid of who asked for it; 0: this server, NOBODY: one that has ended
    const struct stanza *stanza, *files; // the second says which files it may use
    long control, exit;                  // handles
    uint64_t waiting[WAITERS];           // tokens, or 0
    uint32_t status;                     // once it has ended
    uint32_t restarts;                   // in a row
    uint64_t started;
};

// Makes a table of `limit` children of memory that is zero. Its size in bytes.
size_t children_size(uint32_t limit);
void children_initialize(void *memory, uint32_t limit);

// A free slot, or that of the oldest that ended and that nobody awaits, or NULL.
struct child *child_take(void);
void child_give(struct child *child);
uint32_t child_index(const struct child *child);
struct child *child_at(uint32_t index);
// The child has its pid and its parent now: it is found by the one, and stands in the list of the other.
void child_name(struct child *child);
// The child that had this pid last, or NULL.
struct child *child_find(uint32_t pid);
// The child has ended, and who started it may ask about that.
void child_await(struct child *child);
// The next of a child and all that it, and what it has started, have started, each after its parent: `top`, then ...,
// then NULL.
struct child *child_next_below(const struct child *top, struct child *child);
// Nobody will ask any more about the end of this child, or of all that it has started.
void child_disown(struct child *child);
void children_disown(struct child *parent);

#endif
