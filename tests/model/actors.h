// SPDX-License-Identifier: MIT
// The real side: the processes and threads that act on pipens, over the host of the host tests.
#ifndef TESTS_MODEL_ACTORS_H
#define TESTS_MODEL_ACTORS_H

#include "operation.h"
#include "test_host.h"

struct actors {
    struct process *processes[ACTOR_PROCESSES]; // NULL: dead
    struct thread *threads[ACTOR_THREADS];
    struct message message_buffers[ACTOR_THREADS]; // instead of a page while the kernel calls for the thread
    struct account accounts[ACTOR_PROCESSES];
    struct process *succession; // of SUCCESSION_PROCESS and its successors
    struct process *observer;   // has no threads of the tests' own; looks at pipes for the comparison
    struct waiter observer_waiter;
    struct message *observer_page;
    uint32_t next_pid;
    uint64_t blocks, bytes; // allocated before anyone acts
};
extern struct actors actors;

// A new namespace, in it the kernel's pipes, on both sides; nobody lives yet. Counters start near their wrap.
void actors_start(void);
// Ends the namespace, in which nobody lives any more. What is wrong about what is left, or NULL.
const char *actors_stop(void);
// On both sides.
void actor_process_start(uint32_t process);
void actor_thread_start(uint32_t thread);
// On the real side only.
void actor_thread_end(uint32_t thread);
void actor_process_end(uint32_t process);
void actor_abandon(void);
struct node *real_node(const char *path, uint32_t length);
// The counters of a pipe that is new, and not one that was taken over, start near their wrap.
void actor_node_begin(struct node *node);

#endif
