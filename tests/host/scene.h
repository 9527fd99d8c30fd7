// SPDX-License-Identifier: MIT
// What the tests act with: processes and threads that make system calls by their paths and texts. Each action is
// followed by an audit of the whole namespace; a broken invariant ends the program with its sentence.
#ifndef TESTS_SCENE_H
#define TESTS_SCENE_H

#include "test_host.h"

#define QUOTA_PLENTY ((uint64_t)64 << 20)
#define PRIORITY_USUAL 10u

// A thread's call that is still waiting; host_wake brings its result.
#define BLOCKED PIPENS_BLOCKED

// Starts with a new namespace whose root anyone may create in; ends it: every process ends, every node goes, and
// nothing may be left allocated.
void scene_start(void);
void scene_stop(void);
// Ends the program, with the sentence, if something is wrong.
void scene_audit(const char *action);

// A new process without claims that limit it. The second form shares an account and a succession (both may be NULL).
struct process *process_start(uint32_t pid, enum kind kind, uint64_t quota);
struct process *process_start_with(uint32_t pid, enum kind kind, struct account *account, struct principal *succession);
// A principal for the pipes of a supervised process while it is dead.
struct process *succession_start(uint64_t quota);
struct account *account_make(uint64_t limit);
struct thread *thread_start(struct process *process, unsigned priority);
// A process with one thread of the usual priority.
struct thread *program_start(uint32_t pid, enum kind kind);
// Ends a thread, or a process with its threads, completely.
void thread_end(struct thread *thread);
void process_end(struct process *process);

// The system calls. Paths are terminated; a restart is followed at once; BLOCKED: the thread is blocked.
long do_create(struct thread *thread, const char *path, enum flow flow, uint32_t rules, uint32_t capacity,
               uint32_t payload_max);
long do_open(struct thread *thread, const char *path, uint32_t rights);
long do_close(struct thread *thread, long handle);
long do_remove(struct thread *thread, const char *path);
long do_rules(struct thread *thread, long handle, uint32_t rules);
long do_list(struct thread *thread, long handle, const char *after);
// By the handle, or by the path if the handle is 0.
long do_stat(struct thread *thread, long handle, const char *path, struct pipe_stat *stat);
long do_hook(struct thread *thread, long handle, uint64_t key, uint64_t flags);
long do_unhook(struct thread *thread, long handle);
long do_send(struct thread *thread, long handle, const char *text, uint64_t flags, uint64_t deadline);
long do_signal(struct thread *thread, long handle, uint64_t value);
long do_call(struct thread *thread, long handle, const char *text, uint64_t flags, uint64_t deadline);
// Waits only; replies with a text and does not wait; both.
long do_wait(struct thread *thread, uint64_t deadline);
long do_reply(struct thread *thread, uint64_t token, const char *text, uint64_t flags);
long do_reply_error(struct thread *thread, uint64_t token, long error);
long do_reply_wait(struct thread *thread, uint64_t token, const char *text, uint64_t deadline);
long do_lease(struct thread *thread, uint64_t token, uint64_t index, uint64_t offset, uint64_t address,
              uint64_t length);

// What the host does.
void do_cancel(struct thread *thread, long error);
void do_pass(uint64_t nanoseconds);

// Opens or creates a pipe, which must succeed; returns the handle.
long must_create(struct thread *thread, const char *path, enum flow flow);
long must_open(struct thread *thread, const char *path, uint32_t rights);
// Opens a pipe for reading and hooks it with the key.
long must_hook(struct thread *thread, const char *path, uint64_t key);
struct node *node_at(const char *path);
// Whether the thread's last message, of `length` bytes, is this text.
bool page_holds(const struct thread *thread, const char *text);

#endif
