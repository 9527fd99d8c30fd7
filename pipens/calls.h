// SPDX-License-Identifier: MIT
// The system calls, in the order of syscalls.def, and the events that the host brings. Paths and payloads are in the
// caller's message page. Every call checks first and then acts: one that fails has changed nothing. None allocates, but
// for create, open (a table of handles that grows) and hook. Errors are negated; "blocks" means PIPENS_BLOCKED: the
// waiter sleeps, and its result comes by host_wake.
//
// The invariants and states stand in calls.c, and in the file of each flow.
#ifndef PIPENS_CALLS_H
#define PIPENS_CALLS_H

#include "abi.h"
#include "node.h"
#include "waiter.h"

#define PIPENS_BLOCKED (-1000L)   // the caller waits; host_wake brings its result
#define PIPENS_RESTART (-1001L)   // a bounded step is done: run the same call again
#define PIPENS_NO_RETURN (-1002L) // the caller has ended

// The errors of each call are the list in syscalls.def; here stands what an error means where its sentence does not say
// it.

// create(path length, flow, rules, capacity, payload_max): a new pipe or directory; the caller owns it, and pays for
// its memory at once, or with CREATE_CALLER_PAYS another (ESTALE: the token is not held; EACCES: its call did not say
// CALL_PAYS). Capacity is in messages (queue, topic; 1 to CAPACITY_MAX, 0 for the default), payload_max in bytes (0:
// the default; rounded up). A vacant pipe that the caller succeeds to is taken over: flow and CREATE_TRANSIENT must
// agree; rules, messages and handles stay. Returns a handle with all rights. Needs RIGHT_WRITE on the parent directory
// and a claim to create; in a numbered directory (/app) a name of digits alone is the host's (EACCES). Does not block;
// restarts while a node of that name is being removed, and helps with that.
long pipens_create(struct waiter *caller, uint64_t path_length, uint64_t flow, uint64_t rules, uint64_t capacity,
                   uint64_t payload_max);
