// SPDX-License-Identifier: MIT
// The threads of the system, as the kernel tells of them now.
#ifndef SHELL_THREADS_H
#define SHELL_THREADS_H

#include "abi.h"

#define THREADS_MAX 1024u // that are looked at

struct thread_entry {
    uint32_t pid;
    struct info_thread info;
};

struct threads {
    unsigned count;
    struct thread_entry entries[THREADS_MAX];
};

// What comes or goes meanwhile is seen or not. 0 or a negated error.
long threads_collect(struct threads *threads);
// How many wait for the pipe of that number, to call it or to send; the pid of one of them goes to *pid.
unsigned threads_waiting(const struct threads *threads, uint32_t pipe, uint32_t *pid);

#endif
