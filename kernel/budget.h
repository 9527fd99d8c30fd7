// SPDX-License-Identifier: MIT
// Budgets of processor time: a program above the shell's priority has a share of each period. What is over it runs below
// the shell until the period ends.
#ifndef KERNEL_BUDGET_H
#define KERNEL_BUDGET_H

#include "timer.h"

#include <stdbool.h>
#include <stdint.h>

#define BUDGET_PERIOD 100000000ull // nanoseconds

struct cpu;
struct process;

struct budget {
    uint8_t share;    // percent of a period; 0: no limit
    uint8_t floor;    // the priority of a process that is over its budget
    bool is_spent;    // it is over its budget
    uint32_t times;   // that it was
    uint64_t since;   // when the period began
    uint64_t used;    // nanoseconds of the period
    struct timer end; // of the period, while it is over its budget
};

void budget_initialize(struct process *process, unsigned share, unsigned floor);
// Charges the time since the last sample of this processor, or a slice, to the process for which the running thread
// runs. The slice timer calls this: it is armed while a thread is kept waiting.
void budget_sample(struct cpu *cpu, uint64_t now);
// The base priority of a thread that asks for this one.
unsigned budget_priority(const struct process *process, unsigned priority);
// The process ends.
void budget_end(struct process *process);

#endif
