// SPDX-License-Identifier: MIT
// Interrupt lines and their pipes; exceptions of threads.
#ifndef KERNEL_INTERRUPT_H
#define KERNEL_INTERRUPT_H

#include "timer.h"

#include <stdbool.h>
#include <stdint.h>

struct node;

struct line {
    struct node *node; // /irq/<n>
    uint64_t count, spurious, late;
    uint32_t late_pid;   // of the driver that was late last
    uint64_t late_since; // when it was told of the interrupt for which the log has named it
    bool is_masked;
    struct timer retry;    // unmasks a line that no driver handled
    struct timer patience; // looks for drivers that owe an answer too long
};

#define PATIENCE 50000000ull // nanoseconds until a line is checked; a driver is late that owed its answer for half
#define PATIENCE_LAST 1000000000ull // a driver that owes a level line's answer for so long is ended

// Makes /irq and a pipe for each line. Panics without memory: it is boot.
void interrupt_initialize(void);
void interrupt_arrived(uint32_t number);
void interrupt_spurious(uint32_t number);
// The fast path of an interrupt to the one thread that waits for it (fast_path.c). False: take the slow path.
bool interrupt_directly(const struct node *node);

struct fault {
    uint32_t vector, access; // FAULT_ACCESS_* of a page fault
    uint64_t error, address, instruction, stack;
};

struct thread;

// The running thread raised an exception: calls its pager, or ends its process if it has none.
void fault_from_user(const struct fault *fault);
// A system call of the thread met an absent page: the thread waits for its pager and runs the call again. Without a
// pager its process ends. Returns PIPENS_BLOCKED or PIPENS_NO_RETURN.
long fault_in_call(struct thread *thread, uint64_t address, bool writing);
// The call for a faulting thread is over: it has its message page again, and runs its system call again if it resumes.
void fault_end_call(struct thread *thread, bool resumes);
// The fast path of a call that the kernel makes for the running thread (fast_path.c): its call buffer holds the
// message, and the server, which waits, runs next. False: take the slow path.
bool kernel_call_directly(struct thread *thread, struct node *node, unsigned call, uint32_t length);
// The pager of a faulting thread has replied, or died.
void fault_answered(struct thread *thread, long result);

#endif
