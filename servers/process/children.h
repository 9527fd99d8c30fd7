// SPDX-License-Identifier: MIT
// The processes that this server has started, from their start until who started them has heard of their end.
#ifndef PROCESS_CHILDREN_H
#define PROCESS_CHILDREN_H

#include "manifest.h"

#include <stdbool.h>
#include <stdint.h>

#define CHILDREN_MAX 1024u
#define NOBODY UINT32_MAX

struct child {
    bool is_used, has_ended;
    uint32_t pid, generation;
    uint32_t parent; // pid of who asked for it, 0: this server
    const struct stanza *stanza;
    long control, exit;   // handles
    uint64_t waiting;     // token of who waits for its end, or 0
    uint32_t status;      // once it has ended
    uint32_t predecessor; // of the pipes that it took over, or 0
    uint32_t restarts;    // in a row
    uint64_t started;
};

// A free place, or that of the oldest that ended and that nobody awaits, or NULL.
struct child *child_take(void);
void child_give(struct child *child);
uint32_t child_index(const struct child *child);
struct child *child_at(uint32_t index);
// The child has its pid now, and is found by it.
void child_name(struct child *child);
// The child that had this pid last, or NULL.
struct child *child_find(uint32_t pid);
// Nobody will ask any more for the ends of what this process started.
void children_orphan(uint32_t parent);

#endif
