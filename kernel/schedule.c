// SPDX-License-Identifier: MIT
// Scheduling. A thread that waits is in no queue here; one that is preempted keeps its place at the head of its
// priority. Processes that end are taken apart in pieces, as if at their own priority, with interrupts let in between.
//
// The timer of slices is armed while somebody is ready, or ends, and stays so over switches: what it finds when it
// expires decides. So no switch needs to touch it.
//
// 1. A processor's run queue holds exactly the READY threads that have their home there and whose process is not
//    suspended, each under its present priority.
// 2. cpu->thread is RUNNING, BLOCKED or ENDED: it is in no queue.
// 3. While a thread runs and another is ready, or a process ends, the timer of slices is armed.
#include "schedule.h"

#include "host.h"
#include "kernel.h"

// ---- Queues by priority ----

void queue_initialize(struct priority_queue *queue) {
    for (unsigned priority = 0; priority < PRIORITIES; priority++)
        list_initialize(&queue->of[priority]);
}

// Puts something behind its equals, or before them.
static inline void queue_insert(struct priority_queue *queue, struct list *link, unsigned priority, bool first) {
    struct list *list = &queue->of[priority];
    queue->mask |= 1u << priority;
    list_append(first ? list->next : list, link); // behind the list that begins after the head: first
}

static inline void queue_remove(struct priority_queue *queue, struct list *link, unsigned priority) {
    list_remove(link);
    if (list_is_empty(&queue->of[priority]))
        queue->mask &= ~(1u << priority);
}

// The highest priority in the queue, or -1.
static inline int queue_highest(const struct priority_queue *queue) {
    return queue->mask ? (int)(PRIORITIES - 1) - __builtin_clz(queue->mask) : -1;
}

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

// Looks whether the running thread's turn is over: then it goes behind its equals.
static void slice_ended(struct timer *timer) {
    struct cpu *cpu = timer->cpu;
    struct thread *thread = cpu->thread;
    if (!thread || thread->state != THREAD_RUNNING || !cpu->queue.mask)
        return;
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

// A process that ends does so with the highest priority that it had or is lent: callers wait for that.
void host_priority_changed(struct waiter *waiter) {
    struct thread *thread = thread_of(waiter);
    struct process *process = thread->process;
    if (thread->state == THREAD_READY) {
        schedule_remove(thread);
        schedule_ready(thread);
    }
    if (process->state == PROCESS_DYING && process->priority < waiter->priority) {
        queue_remove(&kernel.dying, &process->in_dying, process->priority);
        process->priority = waiter->priority;
        schedule_end(process);
    }
    if (thread == thread->home->thread)
        thread->home->reschedule = true;
}

// ---- Choosing ----

// The running thread stops running, for the moment at least.
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

static void account_time(struct cpu *cpu) {
    uint64_t now = machine_cycles();
    if (cpu->thread)
        cpu->thread->time += now - cpu->since;
    cpu->since = now;
}

// A step of closing pipes, unless a thread more important than those that left them to close is ready. False if not.
static bool close_step(const struct cpu *cpu) {
    if (list_is_empty(&kernel.names.closing) || queue_highest(&cpu->queue) > kernel.closing_priority)
        return false;
    if (!pipens_close_step(&kernel.names))
        kernel.closing_priority = 0;
    machine_poll_interrupts();
    return true;
}

void host_closing(void) {
    struct cpu *cpu = cpu_this();
    if (cpu->thread && cpu->thread->waiter.priority > kernel.closing_priority)
        kernel.closing_priority = cpu->thread->waiter.priority;
    cpu->reschedule = true;
}

// A piece of the most important process that ends, unless somebody more important is ready. False if not.
static bool take_apart_some(const struct cpu *cpu) {
    if (!list_is_empty(&kernel.ending_threads)) {
        thread_end_some(list_object(kernel.ending_threads.next, struct thread, in_queue)); // its last piece
        return true;
    }
    int priority = queue_highest(&kernel.dying);
    if (priority < 0 || queue_highest(&cpu->queue) > priority)
        return false;
    struct process *process = list_object(kernel.dying.of[priority].next, struct process, in_dying);
    if (!process_end_some(process))
        queue_remove(&kernel.dying, &process->in_dying, process->priority);
    machine_poll_interrupts();
    return true;
}

static void wait_for_work(struct cpu *cpu) {
    cpu->idle_since = machine_now();
    while (!cpu->queue.mask && list_is_empty(&kernel.names.closing))
        machine_idle();
    uint64_t now = machine_now();
    cpu->idle += now - cpu->idle_since;
    cpu->idle_since = 0;
}

// The first of those that are ready; there is one.
static struct thread *queue_take(struct priority_queue *queue) {
    unsigned priority = PRIORITIES - 1 - (unsigned)__builtin_clz(queue->mask);
    struct list *first = queue->of[priority].next;
    queue_remove(queue, first, priority);
    return list_object(first, struct thread, in_queue);
}

void schedule_end(struct process *process) {
    queue_insert(&kernel.dying, &process->in_dying, process->priority, false);
    cpu_this()->reschedule = true;
}

// What goes before any thread: taking apart what has ended, and waiting until somebody is ready. Nobody is charged for
// it.
static __attribute__((noinline)) void prepare(struct cpu *cpu) {
    for (;;) {
        if (take_apart_some(cpu) || close_step(cpu))
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
    if (!cpu->queue.mask || kernel.dying.mask || !list_is_empty(&kernel.ending_threads) ||
        !list_is_empty(&kernel.names.closing))
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
