// SPDX-License-Identifier: MIT
// Timers of one processor: functions that run at a time, in a tree ordered by time. There is no tick.
#ifndef KERNEL_TIMER_H
#define KERNEL_TIMER_H

#include "tree.h"

#include <stdbool.h>
#include <stdint.h>

struct cpu;

struct timer {
    struct tree_link link; // in cpu->timers while armed
    struct cpu *cpu;       // its home while armed: the processor that it interrupts
    uint64_t time;
    void (*expire)(struct timer *timer); // the timer is disarmed before the call, and may be armed again
    bool is_armed;
};

void timers_initialize(struct cpu *cpu);
// Arms the timer for this time on this processor, instead of an earlier time.
void timer_arm(struct cpu *cpu, struct timer *timer, uint64_t time);
void timer_disarm(struct timer *timer);
// The processor's timer interrupt: expires the timers that are due, in a bounded batch.
void timer_interrupt(struct cpu *cpu);

#endif
