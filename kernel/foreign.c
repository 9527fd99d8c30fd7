// SPDX-License-Identifier: MIT
// Foreign processes. A personality server hooks /proc/<pid>/system and /proc/<pid>/fault: it answers the system calls,
// and is the pager.
//
//   RUNNING --- foreign_call -----> BLOCKED, KERNEL_CALL_SYSTEM --- a valid reply ---> READY or RUNNING
//   BLOCKED --- another reply, an error, the server's death, or no server ---> its process ends
//
// 1. A thread of a foreign process never reaches the table of system calls: its call_limit is 0.
// 2. It has no message page; its waiter's page is its call buffer, which holds one request and one reply.
#include "foreign.h"

#include "host.h"
#include "kernel.h"
#include "log.h"

void foreign_prepare(struct thread *thread, const struct control_start *start, const struct register_set *registers) {
    thread->call_limit = 0;
    machine_context_start(&thread->context, start->entry, start->stack, 0, start->argument);
    thread->context.thread_local = start->thread_local;
    if (registers)
        machine_set_registers(thread, registers);
}

// The kernel has no answer of its own, so a process can't go on without its server's.
static void foreign_ends(struct thread *thread, long result) {
    struct process *process = thread->process;
    log_line("process %u %s: system call %u at %X: %s %u instead of a reply", process->principal.pid,
             process->principal.name, (uint32_t)context_result(&thread->context), context_instruction(&thread->context),
             result < 0 ? "error" : "length", (uint32_t)(result < 0 ? -result : result));
    process_end(process, EXIT_KILLED);
}

long foreign_call_slow_path(struct thread *thread) {
    struct message *buffer = thread_call_buffer(thread);
    context_system_message(&thread->context, thread->number, (void *)buffer->payload);
    thread->kernel_call = KERNEL_CALL_SYSTEM;
    long result = pipens_call_for(&thread->waiter, thread->process->system_node, buffer, sizeof(struct system_message),
                                  CALL_BUFFER_PAYLOAD);
    if (result == PIPENS_BLOCKED)
        return result;
    thread->kernel_call = KERNEL_CALL_NONE;
    foreign_ends(thread, result);
    return PIPENS_NO_RETURN;
}

void foreign_end_call(struct thread *thread, long length) {
    thread->kernel_call = KERNEL_CALL_NONE;
    long result;
    if (length == 0)
        return;
    host_copy(&result, thread_call_buffer(thread)->payload, sizeof result);
    context_set_result(&thread->context, result);
}

void foreign_answered(struct thread *thread, long result) {
    if (!foreign_reply_is_valid(result)) {
        thread->kernel_call = KERNEL_CALL_NONE;
        foreign_ends(thread, result);
        return;
    }
    foreign_end_call(thread, result);
    thread->state = THREAD_READY;
    schedule_ready(thread);
}
