// SPDX-License-Identifier: MIT
// Timers. Each processor has one machine timer, armed for the first of the timers that have their home there. Disarming
// a timer leaves the machine's armed, so that a deadline that does not pass costs no access to it; the interrupt then
// finds nothing due.
//
// 1. The machine's timer is armed for no later than the first timer of the tree.
#include "timer.h"

#include "kernel.h"

#define EXPIRE_MAX 32u // timers that expire in one interrupt

static struct timer *timer_at(const struct tree_link *link) {
    return link ? list_object(link, struct timer, link) : NULL;
}

static int compare_times(const struct tree_link *first, const struct tree_link *second) {
    uint64_t one = timer_at(first)->time, other = timer_at(second)->time;
    return one < other ? -1 : one > other;
}

void timers_initialize(struct cpu *cpu) {
    cpu->timers = (struct tree){.compare = compare_times};
    cpu->timer_time = UINT64_MAX;
}

static void machine_timer_for(struct cpu *cpu, uint64_t time) {
    if (time >= cpu->timer_time)
        return;
    cpu->timer_time = time;
    machine_arm_timer(time); // this processor's: a timer is armed on its home
}

void timer_disarm(struct timer *timer) {
    if (!timer->is_armed)
        return;
    timer->is_armed = false;
    tree_remove(&timer->cpu->timers, &timer->link);
}

// Weights that follow no order of time: a linear congruential sequence (Knuth, volume 2, 3.3.4, table 1, line 26).
static uint32_t next_weight(struct cpu *cpu) {
    cpu->timer_weight = cpu->timer_weight * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(cpu->timer_weight >> 32);
}

void timer_arm(struct cpu *cpu, struct timer *timer, uint64_t time) {
    timer_disarm(timer);
    timer->cpu = cpu;
    timer->time = time;
    timer->is_armed = true;
    timer->link.weight = next_weight(cpu);
    tree_insert(&cpu->timers, &timer->link);
    machine_timer_for(cpu, time);
}

void timer_interrupt(struct cpu *cpu) {
    cpu->timer_time = UINT64_MAX;
    struct timer *first = timer_at(tree_first(&cpu->timers));
    for (uint32_t count = 0; first && first->time <= machine_now() && count < EXPIRE_MAX; count++) {
        timer_disarm(first);
        first->expire(first);
        first = timer_at(tree_first(&cpu->timers));
    }
    if (first)
        machine_timer_for(cpu, first->time);
}
