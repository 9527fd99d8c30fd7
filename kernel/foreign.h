// SPDX-License-Identifier: MIT
// Foreign processes: each of their system calls is a call that the kernel makes on /proc/<pid>/system.
#ifndef KERNEL_FOREIGN_H
#define KERNEL_FOREIGN_H

#include "abi.h"

#include <stdbool.h>

struct thread;

// Sets up a new thread of a foreign process, which starts with these registers, or as `start` says if they are NULL.
void foreign_prepare(struct thread *thread, const struct control_start *start, const struct register_set *registers);
// The running thread's system call, whose registers entry.asm has saved: RESULT_SWITCHED, or what the slow path returns
// (fast_path.c).
long foreign_call(struct thread *thread);
// PIPENS_BLOCKED, or PIPENS_NO_RETURN if no thread answers: then the process ends.
long foreign_call_slow_path(struct thread *thread);
// Whether a thread goes on after a reply of this length.
static inline bool foreign_reply_is_valid(long length) {
    return length == 0 || length == sizeof(uint64_t);
}
// The call of the thread has a valid reply, which stands in its buffer.
void foreign_end_call(struct thread *thread, long length);
// The server of a blocked thread's call has replied, or died.
void foreign_answered(struct thread *thread, long result);

#endif
