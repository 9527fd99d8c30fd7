// SPDX-License-Identifier: MIT
// The reaper takes apart what has ended: processes, threads that ended alone, and pipes that close. It works in bounded
// steps between two threads, with interrupts let in after each, so that no death holds anybody up.
#ifndef KERNEL_REAPER_H
#define KERNEL_REAPER_H

#include "priority_queue.h"

struct process;
struct thread;

struct reaper {
    struct priority_queue processes; // that are dying, by in_dying, each under process->priority
    struct list threads;             // that have ended alone, by in_queue
    uint8_t closing_priority;        // the highest of those that left pipes to close
};

void reaper_initialize(void);
// Takes over a process whose threads are stopped, or a thread that has ended alone and needs its last step.
void reaper_add_process(struct process *process);
void reaper_add_thread(struct thread *thread);
// A dying process ends with the highest priority that it had or inherits, because callers wait for its end.
void reaper_raise_process(struct process *process, unsigned priority);
bool reaper_has_work(void);
// A bounded step, unless a thread more important than what has ended is ready: `ready` is the highest priority of those,
// -1 for none. False if there was nothing to do.
bool reaper_step(int ready);

#endif
