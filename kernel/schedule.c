// SPDX-License-Identifier: MIT
// Scheduling. A waiting thread is in no queue here; a preempted one returns to the head of its priority's list. The
// reaper runs between two threads, as if at the priority of what it takes apart.
//
// The slice timer is armed while a thread is ready or a process dies, and stays armed over switches, because it decides
// by what it finds when it expires. So no switch touches it.
//
// 1. A processor's run queue holds exactly the READY threads that have their home there and whose process is not
//    suspended, each under its present priority.
// 2. cpu->thread is RUNNING, BLOCKED or ENDED: it is in no queue.
// 3. While a thread runs and another is ready, or a process dies, the slice timer is armed.
#include "schedule.h"

#include "host.h"
#include "kernel.h"
#include "reaper.h"

// ---- The run queue ----

static inline void run_queue_insert(struct cpu *cpu, struct thread *thread, bool first) {
    unsigned priority = thread->waiter.priority;
    thread->queued_priority = (uint8_t)priority;
    queue_insert(&cpu->queue, &thread->in_queue, priority, first);
}

static void slice_watch(struct cpu *cpu) {
    if (!cpu->slice.is_armed && cpu->queue.mask)
        timer_arm(cpu, &cpu->slice, machine_now() + SLICE);
}

// If the running thread's turn is over, moves it after the other threads of its priority.
static void slice_ended(struct timer *timer) {
    struct cpu *cpu = timer->cpu;
    struct thread *thread = cpu->thread;
    if (!thread || thread->state != THREAD_RUNNING || !cpu->queue.mask)
        return;
    budget_sample(cpu, machine_now());
    uint64_t ran = machine_nanoseconds(machine_cycles() - cpu->turn);
    bool has_equals = !list_is_empty(&cpu->queue.of[thread->waiter.priority]);
    if (ran < SLICE || !has_equals) {
        timer_arm(cpu, timer, machine_now() + (ran < SLICE ? SLICE - ran : SLICE));
        return;
    }
    cpu->reschedule = true;
    thread->state = THREAD_READY;
    schedule_ready(thread);
}

void schedule_initialize(struct cpu *cpu) {
    queue_initialize(&cpu->queue);
    cpu->slice.expire = slice_ended;
}

void schedule_ready(struct thread *thread) {
    if (thread->process->state == PROCESS_SUSPENDED)
        return;
    struct cpu *cpu = thread->home;
    run_queue_insert(cpu, thread, false);
    const struct thread *running = cpu->thread;
    if (!running || running->state != THREAD_RUNNING || thread->waiter.priority > running->waiter.priority)
        cpu->reschedule = true;
    else
        slice_watch(cpu);
}

void schedule_remove(struct thread *thread) {
    if (!list_is_empty(&thread->in_queue))
        queue_remove(&thread->home->queue, &thread->in_queue, thread->queued_priority);
}

void schedule_process(struct process *process, bool may_run) {
    for (struct list *link = process->threads.next; link != &process->threads; link = link->next) {
        struct thread *thread = list_object(link, struct thread, of_process);
        if (may_run && thread->state == THREAD_READY)
            schedule_ready(thread);
        else if (!may_run)
            schedule_remove(thread);
        thread->home->reschedule = true;
    }
}

void host_priority_changed(struct waiter *waiter) {
    struct thread *thread = thread_of(waiter);
    struct process *process = thread->process;
    if (thread->state == THREAD_READY) {
        schedule_remove(thread);
        schedule_ready(thread);
    }
    if (process->state == PROCESS_DYING)
        reaper_raise_process(process, waiter->priority);
    if (thread == thread->home->thread)
        thread->home->reschedule = true;
}

// ---- Choosing ----

// Makes the running thread READY, at the head of its priority.
static void put_back(struct cpu *cpu) {
    struct thread *thread = cpu->thread;
    if (!thread || thread->state != THREAD_RUNNING)
        return;
    thread->state = THREAD_READY;
    if (thread->process->state != PROCESS_SUSPENDED)
        run_queue_insert(cpu, thread, true);
}

void schedule_preempted(struct cpu *cpu, struct thread *thread) {
    thread->state = THREAD_READY;
    run_queue_insert(cpu, thread, true);
    slice_watch(cpu);
}

void schedule_account(struct cpu *cpu) {
    uint64_t now = machine_cycles();
    if (cpu->thread)
        cpu->thread->time += now - cpu->since;
    cpu->since = now;
}

static void wait_for_work(struct cpu *cpu) {
    cpu->idle_since = machine_now();
    while (!cpu->queue.mask && !reaper_has_work())
        machine_idle();
    uint64_t now = machine_now();
    cpu->idle += now - cpu->idle_since;
    cpu->idle_since = 0;
}

// Takes the first ready thread of the highest priority. The queue is not empty.
static struct thread *queue_take(struct priority_queue *queue) {
    unsigned priority = PRIORITIES - 1 - (unsigned)__builtin_clz(queue->mask);
    struct list *first = queue->of[priority].next;
    queue_remove(queue, first, priority);
    return list_object(first, struct thread, in_queue);
}

// Runs the reaper, and waits until a thread is ready. No thread is charged for this time.
static __attribute__((noinline)) void prepare(struct cpu *cpu) {
    for (;;) {
        if (reaper_step(queue_highest(&cpu->queue)))
            continue;
        if (cpu->queue.mask)
            break;
        wait_for_work(cpu);
    }
    cpu->since = machine_cycles();
}

struct thread *schedule(void) {
    struct cpu *cpu = cpu_this();
    struct thread *before = cpu->thread;
    put_back(cpu);
    schedule_account(cpu);
    if (!cpu->queue.mask || reaper_has_work())
        prepare(cpu);
    struct thread *thread = queue_take(&cpu->queue);
    thread->state = THREAD_RUNNING;
    cpu->reschedule = false;
    slice_watch(cpu);
    if (thread != before) {
        cpu->turn = cpu->since;
        cpu->switches++;
    }
    machine_switch(cpu, thread);
    cpu->thread = thread;
    return thread;
}

struct thread *system_call_end(long result) {
    struct cpu *cpu = cpu_this();
    struct thread *thread = cpu->thread;
    if (result == PIPENS_RESTART)
        context_restart(&thread->context);
    else if (result == PIPENS_BLOCKED)
        thread->state = thread->state == THREAD_RUNNING ? THREAD_BLOCKED : thread->state;
    else if (result != PIPENS_NO_RETURN)
        context_set_result(&thread->context, result);
    return cpu->reschedule || thread->state != THREAD_RUNNING ? schedule() : thread;
}
