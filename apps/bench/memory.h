// SPDX-License-Identifier: MIT
// Memory: what the idle system takes, and what each further pipe, handle, hook, thread and process takes, and costs to
// make, when there are 10, 100, 1,000 and 10,000 of them, or as many as can be.
#ifndef BENCH_MEMORY_H
#define BENCH_MEMORY_H

#include "many.h"

// All of it; `directory` as for roles (partner.h). Each object but processes is made in a process of its own, in one of
// the roles below, so that the next starts from nothing.
void memory_measure(char *directory);

void memory_pipes(const char *directory);
void memory_queues(const char *directory);
void memory_handles(const char *directory);
void memory_hooks(const char *directory);
void memory_threads(const char *directory);
void memory_stand(const char *directory);

// Parts of it.
extern const struct object memory_queue, memory_thread;
// Processes: reports when there are `first`, ten times as many, and so on, and ends them.
void memory_processes(unsigned first);
// Waits for ever.
void memory_park(void *unused);

#endif
