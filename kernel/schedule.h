// SPDX-License-Identifier: MIT
// The ready thread of the highest priority runs; threads of equal priority run for a slice in turn.
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
#define RESULT_SPECIAL_LAST (-1000L) // results up to this one are no results of the thread

void schedule_initialize(struct cpu *cpu);
// Puts the READY thread into its run queue, unless its process is suspended.
void schedule_ready(struct thread *thread);
// Removes a READY thread from its run queue.
void schedule_remove(struct thread *thread);
// Chooses the next thread, waits while none is ready, switches to it and returns it.
struct thread *schedule(void);
// Ends a system call that blocks, restarts, or lets another thread run.
struct thread *system_call_end(long result);
// Puts the running thread, whose process is ALIVE, at the head of its priority, before a switch to a thread of a higher
// one.
void schedule_preempted(struct cpu *cpu, struct thread *thread);
// Puts the READY threads of a process into their run queues, or removes them.
void schedule_process(struct process *process, bool may_run);
// Charges the time since the last reading of the counter to the thread that runs.
void schedule_account(struct cpu *cpu);

#endif
