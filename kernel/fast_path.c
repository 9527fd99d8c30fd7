// SPDX-License-Identifier: MIT
// The fast paths of call, reply_wait, send and interrupts: the checks and commits of pipens/fast.h, and a direct switch
// from one thread to the other. Everything but the common case takes the slow path, which is pipens's; so does a
// partner that is suspended or whose deadline would have to be disarmed.
//
// 1. A direct switch picks the same thread as the scheduler, because the caller runs, so no ready thread has a higher
//    priority, and the server inherits the caller's.
#pragma GCC optimize("omit-frame-pointer") // a frame here costs every call, and nothing that panics lies below it

#include "fast.h"
#include "foreign.h"
#include "kernel.h"
#include "system_call.h"

// Whether this blocked thread can resume with nothing but its registers loaded.
static inline bool may_go_on(const struct thread *thread) {
    return thread->process->state == PROCESS_ALIVE && !thread->deadline.is_armed;
}

// Whether a ready thread or a dying process has a higher priority than this one.
static inline bool is_outranked(const struct cpu *cpu, unsigned priority) {
    return mask_has_above(cpu->queue.mask | kernel.reaper.processes.mask, priority);
}

_Static_assert(CPUS_MAX == 1, "the fast paths do not check yet that a partner has its home on this processor");

// Switches to a thread that was blocked and now gets this result. entry.asm saves the callee-saved registers of the
// other thread later. The time since the last reading of the counter is charged to the thread that runs at the next
// one, because a reading here would cost more than the switch.
static inline long go_on_with(struct thread *thread, long result) {
    struct cpu *cpu = cpu_this();
    thread->state = THREAD_RUNNING;
    context_set_result(&thread->context, result);
    cpu->switches++;
    cpu->next = thread;
    machine_switch(cpu, thread);
    return RESULT_SWITCHED;
}

// ---- Calls ----

// Copies the payload after the commit, and resumes the receiver instead of the sender.
static inline long hand_over(struct waiter *sender, struct waiter *receiver, uint64_t length) {
    machine_copy(receiver->page->payload, sender->page->payload, length);
    thread_of(sender)->state = THREAD_BLOCKED;
    return go_on_with(thread_of(receiver), (long)length);
}

// Keeps the arguments first, because the call is run again if a leased range has an absent page, or if the kernel
// answers in steps.
static __attribute__((noinline)) long call_slow_path(uint64_t handle, uint64_t length, uint64_t flags,
                                                     uint64_t deadline, uint64_t unused, struct waiter *caller) {
    (void)unused;
    struct hook *hook;
    context_keep_call(&thread_of(caller)->context, SYSTEM_CALL_call, handle, length, flags, deadline, 0);
    struct waiter *server = flags ? fast_call_check(caller, handle, length, 0, deadline, &hook) : NULL;
    if (!server || !may_go_on(thread_of(server)))
        return pipens_call(caller, handle, length, flags, deadline);
    long error = fast_call_attached(caller, server, hook, length, flags);
    if (!error)
        return hand_over(caller, server, length);
    return error <= RESULT_SPECIAL_LAST ? error : pipens_call(caller, handle, length, flags, deadline);
}

long system_call_call(uint64_t handle, uint64_t length, uint64_t flags, uint64_t deadline, uint64_t unused,
                      struct waiter *caller) {
    struct hook *hook;
    struct waiter *server = fast_call_check(caller, handle, length, flags, deadline, &hook);
    if (!server || !may_go_on(thread_of(server)))
        return call_slow_path(handle, length, flags, deadline, unused, caller);
    fast_call_commit(caller, server, hook, length);
    return hand_over(caller, server, length);
}

// The caller that gets the server's reply, if the reply may take the fast path, or NULL.
static inline struct waiter *reply_to(const struct waiter *server, uint64_t token, uint64_t length, uint64_t flags,
                                      uint64_t deadline) {
    struct waiter *caller = fast_reply_to(server, token, length, flags, deadline);
    return caller && may_go_on(thread_of(caller)) && !thread_of(caller)->kernel_call &&
                   !is_outranked(cpu_this(), caller->priority)
               ? caller
               : NULL;
}

// Whether a thread for which the kernel has called goes on after this reply.
static bool reply_resumes(const struct waiter *server, const struct thread *thread, uint64_t length) {
    struct fault_reply reply;
    if (thread->kernel_call == KERNEL_CALL_SYSTEM)
        return foreign_reply_is_valid((long)length);
    if (length != sizeof reply)
        return false;
    host_copy(&reply, server->page->payload, sizeof reply);
    return reply.verdict == FAULT_RESUME;
}

// The reply to a call that the kernel has made: RESULT_SWITCHED, or 0 to take the slow path.
static long reply_to_kernel_call(struct waiter *server, uint64_t token, uint64_t length, uint64_t flags,
                                 uint64_t deadline) {
    struct waiter *caller = fast_reply_to(server, token, length, flags, deadline);
    struct thread *thread = caller ? thread_of(caller) : NULL;
    if (!caller || !thread->kernel_call || !may_go_on(thread) || is_outranked(cpu_this(), caller->priority) ||
        !reply_resumes(server, thread, length))
        return 0;
    schedule_account(cpu_this());
    fast_reply_commit(server, caller, length);
    machine_copy(caller->page->payload, server->page->payload, length);
    thread_of(server)->state = THREAD_BLOCKED;
    if (thread->kernel_call == KERNEL_CALL_SYSTEM)
        foreign_end_call(thread, (long)length);
    else
        fault_end_call(thread, true);
    return go_on_with(thread, context_result(&thread->context));
}

