// SPDX-License-Identifier: MIT
// Budgets. No call and no switch does anything for them: the slice timer samples what runs.
//
//   within -- budget_sample: more than its share of a period --> spent -- period_ended --> within
//
// 1. While a process is spent, the base priority of each of its threads is at most `floor`. What is donated to them
//    stays, because it is charged to its donor.
#include "budget.h"

#include "kernel.h"
#include "log.h"

#define PERCENT 100u
#define DONORS_MAX 16u // callers that are looked at, and steps along a chain of them

unsigned budget_priority(const struct process *process, unsigned priority) {
    const struct budget *budget = &process->budget;
    return budget->is_spent && priority > budget->floor ? budget->floor : priority;
}

static void priorities_set(struct process *process) {
    for (struct list *link = process->threads.next; link != &process->threads; link = link->next) {
        struct thread *thread = list_object(link, struct thread, of_process);
        if (thread->state != THREAD_ENDED)
            waiter_set_priority(&thread->waiter, budget_priority(process, thread->priority));
    }
}

static void period_ended(struct timer *timer) {
    struct process *process = list_object(timer, struct process, budget.end);
    process->budget.is_spent = false;
    process->budget.used = 0;
    process->budget.since = timer->time;
    priorities_set(process);
}

// The log has a line when it is spent for the first, second, fourth, eighth time, and so on.
static void spent_log(const struct process *process) {
    const struct budget *budget = &process->budget;
    if (budget->times & (budget->times - 1))
        return;
    log_line("process %u %s has used up its budget of %u percent of the processor, %u times now",
             process->principal.pid, process->principal.name, (uint32_t)budget->share, budget->times);
}

static void budget_spend(struct process *process, uint64_t time, uint64_t now) {
    struct budget *budget = &process->budget;
    if (now - budget->since >= BUDGET_PERIOD) {
        budget->since = now - time;
        budget->used = 0;
    }
    budget->used += time;
    if (budget->used * PERCENT <= BUDGET_PERIOD * budget->share)
        return;
    budget->is_spent = true;
    budget->times++;
    spent_log(process);
    priorities_set(process);
    timer_arm(cpu_this(), &budget->end, budget->since + BUDGET_PERIOD);
}

// The caller from which the waiter has its priority, or NULL.
static struct waiter *donor_of(const struct waiter *waiter) {
    const struct list *link = waiter->held.next;
    for (uint32_t count = 0; link != &waiter->held && count < DONORS_MAX; link = link->next, count++) {
        struct waiter *caller = list_object(link, struct waiter, in_held);
        if (caller->priority == waiter->priority)
            return caller;
    }
    return NULL;
}

void budget_sample(struct cpu *cpu, uint64_t now) {
    uint64_t time = now - cpu->sampled < SLICE ? now - cpu->sampled : SLICE;
    struct waiter *payer = &cpu->thread->waiter, *donor = payer;
    cpu->sampled = now;
    for (uint32_t step = 0; donor && step < DONORS_MAX; step++) {
        payer = donor;
        donor = payer->priority > payer->base_priority ? donor_of(payer) : NULL;
    }
    struct process *process = thread_of(payer)->process;
    if (process->budget.share && !process->budget.is_spent && !process_is_ending(process))
        budget_spend(process, time, now);
}

void budget_initialize(struct process *process, unsigned share, unsigned floor) {
    process->budget = (struct budget){.share = (uint8_t)share, .floor = (uint8_t)floor, .end.expire = period_ended};
}

void budget_end(struct process *process) {
    timer_disarm(&process->budget.end);
}
