// SPDX-License-Identifier: MIT
// The reaper runs the steps of what has ended: process_end_step, thread_end_step, pipens_close_step.
//
//   process_end --> dying -- reaper_step: process_end_step has no more --> dead, until process_reap
//   service_control, a thread exits --> ended -- reaper_step: its last step --> freed
//   host_closing: a pipe lost its last handle --> closing -- reaper_step: pipens_close_step --> freed
//
// 1. No thread is charged for the time of a step.
// 2. A dying process is in the queue under process->priority.
#include "reaper.h"

#include "host.h"
#include "kernel.h"

void reaper_initialize(void) {
    queue_initialize(&kernel.reaper.processes);
    list_initialize(&kernel.reaper.threads);
}

void reaper_add_process(struct process *process) {
    queue_insert(&kernel.reaper.processes, &process->in_dying, process->priority, false);
    cpu_this()->reschedule = true;
}

void reaper_add_thread(struct thread *thread) {
    list_append(&kernel.reaper.threads, &thread->in_queue);
}

void reaper_raise_process(struct process *process, unsigned priority) {
    if (process->priority >= priority)
        return;
    queue_remove(&kernel.reaper.processes, &process->in_dying, process->priority);
    process->priority = (uint8_t)priority;
    reaper_add_process(process);
}

void host_closing(void) {
    struct cpu *cpu = cpu_this();
    if (cpu->thread && cpu->thread->waiter.priority > kernel.reaper.closing_priority)
        kernel.reaper.closing_priority = cpu->thread->waiter.priority;
    cpu->reschedule = true;
}

bool reaper_has_work(void) {
    return kernel.reaper.processes.mask || !list_is_empty(&kernel.reaper.threads) ||
           !list_is_empty(&kernel.names.closing);
}

static bool thread_step(void) {
    if (list_is_empty(&kernel.reaper.threads))
        return false;
    thread_end_step(list_object(kernel.reaper.threads.next, struct thread, in_queue));
    return true;
}

static bool process_step(int ready) {
    struct priority_queue *queue = &kernel.reaper.processes;
    int priority = queue_highest(queue);
    if (priority < 0 || ready > priority)
        return false;
    struct process *process = list_object(queue->of[priority].next, struct process, in_dying);
    if (!process_end_step(process))
        queue_remove(queue, &process->in_dying, process->priority);
    return true;
}

static bool closing_step(int ready) {
    if (list_is_empty(&kernel.names.closing) || ready > kernel.reaper.closing_priority)
        return false;
    if (!pipens_close_step(&kernel.names))
        kernel.reaper.closing_priority = 0;
    return true;
}

bool reaper_step(int ready) {
    if (thread_step())
        return true;
    if (!process_step(ready) && !closing_step(ready))
        return false;
    machine_poll_interrupts();
    return true;
}
