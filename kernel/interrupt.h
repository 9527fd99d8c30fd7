// SPDX-License-Identifier: MIT
// Interrupt lines and their pipes, and what exceptions become.
#ifndef KERNEL_INTERRUPT_H
#define KERNEL_INTERRUPT_H

#include "timer.h"

#include <stdbool.h>
#include <stdint.h>

struct node;

struct line {
    struct node *node; // /irq/<n>
    uint64_t count, spurious, late;
    uint32_t late_pid; // who was late last
    bool is_masked;
    struct timer retry;    // unmask a line that nobody handled
    struct timer patience; // look for those that owe an answer too long
};

#define PATIENCE 50000000ull // nanoseconds until a line is looked at; who has owed an answer for half of them is late

// Makes /irq and a pipe for each line. Panics without memory: it is boot.
void interrupt_initialize(void);
void interrupt_arrived(uint32_t number);
void interrupt_spurious(uint32_t number);
// The fast path of an interrupt to the one thread that waits for it (fast_path.c). False if that won't do.
bool interrupt_directly(const struct node *node);

struct fault {
    uint32_t vector, access; // FAULT_ACCESS_* of a page fault
    uint64_t error, address, instruction, stack;
};

struct thread;

// The running thread has met an exception: its pager is asked, or its process ends.
void fault_from_user(const struct fault *fault);
// A system call of the thread has met an absent page: it waits for its pager, and then runs again, or ends without one.
// PIPENS_BLOCKED, PIPENS_NO_RETURN.
long fault_in_call(struct thread *thread, uint64_t address, bool writing);
// The pager of a faulting thread has answered, or is gone.
void fault_answered(struct thread *thread, long result);

#endif
