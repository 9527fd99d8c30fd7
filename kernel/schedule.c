// SPDX-License-Identifier: MIT
// Scheduling. A thread that waits is in no queue here; one that is preempted keeps its place at the head of its
// priority. Processes that end are taken apart in pieces, as if at their own priority, with interrupts let in between.
//
// The timer of slices is armed while somebody is ready, or ends, and stays so over switches: what it finds when it
// expires decides. So no switch needs to touch it.
//
// 1. The run queue holds exactly the READY threads whose process is not suspended, each under its present priority.
// 2. cpu->thread is RUNNING, BLOCKED or ENDED: it is in no queue.
// 3. While a thread runs and another is ready, or a process ends, the timer of slices is armed.
#include "schedule.h"

#include "host.h"
#include "kernel.h"

// ---- The run queue ----

// Puts a thread behind its equals, or before them, if it was preempted.
static inline void queue_insert(struct run_queue *queue, struct thread *thread, bool first) {
    thread->queued_priority = thread->waiter.priority;
    struct list *list = &queue->ready[thread->queued_priority];
    list_append(first ? list->next : list, &thread->in_queue); // behind the list that begins after the head: first
    queue->mask |= 1u << thread->queued_priority;
}

static void queue_remove(struct run_queue *queue, struct thread *thread) {
    list_remove(&thread->in_queue);
    if (list_is_empty(&queue->ready[thread->queued_priority]))
        queue->mask &= ~(1u << thread->queued_priority);
}

// The highest priority in the queue, or -1.
static int queue_highest(const struct run_queue *queue) {
    return queue->mask ? (int)(PRIORITIES - 1) - __builtin_clz(queue->mask) : -1;
}

static bool somebody_waits(const struct cpu *cpu) {
    return cpu->queue.mask || !list_is_empty(&kernel.dying);
}

static void slice_watch(struct cpu *cpu) {
    if (somebody_waits(cpu) && !cpu->slice.is_armed)
        timer_arm(&cpu->slice, machine_now() + SLICE);
}

// Looks whether the running thread's turn is over: then it goes behind its equals. The short ways of calls may have led
// to one that is less important than a process that ends.
static void slice_ended(struct timer *timer) {
    struct cpu *cpu = cpu_this();
    struct thread *thread = cpu->thread;
    if (!thread || thread->state != THREAD_RUNNING || !somebody_waits(cpu))
        return;
    if (!list_is_empty(&kernel.dying))
        cpu->reschedule = true;
    uint64_t ran = machine_nanoseconds(machine_cycles() - cpu->turn);
    bool has_equals = !list_is_empty(&cpu->queue.ready[thread->waiter.priority]);
    if (ran < SLICE || !has_equals) {
        timer_arm(timer, machine_now() + (ran < SLICE ? SLICE - ran : SLICE));
        return;
    }
    cpu->reschedule = true;
    thread->state = THREAD_READY;
    schedule_ready(thread);
}

void schedule_initialize(struct cpu *cpu) {
    for (unsigned priority = 0; priority < PRIORITIES; priority++)
        list_initialize(&cpu->queue.ready[priority]);
    cpu->slice.expire = slice_ended;
}

void schedule_ready(struct thread *thread) {
    if (thread->process->state == PROCESS_SUSPENDED)
        return;
    struct cpu *cpu = cpu_this();
    queue_insert(&cpu->queue, thread, false);
    const struct thread *running = cpu->thread;
    if (!running || running->state != THREAD_RUNNING || thread->waiter.priority > running->waiter.priority)
        cpu->reschedule = true;
    else
        slice_watch(cpu);
}

void schedule_remove(struct thread *thread) {
    if (!list_is_empty(&thread->in_queue))
        queue_remove(&cpu_this()->queue, thread);
}

void schedule_process(struct process *process, bool may_run) {
    for (struct list *link = process->threads.next; link != &process->threads; link = link->next) {
        struct thread *thread = list_object(link, struct thread, of_process);
        if (may_run && thread->state == THREAD_READY)
            schedule_ready(thread);
        else if (!may_run)
            schedule_remove(thread);
    }
    cpu_this()->reschedule = true;
}

void host_priority_changed(struct waiter *waiter) {
    struct thread *thread = thread_of(waiter);
    struct cpu *cpu = cpu_this();
    if (thread->state == THREAD_READY) {
        schedule_remove(thread);
        schedule_ready(thread);
    }
    if (thread == cpu->thread)
        cpu->reschedule = true;
}

// ---- Choosing ----

// The running thread stops running, for the moment at least.
static void put_back(struct cpu *cpu) {
    struct thread *thread = cpu->thread;
    if (!thread || thread->state != THREAD_RUNNING)
        return;
    thread->state = THREAD_READY;
    if (thread->process->state != PROCESS_SUSPENDED)
        queue_insert(&cpu->queue, thread, true);
}

void schedule_preempted(struct cpu *cpu, struct thread *thread) {
    thread->state = THREAD_READY;
    queue_insert(&cpu->queue, thread, true);
    slice_watch(cpu);
}

static void account_time(struct cpu *cpu) {
    uint64_t now = machine_cycles();
    if (cpu->thread)
        cpu->thread->time += now - cpu->since;
    cpu->since = now;
}

// A piece of the most important process that ends, unless somebody more important is ready. False if not.
static bool take_apart_some(const struct cpu *cpu) {
    if (!list_is_empty(&kernel.ending_threads)) {
        thread_end_some(list_object(kernel.ending_threads.next, struct thread, in_queue)); // its last piece
        return true;
    }
    if (list_is_empty(&kernel.dying))
        return false;
    struct process *process = list_object(kernel.dying.next, struct process, in_dying);
    if (queue_highest(&cpu->queue) > process->priority)
        return false;
    if (!process_end_some(process))
        list_remove(&process->in_dying);
    machine_poll_interrupts();
    return true;
}

static void wait_for_work(struct cpu *cpu) {
    cpu->idle_since = machine_now();
    while (!cpu->queue.mask)
        machine_idle();
    uint64_t now = machine_now();
    cpu->idle += now - cpu->idle_since;
    cpu->idle_since = 0;
}

static struct thread *queue_take(struct run_queue *queue) {
    struct thread *thread = list_object(queue->ready[queue_highest(queue)].next, struct thread, in_queue);
    queue_remove(queue, thread);
    return thread;
}

// What goes before any thread: taking apart what has ended, and waiting until somebody is ready. Nobody is charged for
// it.
static void prepare(struct cpu *cpu) {
    for (;;) {
        if (take_apart_some(cpu))
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
    account_time(cpu);
    if (!cpu->queue.mask || !list_is_empty(&kernel.dying) || !list_is_empty(&kernel.ending_threads))
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
