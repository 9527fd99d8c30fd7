// SPDX-License-Identifier: MIT
// Which thread runs: the one of the highest priority; among equals each for a slice in turn.
#ifndef KERNEL_SCHEDULE_H
#define KERNEL_SCHEDULE_H

#include "priority_queue.h"

#include <stdint.h>

#define SLICE 10000000u // nanoseconds

struct cpu;
struct thread;
struct process;

// What a system call's function returns beside results: see calls.h, and
#define RESULT_SWITCHED (-1003L)     // the processor was switched to cpu->next, whose result stands in its context
#define RESULT_SPECIAL_LAST (-1000L) // results up to this one are none of the thread's

void schedule_initialize(struct cpu *cpu);
// The thread, READY, takes its place in the run queue, unless its process is suspended.
void schedule_ready(struct thread *thread);
// A READY thread leaves the run queue.
void schedule_remove(struct thread *thread);
// Chooses who runs, waits while there is nobody, and switches to the thread that it returns.
struct thread *schedule(void);
// The end of a system call that could not just return.
struct thread *system_call_end(long result);
// The running thread, of a process that is ALIVE, goes to the head of its priority: a more important one is switched
// to.
void schedule_preempted(struct cpu *cpu, struct thread *thread);
// The READY threads of a process enter or leave the run queue.
void schedule_process(struct process *process, bool may_run);

#endif
