// SPDX-License-Identifier: MIT
// All of the kernel's mutable state: one struct kernel, and in it one struct cpu for each processor.
#ifndef KERNEL_KERNEL_H
#define KERNEL_KERNEL_H

#include "calls.h"
#include "interrupt.h"
#include "machine.h"
#include "machine_state.h"
#include "memory.h"
#include "process.h"
#include "reaper.h"
#include "region.h"
#include "schedule.h"
#include "thread.h"
#include "timer.h"

#define CPUS_MAX 1u

struct cpu {
    // The machine finds these: cpu_this, and the entries of its assembler.
    struct cpu *self;
    uint64_t stack;        // the end of the kernel's stack
    struct thread *thread; // the one that runs, or ran last
    struct thread *next;   // with RESULT_SWITCHED: the thread that runs next
    uint64_t scratch;      // of entry.asm
    uint8_t reschedule;    // the scheduler must choose before the kernel is left

    struct space *space;         // whose tables are loaded, or NULL
    struct thread *float_owner;  // whose floating-point registers are loaded, or NULL
    uint64_t thread_local;       // the base of the thread's own data that was loaded last
    struct priority_queue queue; // of threads that are ready, by in_queue
    uint64_t since;              // cycles: the running thread's time is charged up to here
    uint64_t turn;               // when the running thread's turn began
    struct timer slice;          // checks whether the turn is over
    uint64_t sampled;            // when what runs was charged to a budget last
    struct tree timers;
    uint64_t timer_time; // that the machine's timer is armed for
    uint64_t timer_weight;
    uint64_t switches, idle, idle_since;
    struct machine_cpu machine;
};

struct kernel {
    struct namespace names;
    struct reserve reserve;
    struct frame *frames; // of all RAM, by number
    uint64_t frame_count;
    uint64_t memory; // bytes of RAM
    struct process_table processes;
    struct reaper reaper; // takes apart what has ended
    struct line lines[LINES_MAX];
    uint64_t threads, interrupts, faults;
    struct node *log, *returned; // /kernel/log, /kernel/returned
    bool is_locked;              // apps may not tap
    struct machine machine;
    struct cpu cpu[CPUS_MAX];
};

extern struct kernel kernel;

// Sets up the first processor's struct, before anything else.
struct cpu *cpu_start(void);

#include "machine_switch.h"

#endif
