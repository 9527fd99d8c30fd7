// SPDX-License-Identifier: MIT
// Threads: their beginning and end. The states are drawn in thread.h.
#include "thread.h"

#include "bits.h"
#include "foreign.h"
#include "host.h"
#include "kernel.h"

static void deadline_passed(struct timer *timer) {
    struct thread *thread = list_object(timer, struct thread, deadline);
    pipens_cancel(&thread->waiter, -PIPE_ETIMEDOUT);
}

static long start_check(const struct process *process, const struct control_start *start, uint32_t length) {
    if (start->priority > process->priority || start->entry >= USER_LIMIT || start->stack > USER_LIMIT ||
        start->thread_local >= USER_LIMIT || length > PAYLOAD_MAX)
        return -PIPE_EINVAL;
    if (process_is_foreign(process) && length != 0 && length != sizeof(struct register_set))
        return -PIPE_EINVAL;
    return process_is_ending(process) ? -PIPE_ESRCH : 0;
}

// Makes the message page and the waiter of a thread that has its number.
static long thread_equip(struct process *process, struct thread *thread, unsigned priority) {
    uint64_t address = thread_message_page(thread->number);
    if (process_is_foreign(process)) {
        thread->page = thread_call_buffer(thread);
        return waiter_initialize(&thread->waiter, &process->principal, thread->page, priority);
    }
    long error = space_map_message_page(&process->space, address, (void **)&thread->page);
    if (error)
        return error;
    error = waiter_initialize(&thread->waiter, &process->principal, thread->page, priority);
    if (error)
        space_unmap_message_page(&process->space, address);
    return error;
}

// NULL with *error set: -EMFILE, -ENFILE, -EDQUOT, -ENOMEM.
static struct thread *thread_make(struct process *process, unsigned priority, long *error) {
    uint32_t number = bit_take(process->thread_numbers, THREADS_PER_PROCESS_MAX);
    if (number == THREADS_PER_PROCESS_MAX) {
        *error = -PIPE_EMFILE;
        return NULL;
    }
    struct thread *thread = account_allocate(process->principal.account, sizeof *thread, error);
    if (thread) {
        host_clear(thread, sizeof *thread);
        thread->number = number;
        thread->priority = (uint8_t)priority;
        *error = thread_equip(process, thread, budget_priority(process, priority));
        if (!*error)
            return thread;
        account_free(process->principal.account, thread, sizeof *thread);
    }
    bit_give(process->thread_numbers, number);
    return NULL;
}

// The message page has the payload, and the thread begins with its address.
static void thread_prepare(struct thread *thread, const struct control_start *start, const void *payload,
                           uint32_t length) {
    thread->call_limit = SYSTEM_CALLS;
    machine_context_start(&thread->context, start->entry, start->stack, thread_message_page(thread->number),
                          start->argument);
    thread->context.thread_local = start->thread_local;
    thread->page->received.length = length;
    host_copy(thread->page->payload, payload, length);
}

long thread_start(struct process *process, const struct control_start *start, const void *payload, uint32_t length) {
    struct register_set registers;
    bool has_registers = process_is_foreign(process) && length == sizeof registers;
    long error = start_check(process, start, length);
    if (!error && has_registers) {
        host_copy(&registers, payload, sizeof registers);
        error = machine_registers_are_valid(&registers) ? 0 : -PIPE_EINVAL;
    }
    struct thread *thread = error ? NULL : thread_make(process, start->priority, &error);
    if (!thread)
        return error;
    if (process_is_foreign(process))
        foreign_prepare(thread, start, has_registers ? &registers : NULL);
    else
        thread_prepare(thread, start, payload, length);
    thread->process = process;
    thread->home = cpu_this();
    thread->deadline.expire = deadline_passed;
    list_append(&process->threads, &thread->of_process);
    list_initialize(&thread->in_queue);
    process->thread_count++;
    kernel.threads++;
    if (process->state == PROCESS_NEW)
        process->state = PROCESS_ALIVE;
    thread->state = THREAD_READY;
    schedule_ready(thread);
    return (long)thread->number;
}

struct thread *thread_numbered(const struct process *process, uint32_t number) {
    for (const struct list *link = process->threads.next; link != &process->threads; link = link->next) {
        struct thread *thread = list_object(link, struct thread, of_process);
        if (thread->number == number)
            return thread;
    }
    return NULL;
}

void thread_stop(struct thread *thread) {
    timer_disarm(&thread->deadline);
    schedule_remove(thread);
    thread->state = THREAD_ENDED;
    if (waiter_receives(&thread->waiter))
        waiter_stop_receiving(&thread->waiter);
    if (thread == thread->home->thread)
        thread->home->reschedule = true;
}

bool thread_end_step(struct thread *thread) {
    struct process *process = thread->process;
    if (waiter_end_step(&thread->waiter))
        return true;
    struct cpu *cpu = thread->home;
    machine_forget(cpu, thread);
    if (cpu->thread == thread)
        cpu->thread = NULL;
    process->time += thread->time;
    list_remove(&thread->of_process);
    list_remove(&thread->in_queue);
    process->thread_count--;
    kernel.threads--;
    bit_give(process->thread_numbers, thread->number);
    if (!process_is_foreign(process))
        space_unmap_message_page(&process->space, thread_message_page(thread->number));
    account_free(process->principal.account, thread, sizeof *thread);
    return false;
}

// ---- What pipens asks of threads (pipens/host.h) ----

void host_wake(struct waiter *waiter, long result) {
    struct thread *thread = thread_of(waiter);
    timer_disarm(&thread->deadline);
    if (thread->state == THREAD_ENDED)
        return;
    if (thread->kernel_call == KERNEL_CALL_FAULT) {
        fault_answered(thread, result);
        return;
    }
    if (thread->kernel_call == KERNEL_CALL_SYSTEM) {
        foreign_answered(thread, result);
        return;
    }
    context_set_result(&thread->context, result);
    thread->state = THREAD_READY;
    schedule_ready(thread);
}

void host_arm_deadline(struct waiter *waiter, uint64_t deadline) {
    struct thread *thread = thread_of(waiter);
    timer_arm(thread->home, &thread->deadline, deadline);
}
