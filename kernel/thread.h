// SPDX-License-Identifier: MIT
// Threads.
//
//   thread_start --> READY <---- schedule ----> RUNNING --- its call blocks ---> BLOCKED --- host_wake ---> READY
//                      |                           |                                |
//                      +---- its process or it ends, in any state -----------------+---> ENDED
//
// A READY thread of a suspended process is in no run queue; resuming puts it there.
#ifndef KERNEL_THREAD_H
#define KERNEL_THREAD_H

#include "machine.h"
#include "timer.h"
#include "waiter.h"

enum thread_state { THREAD_READY, THREAD_RUNNING, THREAD_BLOCKED, THREAD_ENDED };

// What the kernel has called for a blocked thread: its pager, or the server of its foreign process's system calls.
enum kernel_call { KERNEL_CALL_NONE, KERNEL_CALL_FAULT, KERNEL_CALL_SYSTEM };

// The message buffer of a call that the kernel makes for the thread: it replaces the message page during the call. A
// thread of a foreign process has no message page, only this.
#define CALL_BUFFER_PAYLOAD sizeof(struct system_message)
#define CALL_BUFFER_SIZE (sizeof(struct message_received) + CALL_BUFFER_PAYLOAD)
_Static_assert(sizeof(struct fault_message) <= CALL_BUFFER_PAYLOAD, "the buffer has room for both messages");

struct thread {
    struct context context; // must be the first field: entry.asm relies on it
    struct waiter waiter;
    struct process *process;
    struct cpu *home;                 // the processor that runs it, whose run queue it enters
    struct list of_process, in_queue; // in_queue: in a run queue, or alone
    struct timer deadline;
    struct message *page;    // its message page; of a foreign process: its call buffer
    uint64_t call_limit;     // system calls below this number are the kernel's; 0 in a foreign process
    uint32_t number;         // in its process
    uint8_t state;           // enum thread_state
    uint8_t queued_priority; // its priority in the run queue
    uint8_t priority;        // its base priority, while its process is within its budget
    uint8_t kernel_call;     // enum kernel_call: what it is blocked in
    bool restarts;           // it faulted in a system call, which will run again
    uint64_t time;           // cycles of its running time, up to cpu->since
    uint8_t call_buffer[CALL_BUFFER_SIZE] __attribute__((aligned(16)));
};

struct control_start;

// Makes a thread of the process and lets it run. The bytes of the payload come into its message page; in a foreign
// process they are its registers, or none. Its number, or -EINVAL, -EMFILE (threads), -ENFILE, -EDQUOT, -ENOMEM.
long thread_start(struct process *process, const struct control_start *start, const void *payload, uint32_t length);
// Removes the thread from the queue that it is in; it never runs again.
void thread_stop(struct thread *thread);
// Takes a stopped thread apart by one bounded step; true if more is left. The last step frees it.
bool thread_end_step(struct thread *thread);
static inline uint64_t thread_message_page(uint32_t number) {
    return MESSAGE_PAGES_BASE + number * MESSAGE_PAGE_STRIDE;
}
// The thread with this number in the process, or NULL.
struct thread *thread_numbered(const struct process *process, uint32_t number);
static inline struct message *thread_call_buffer(struct thread *thread) {
    return (void *)thread->call_buffer;
}
static inline struct thread *thread_of(struct waiter *waiter) {
    return list_object(waiter, struct thread, waiter);
}

#endif