// open(path length, rights): a handle with these rights (at least one). Needs each of them in the node's rules for the
// caller's class, and a claim to open with them. ENOTDIR: a pipe on the way. Does not block.
long pipens_open(struct waiter *caller, uint64_t path_length, uint64_t rights);
// close(handle): also ends the hook that was made through it, and gives back a region's memory with its last handle; a
// transient pipe goes with its last one, in steps of which close runs one (host_closing). Does not block.
long pipens_close(struct waiter *caller, uint64_t handle);
// remove(path length): the name goes; callers and blocked senders get EPIPE, hooks get MESSAGE_GONE. Needs RIGHT_MANAGE
// on the node, and a claim for that. EBUSY: a kernel pipe. Does not block; restarts while many wait.
long pipens_remove(struct waiter *caller, uint64_t path_length);
// set_rules(handle, rules): at once, for all open handles too, and for hooks: one whose process may not read any more
// (a tap: not tap) gets nothing until it may again. Needs RIGHT_MANAGE. Does not block.
long pipens_set_rules(struct waiter *caller, uint64_t handle, uint64_t rules);
// list(handle, cursor length): names of a directory in order of bytes, as struct list_entry records in the payload:
// only names after the one in the payload (cursor length 0: from the first). Returns the bytes written, 0 at the end.
// Needs RIGHT_READ. Does not block.
long pipens_list(struct waiter *caller, uint64_t handle, uint64_t cursor_length);
// stat(handle, path length): writes struct pipe_stat into the payload. With handle 0 by path, and then RIGHT_READ on
// the parent directory is needed, and a claim for that; with a handle, any right. Does not block.
long pipens_stat(struct waiter *caller, uint64_t handle, uint64_t path_length);
// hook(handle, key, flags): the calling thread waits for this pipe from now on, with its key; HOOK_TAP sees instead of
// taking, HOOK_END and HOOK_BEGIN are told of a queue's stream (EINVAL for another flow). A pipe that is ready makes
// the hook ready at once. Needs RIGHT_READ (RIGHT_TAP). EBUSY: one hook a handle. ENFILE: HOOKS_PER_PIPE_MAX. EMFILE:
// HOOKS_PER_PROCESS_MAX. ENOTSUP: a kernel call pipe without TAP. Does not block.
long pipens_hook(struct waiter *caller, uint64_t handle, uint64_t key, uint64_t flags);
// unhook(handle): ends the hook that was made through the handle. EINVAL: there is none. Does not block.
long pipens_unhook(struct waiter *caller, uint64_t handle);
// send(handle, length, flags, deadline): queue: blocks while full; handles may go along. Topic: never blocks. Event:
// `length` is a value that goes with the signal; on an interrupt line it is the answer INTERRUPT_*. Needs RIGHT_WRITE.
// Returns 0. EAGAIN: full, and DEADLINE_NOW. EPIPE: removed, or transient without readers. EDEADLK: with names, as of
// call. EBUSY: a region in use. ENOTSUP: a call pipe or directory; leases; handles to a topic or event. EDQUOT: who
// pays for the queue has no room for the pages of a moved region.
long pipens_send(struct waiter *caller, uint64_t handle, uint64_t length, uint64_t flags, uint64_t deadline);
// call(handle, length, flags, deadline): sends a request and blocks until its reply, whose length it returns, or the
// error that the server replies. Handles may go along and ranges may be leased. On EDEADLK at once the payload holds
// the chain's names, one a line, and received.length their length; it may also come later, without names, when the end
// of a hook closes a cycle. Needs RIGHT_WRITE. EAGAIN: DEADLINE_NOW, and no kernel pipe. ENOBUFS: the server has no
// room for the handles. EMFILE, EDQUOT, ENOMEM: the caller has none for the reply's.
long pipens_call(struct waiter *caller, uint64_t handle, uint64_t length, uint64_t flags, uint64_t deadline);
// reply_wait(token, length, flags, deadline): replies to the caller of the token (0: to none) with `length` bytes of
// payload, or with an error if it is negative; then waits for the next message of any hook, and returns its payload's
// length, the header being in the page. REPLY_ONLY: only replies, returns 0. RECEIVE_LIMIT: of a queue's message at
// most `sent.limit` bytes (0: EINVAL); the remainder stays first. A token of nobody is ESTALE (never 0), and then
// nothing was waited for. EBADF, EPIPE, EACCES, EBUSY: attachments; ENOTSUP: for a thread that faults. ENOBUFS: calls
// with handles were turned away; wait again.
long pipens_reply_wait(struct waiter *caller, uint64_t token, int64_t length, uint64_t flags, uint64_t deadline);
// copy_lease(token, index | LEASE_WRITE, offset, address, length): copies between what the caller of the token leased
// and the server's memory. ERANGE: outside what was leased. EACCES: not writable. Returns the length. May wait for the
// caller's pager.
long pipens_copy_lease(struct waiter *caller, uint64_t token, uint64_t index, uint64_t offset, uint64_t address,
                       uint64_t length);

// ---- What the host brings ----

// Ends the waiter's wait with an error; its call or message is withdrawn. It must be blocked.
void pipens_cancel(struct waiter *waiter, long error);
// The kernel calls on a pipe for the thread: `message_buffer` (whose payload holds the request and takes the reply,
// both at most `limit` bytes) stands in for its message page until the host restores that in host_wake. Nothing is
// checked but cycles. PIPENS_BLOCKED, or -EDEADLK or -ENXIO (nobody hooks it): then the waiter is as before.
long pipens_call_for(struct waiter *waiter, struct node *node, struct message *message_buffer, uint32_t length,
                     uint32_t limit);
// The kernel signals an event pipe.
void pipens_signal(struct node *node, uint64_t value);
// The kernel publishes on a topic.
void pipens_publish(struct node *node, const void *payload, uint32_t length);
// An interrupt on the line of this event pipe. True if the line is to be masked now.
bool pipens_interrupt(struct node *node);
// Time to try a line again that nobody handled.
void pipens_interrupt_retry(struct node *node);
// A hook that has owed its answer since before `time`, or NULL.
struct hook *pipens_interrupt_late(struct node *node, uint64_t time);
// Counts and traces a denied attempt on a node (may be NULL).
void pipens_denied(struct principal *principal, struct node *node, long error);
// The death of a process, for the trace.
void pipens_trace_death(struct principal *principal, uint64_t status);

// A bounded step of what the closing of handles has left to do (host_closing): transient pipes without handles go, and
// those who wait on pipes without readers wake. True if more is left.
bool pipens_close_step(struct namespace *names);

// Checks every invariant of the whole namespace; the broken one in words, or NULL. For tests: it takes its time.
const char *pipens_audit(struct namespace *names);

#endif
