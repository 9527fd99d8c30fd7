// SPDX-License-Identifier: MIT
// The system calls for user programs. Each returns 0 or more, or a negated error of pipens/errors.def; rights, errors
// and whether it blocks stand in pipens/calls.h. Paths are terminated strings. Deadlines are absolute: clock.h makes
// them. A call by a negative handle gives this handle back: it is the error with which it could not be opened.
#ifndef LIB_PIPE_H
#define LIB_PIPE_H

#include "abi.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---- The bare call ----

// The argument registers come back without their values (pipens/abi.h); XMM registers are left as they are.
static inline long system_call(long number, uint64_t first, uint64_t second, uint64_t third, uint64_t fourth,
                               uint64_t fifth) {
    register uint64_t fourth_register __asm__("r10") = fourth;
    register uint64_t fifth_register __asm__("r8") = fifth;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result), "+D"(first), "+S"(second), "+d"(third), "+r"(fourth_register), "+r"(fifth_register)
                     : "0"(number)
                     : "rcx", "r9", "r11", "memory");
    return result;
}

// ---- The message page ----

extern struct message *pipe_main_message; // of the first thread
extern bool pipe_has_threads;             // more than the first were started (thread.h)

// The calling thread's message page. Paths, payloads, listings and received messages stand there until the next call.
static inline struct message *pipe_message(void) {
    if (!pipe_has_threads)
        return pipe_main_message;
    struct message *page;
    __asm__ volatile("mov %%fs:0, %0" : "=r"(page)); // volatile: not before the question above
    return page;
}
// The payload of the message that the thread has received last.
static inline const void *pipe_payload(void) {
    return pipe_message()->payload;
}
static inline const struct message_received *pipe_received(void) {
    return &pipe_message()->received;
}

// ---- Names ----

// The rules of a service that all may call. An app whose claims say so may tap it: a service of secrets has other
// rules.
#define RULES_SERVICE RULE(RIGHTS_ALL, RIGHT_WRITE | RIGHT_TAP, RIGHT_WRITE, RIGHT_WRITE)

// A capacity and payload_max of 0 are the flow's defaults. A handle with all rights.
long pipe_create(const char *path, enum flow flow, uint32_t rules, uint32_t capacity, uint32_t payload_max);
// The same of a transient pipe. `payer` is 0, or the token of a call whose caller pays (struct attached, pays).
long pipe_create_transient(const char *path, enum flow flow, uint32_t rules, uint32_t capacity, uint32_t payload_max,
                           uint64_t payer);
long pipe_open(const char *path, uint32_t rights);
// Opens a pipe for calling or sending when it is first asked for, and again where that failed: *handle, which begins as
// 0. It is the result, too.
long pipe_open_once(long *handle, const char *path);
long pipe_close(long handle);
long pipe_remove(const char *path);
long pipe_set_rules(long handle, uint32_t rules);
// Names after `cursor` ("" for the first), as struct list_entry records in the payload; returns their bytes, 0 at the
// end.
long pipe_list(long directory, const char *cursor);
// Replaces `name`, of COMPONENT_MAX + 1 bytes, by the name after it. False: there is none.
bool pipe_next_name(long directory, char *name);
long pipe_stat(long handle, struct pipe_stat *stat);
long pipe_stat_path(const char *path, struct pipe_stat *stat);
// Whether a queue of bytes has ended: it is empty and nobody may write to it any more (apps/shell/job.h), or gone.
bool pipe_is_over(long queue);

// ---- Waiting ----

// Flags: HOOK_TAP, HOOK_END or HOOK_BEGIN.
long pipe_hook(long handle, uint64_t key, uint32_t flags);
long pipe_unhook(long handle);
// Waits for the next message of any hook; its payload's length. Head and payload are in the message page.
long pipe_wait(uint64_t deadline);
// The same, but of a queue's message at most `limit` bytes; the remainder is for the queue's next receiver.
long pipe_wait_limited(uint32_t limit, uint64_t deadline);
// The same for who has no use for handles: closes those that the message has brought. Else whoever may send could fill
// this process's table with them; then it would get no message that brings any, and none after that.
long pipe_wait_data(uint64_t deadline);
// Closes the handles that the message just received has brought.
void pipe_close_received(void);
// Replies with bytes, or with a negative error instead of `length`, and does not wait.
long pipe_reply(uint64_t token, const void *reply, long length);
// Replies and waits in one call: a server's whole loop. Token 0: only waits.
long pipe_reply_wait(uint64_t token, const void *reply, long length, uint64_t deadline);

// ---- Sending ----

long pipe_send(long handle, const void *payload, size_t length, uint64_t deadline);
long pipe_signal(long handle, uint64_t value);
// An answer to an interrupt, through the handle that hooks it: INTERRUPT_HANDLED or INTERRUPT_NOT_MINE.
long pipe_acknowledge(long line, uint32_t answer);
// Calls; up to `reply_max` bytes of the reply are copied to `reply` (may be NULL). The reply's length.
long pipe_call(long handle, const void *request, size_t length, void *reply, size_t reply_max, uint64_t deadline);

// The attachments of a message: up to MESSAGE_HANDLES_MAX handles, of which those in move_mask are regions
// that are moved, and up to MESSAGE_LEASES_MAX ranges, of which those in writable_mask the server may write.
struct attached {
    uint32_t handles[MESSAGE_HANDLES_MAX];
    struct lease leases[MESSAGE_LEASES_MAX];
    uint8_t handle_count, lease_count, move_mask, writable_mask;
    uint8_t rights[MESSAGE_HANDLES_MAX]; // of the passed pipes: at most these; 0: all that the handle has
    bool pays;                           // of a call: the server may create pipes at this process's cost
};
// pipe_send, pipe_call and pipe_reply with attachments; EINVAL, EBADF, EACCES and EBUSY are about those.
long pipe_send_attached(long handle, const void *payload, size_t length, const struct attached *attached,
                        uint64_t deadline);
long pipe_call_attached(long handle, const void *request, size_t length, const struct attached *attached, void *reply,
                        size_t reply_max, uint64_t deadline);
long pipe_reply_attached(uint64_t token, const void *reply, long length, const struct attached *attached);

// Copies between what the caller of `token` leased as its range `index` and this process. The length.
long pipe_lease_read(uint64_t token, unsigned index, uint64_t offset, void *to, size_t length);
long pipe_lease_write(uint64_t token, unsigned index, uint64_t offset, const void *from, size_t length);

#endif
