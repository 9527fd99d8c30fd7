// SPDX-License-Identifier: MIT
// The short way of a call and of its reply. Whatever is not the common case goes the general way, which is pipens's; so
// does a thread that is suspended or whose deadline would have to be disarmed.
#include "fast_path.h"

#include "fast.h"
#include "kernel.h"

// Whether this blocked thread can go on without anything but its registers.
static inline bool may_go_on(const struct thread *thread) {
    return thread->process->state == PROCESS_ALIVE && !thread->deadline.is_armed && !thread->is_faulting;
}

// Leaves the running thread blocked, and has system_call_end go on with the other, whose call returns the length. The
// processor is switched there: entry.asm has yet to save what C keeps of the first one's registers.
static inline long hand_over(struct thread *from, struct thread *to, uint64_t length) {
    struct cpu *cpu = cpu_this();
    machine_copy(to->page->payload, from->page->payload, length);
    from->state = THREAD_BLOCKED;
    to->state = THREAD_RUNNING;
    context_set_result(&to->context, (long)length);
    cpu->next = to;
    return RESULT_SWITCHED;
}

long fast_call(struct waiter *caller, uint64_t handle, uint64_t length, uint64_t flags, uint64_t deadline) {
    struct hook *hook;
    struct waiter *server = fast_call_check(caller, handle, length, flags, deadline, &hook);
    if (!server || !may_go_on(thread_of(server)) || server->base_priority < caller->priority)
        return pipens_call(caller, handle, length, flags, deadline);
    fast_call_commit(caller, server, hook, length);
    return hand_over(thread_of(caller), thread_of(server), length);
}

long fast_reply_wait(struct waiter *server, uint64_t token, int64_t length, uint64_t flags, uint64_t deadline) {
    if (length < 0)
        return pipens_reply_wait(server, token, length, flags, deadline);
    struct waiter *caller = fast_reply_check(server, token, (uint64_t)length, flags, deadline);
    if (!caller || !may_go_on(thread_of(caller)) || (int)caller->priority < schedule_highest())
        return pipens_reply_wait(server, token, length, flags, deadline);
    fast_reply_commit(server, caller, (uint64_t)length);
    return hand_over(thread_of(server), thread_of(caller), (uint64_t)length);
}
