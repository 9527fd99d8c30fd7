// SPDX-License-Identifier: MIT
// The reaper takes apart what has ended: processes, threads that ended alone, and pipes that close. It works in bounded
// steps between two threads and lets interrupts in after each step, so that no death delays a more important thread.
#ifndef KERNEL_REAPER_H
#define KERNEL_REAPER_H

#include "priority_queue.h"

struct process;
struct thread;

struct reaper {
    struct priority_queue processes; // dying processes, by in_dying, each under process->priority
    struct list threads;             // threads that ended alone, by in_queue
    uint8_t closing_priority;        // the highest priority of the threads that left pipes to close
};

void reaper_initialize(void);
// Takes over a process whose threads are stopped, or a thread that has ended alone and needs its last step.
void reaper_add_process(struct process *process);
void reaper_add_thread(struct thread *thread);
// A dying process ends with the highest priority that it had or inherits, because callers wait for its end.
void reaper_raise_process(struct process *process, unsigned priority);
bool reaper_has_work(void);
// Runs a bounded step, unless a ready thread is more important than what has ended: `ready` is the highest priority of
// a ready thread, -1 for none. False if there was nothing to do.
bool reaper_step(int ready);

#endif
