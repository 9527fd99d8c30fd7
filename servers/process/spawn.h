// SPDX-License-Identifier: MIT
// Making a process of a program: an empty process with its claims, its segments mapped, then its first thread.
#ifndef PROCESS_SPAWN_H
#define PROCESS_SPAWN_H

#include "archive.h"
#include "children.h"
#include "pipe.h"
#include "protocol/start.h"

extern struct archive boot_image;
extern unsigned spawn_floor; // the priority of programs that have used up their budgets
// What a program above the shell has as its budget; 0: it has none.
unsigned spawn_budget(const struct stanza *stanza);

struct start_plan {
    const struct stanza *stanza;
    const char *program;
    enum kind kind;
    uint32_t parent, predecessor;
    uint32_t handles[MESSAGE_HANDLES_MAX]; // that the program gets as its handles 2 and up
    unsigned handle_count;
    const void *start; // struct start_head and strings
    size_t start_length;
};

// Starts it. NULL with *error set to a negated error, and a sentence in *reason where the program is at fault (else
// NULL).
struct child *spawn(const struct start_plan *plan, long *error, const char **reason);
// Makes an empty foreign process of this name for the plan's parent. NULL with *error set.
struct child *spawn_foreign(const struct start_plan *plan, long *error);
// Starts the memory server, which has no pager: in pages split from the last region of the pool, of which so many are
// taken, with all pool regions as its handles.
struct child *spawn_memory_server(const struct start_plan *plan, const long *pool, unsigned pool_count, uint64_t taken,
                                  long *error, const char **reason);

// Has the kernel forget a dead process: 0, or the negated EBUSY (it is not dead yet) or ESRCH.
long process_reap(uint32_t pid);

#endif