static __attribute__((noinline)) long reply_slow_path(uint64_t token, uint64_t length, uint64_t flags,
                                                      uint64_t deadline, uint64_t unused, struct waiter *server) {
    (void)unused;
    if (!flags && reply_to_kernel_call(server, token, length, flags, deadline))
        return RESULT_SWITCHED;
    struct waiter *caller = flags ? reply_to(server, token, length, 0, deadline) : NULL;
    if (caller && fast_reply_attached(server, caller, length, flags) == 0)
        return hand_over(server, caller, length);
    return pipens_reply_wait(server, token, (int64_t)length, flags, deadline);
}

static __attribute__((noinline)) long reply_unpinning(struct waiter *server, struct waiter *caller, uint64_t length) {
    leases_unpin(caller);
    fast_reply_commit(server, caller, length);
    return hand_over(server, caller, length);
}

long system_call_reply_wait(uint64_t token, uint64_t length, uint64_t flags, uint64_t deadline, uint64_t unused,
                            struct waiter *server) {
    if (!token)
        return pipens_reply_wait(server, 0, (int64_t)length, flags, deadline);
    struct waiter *caller = reply_to(server, token, length, flags, deadline);
    if (!caller)
        return reply_slow_path(token, length, flags, deadline, unused, server);
    if (caller->lease_count)
        return reply_unpinning(server, caller, length);
    fast_reply_commit(server, caller, length);
    return hand_over(server, caller, length);
}

// ---- Calls that the kernel makes for a thread ----

// The caller is in flight and blocked; the server runs next, once it has the message.
static inline struct waiter *kernel_call_begin(struct thread *thread, const struct node *node, unsigned call,
                                               uint32_t length) {
    struct hook *hook;
    struct waiter *server = fast_call_for_check(&thread->waiter, node, &hook);
    if (!server || !may_go_on(thread_of(server)))
        return NULL;
    schedule_account(cpu_this()); // a pager works long, and at its own cost
    thread->kernel_call = (uint8_t)call;
    thread->waiter.page = thread_call_buffer(thread);
    thread->waiter.payload_limit = CALL_BUFFER_PAYLOAD;
    fast_call_commit(&thread->waiter, server, hook, length);
    thread->state = THREAD_BLOCKED;
    return server;
}

bool kernel_call_directly(struct thread *thread, struct node *node, unsigned call, uint32_t length) {
    struct waiter *server = kernel_call_begin(thread, node, call, length);
    if (!server)
        return false;
    machine_copy(server->page->payload, thread_call_buffer(thread)->payload, length);
    struct cpu *cpu = cpu_this();
    (void)go_on_with(thread_of(server), length);
    cpu->thread = cpu->next;
    return true;
}

long foreign_call(struct thread *thread) {
    struct waiter *server =
        kernel_call_begin(thread, thread->process->system_node, KERNEL_CALL_SYSTEM, sizeof(struct system_message));
    if (!server)
        return foreign_call_slow_path(thread);
    context_system_message(&thread->context, thread->number, (void *)server->page->payload);
    return go_on_with(thread_of(server), sizeof(struct system_message));
}

// ---- Signals and messages for a waiting thread ----

// The sender's call returns 0. The sender goes on, unless the receiver has a higher priority.
static inline long receiver_wake(struct waiter *sender, struct waiter *receiver, long result) {
    if (receiver->priority > sender->priority) {
        context_set_result(&thread_of(sender)->context, 0);
        schedule_preempted(cpu_this(), thread_of(sender));
        return go_on_with(thread_of(receiver), result);
    }
    context_set_result(&thread_of(receiver)->context, result);
    thread_of(receiver)->state = THREAD_READY;
    schedule_ready(thread_of(receiver));
    return 0;
}

// The thread is RUNNING here only if the interrupt came from user mode.
bool interrupt_directly(const struct node *node) {
    struct cpu *cpu = cpu_this();
    struct thread *running = cpu->thread;
    struct hook *hook = fast_interrupt_check(node);
    if (!hook || !may_go_on(thread_of(hook->waiter)) || !running || running->state != THREAD_RUNNING ||
        running->waiter.priority >= hook->waiter->priority)
        return false;
    fast_interrupt_commit(hook);
    schedule_preempted(cpu, running);
    (void)go_on_with(thread_of(hook->waiter), sizeof(struct event_message));
    cpu->thread = cpu->next;
    return true;
}

long system_call_send(uint64_t handle, uint64_t length, uint64_t flags, uint64_t deadline, uint64_t unused,
                      struct waiter *sender) {
    (void)unused;
    struct hook *hook = fast_signal_check(sender, handle, flags);
    if (hook && may_go_on(thread_of(hook->waiter))) {
        fast_signal_commit(hook, sender->principal, length);
        return receiver_wake(sender, hook->waiter, sizeof(struct event_message));
    }
    hook = fast_send_check(sender, handle, length, flags);
    if (hook && may_go_on(thread_of(hook->waiter))) {
        fast_send_commit(hook, sender->principal, length);
        machine_copy(hook->waiter->page->payload, sender->page->payload, length);
        return receiver_wake(sender, hook->waiter, (long)length);
    }
    return pipens_send(sender, handle, length, flags, deadline);
}
