// SPDX-License-Identifier: MIT
// Faults: the kernel turns an exception of a thread into a call on the process's fault pipe, which the pager answers.
// If the pager dies, the process ends with a report in the log, so no fault is lost.
//
//   RUNNING --- fault_from_user ---> BLOCKED, faulting --- reply RESUME ---> READY, the instruction runs again
//   RUNNING --- fault_in_call -----> BLOCKED, faulting --- reply RESUME ---> READY, the system call runs again
//   RUNNING --- kernel_call_directly --> BLOCKED, faulting --- reply_to_kernel_call ---> RUNNING (fast_path.c)
//   BLOCKED, faulting --- reply KILL, an error, or no pager ---> its process ends
#include "interrupt.h"

#include "host.h"
#include "kernel.h"
#include "log.h"

// Follows the frame pointers of a thread. Each frame must have a higher address than the last one, so the walk ends.
// The thread controls these words, so they are read only through the tables of its own space.
static void callers_find(struct thread *thread, struct process_fault *fault) {
    struct space *space = &thread->process->space;
    uint64_t frame = context_frame(&thread->context), next, caller;
    if (!space_read_word(space, context_stack(&thread->context), &fault->top))
        fault->top = 0;
    for (fault->caller_count = 0; fault->caller_count < FAULT_CALLERS_MAX; frame = next) {
        if (!space_read_word(space, frame, &next) || !space_read_word(space, frame + sizeof next, &caller))
            return;
        fault->callers[fault->caller_count++] = caller;
        if (next <= frame)
            return;
    }
}

// Ends the process and logs why.
static void fault_kills(struct thread *thread) {
    struct fault_message fault;
    const struct message *buffer = (const void *)thread->call_buffer;
    host_copy(&fault, buffer->payload, sizeof fault);
    struct process *process = thread->process;
    log_line("process %u %s: exception %u, error %X at %X, instruction %X, stack %X", process->principal.pid,
             process->principal.name, fault.vector, fault.error, fault.address, fault.instruction, fault.stack);
    process->fault = (struct process_fault){
        .vector = fault.vector, .access = fault.access, .address = fault.address, .instruction = fault.instruction};
    host_copy(process->fault.program, process->principal.name, sizeof process->fault.program);
    callers_find(thread, &process->fault);
    process_end(process, EXIT_FAULT | fault.vector);
}

static void fault_message_fill(struct thread *thread, const struct fault *fault) {
    struct fault_message message = {.thread = thread->number,
                                    .vector = fault->vector,
                                    .access = fault->access,
                                    .address = fault->address,
                                    .error = fault->error,
                                    .instruction = fault->instruction,
                                    .stack = fault->stack};
    host_copy(thread_call_buffer(thread)->payload, &message, sizeof message);
    kernel.faults++;
}

// Calls the pager for the thread. False if no thread serves the fault pipe.
static bool pager_asked(struct thread *thread) {
    thread->kernel_call = KERNEL_CALL_FAULT;
    if (pipens_call_for(&thread->waiter, thread->process->fault_node, thread_call_buffer(thread),
                        sizeof(struct fault_message), sizeof(struct fault_message)) == PIPENS_BLOCKED)
        return true;
    thread->kernel_call = KERNEL_CALL_NONE;
    return false;
}

void fault_from_user(const struct fault *fault) {
    struct thread *thread = cpu_this()->thread;
    fault_message_fill(thread, fault);
    thread->restarts = false;
    if (kernel_call_directly(thread, thread->process->fault_node, KERNEL_CALL_FAULT, sizeof(struct fault_message)))
        return;
    thread->state = THREAD_BLOCKED;
    thread->home->reschedule = true;
    if (!pager_asked(thread))
        fault_kills(thread);
}

long fault_in_call(struct thread *thread, uint64_t address, bool writing) {
    struct fault fault = {.vector = FAULT_PAGE,
                          .access = writing ? FAULT_ACCESS_WRITE : 0,
                          .address = address,
                          .instruction = context_instruction(&thread->context),
                          .stack = context_stack(&thread->context)};
    fault_message_fill(thread, &fault);
    thread->restarts = true;
    if (!pager_asked(thread)) {
        fault_kills(thread);
        return PIPENS_NO_RETURN;
    }
    return PIPENS_BLOCKED;
}

void fault_end_call(struct thread *thread, bool resumes) {
    thread->kernel_call = KERNEL_CALL_NONE;
    thread->waiter.page = thread->page;
    thread->waiter.payload_limit = PAYLOAD_MAX;
    if (resumes && thread->restarts)
        context_restart(&thread->context);
}

void fault_answered(struct thread *thread, long result) {
    struct fault_reply reply = {FAULT_KILL};
    if (result == (long)sizeof reply)
        host_copy(&reply, thread_call_buffer(thread)->payload, sizeof reply);
    fault_end_call(thread, reply.verdict == FAULT_RESUME);
    if (reply.verdict != FAULT_RESUME) {
        fault_kills(thread);
        return;
    }
    thread->state = THREAD_READY;
    schedule_ready(thread);
}
