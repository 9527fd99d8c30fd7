// SPDX-License-Identifier: MIT
// What can be seen of a system call from outside: its result is one that pipens/calls.h names, it has written where it
// may and nowhere else, and what it received was sent.
#include "actor.h"

#include <string.h>

#define ERRORS_MAX 20u
#define ERROR_OF_A_SERVER 4095 // that tests/model/operation.c replies, with EPROTO and ENOENT

// By system call; 0 ends a list.
static const uint16_t documented[SYSTEM_CALLS][ERRORS_MAX + 1] = {
    [SYSTEM_CALL_create] = {PIPE_EACCES, PIPE_EPERM, PIPE_EEXIST, PIPE_ENOENT, PIPE_ENOTDIR, PIPE_EINVAL,
                            PIPE_ENAMETOOLONG, PIPE_EMFILE, PIPE_EDQUOT, PIPE_ENOMEM},
    [SYSTEM_CALL_open] = {PIPE_EACCES, PIPE_EPERM, PIPE_ENOENT, PIPE_ENOTDIR, PIPE_EINVAL, PIPE_ENAMETOOLONG,
                          PIPE_EMFILE, PIPE_EDQUOT, PIPE_ENOMEM},
    [SYSTEM_CALL_close] = {PIPE_EBADF, PIPE_ESTALE},
    [SYSTEM_CALL_remove] = {PIPE_EACCES, PIPE_EPERM, PIPE_ENOENT, PIPE_ENOTDIR, PIPE_ENOTEMPTY, PIPE_EBUSY, PIPE_EINVAL,
                            PIPE_ENAMETOOLONG},
    [SYSTEM_CALL_set_rules] = {PIPE_EBADF, PIPE_ESTALE, PIPE_EPIPE, PIPE_EACCES, PIPE_EINVAL},
    [SYSTEM_CALL_list] = {PIPE_EBADF, PIPE_ESTALE, PIPE_EPIPE, PIPE_EACCES, PIPE_ENOTDIR, PIPE_EINVAL},
    [SYSTEM_CALL_stat] = {PIPE_EBADF, PIPE_ESTALE, PIPE_EPIPE, PIPE_ENOTDIR, PIPE_EACCES, PIPE_EPERM, PIPE_ENOENT,
                          PIPE_EINVAL, PIPE_ENAMETOOLONG},
    [SYSTEM_CALL_hook] = {PIPE_EBUSY, PIPE_EBADF, PIPE_ESTALE, PIPE_EPIPE, PIPE_EACCES, PIPE_EINVAL, PIPE_ENFILE,
                          PIPE_ENOTSUP, PIPE_EDQUOT, PIPE_ENOMEM},
    [SYSTEM_CALL_unhook] = {PIPE_EBADF, PIPE_ESTALE, PIPE_EINVAL},
    [SYSTEM_CALL_send] = {PIPE_EBADF, PIPE_ESTALE, PIPE_EACCES, PIPE_EMSGSIZE, PIPE_EINVAL, PIPE_EAGAIN, PIPE_ETIMEDOUT,
                          PIPE_EPIPE, PIPE_EDEADLK, PIPE_EBUSY, PIPE_ENOTSUP},
    [SYSTEM_CALL_call] = {PIPE_EBADF, PIPE_ESTALE, PIPE_EACCES, PIPE_EMSGSIZE, PIPE_EINVAL, PIPE_EFAULT, PIPE_EAGAIN,
                          PIPE_ETIMEDOUT, PIPE_EPIPE, PIPE_EOWNERDEAD, PIPE_EDEADLK, PIPE_EBUSY, PIPE_EMFILE,
                          PIPE_EDQUOT, PIPE_ENOMEM, PIPE_ENOTSUP, PIPE_EPROTO, PIPE_ENOENT, ERROR_OF_A_SERVER},
    [SYSTEM_CALL_reply_wait] = {PIPE_ESTALE, PIPE_EINVAL, PIPE_EMSGSIZE, PIPE_EBADF, PIPE_EPIPE, PIPE_EBUSY,
                                PIPE_ENOTSUP, PIPE_EAGAIN, PIPE_ETIMEDOUT, PIPE_EMFILE, PIPE_EDQUOT, PIPE_ENOMEM},
    [SYSTEM_CALL_copy_lease] = {PIPE_ESTALE, PIPE_EINVAL, PIPE_ERANGE, PIPE_EACCES, PIPE_EMSGSIZE, PIPE_EFAULT},
};

void complain(struct actor *actor, enum complaint complaint, long call, long result) {
    if (actor->report.complaint)
        return;
    actor->report.complaint = complaint;
    actor->report.call = (uint32_t)call;
    actor->report.result = result;
}

static bool is_documented(long call, long result) {
    for (const uint16_t *error = documented[call]; *error; error++)
        if (-result == *error)
            return true;
    return false;
}

// How much of the payload the call may have written, and whether the header.
static uint64_t written_by(const struct actor *actor, long call, long result, bool *is_head_written) {
    const struct message *page = actor->page;
    bool is_message = call == SYSTEM_CALL_call || call == SYSTEM_CALL_reply_wait;
    *is_head_written = is_message && result >= 0;
    if (result >= 0)
        return call == SYSTEM_CALL_stat                 ? sizeof(struct pipe_stat)
               : is_message || call == SYSTEM_CALL_list ? (uint64_t)result
                                                        : 0;
    *is_head_written =
        result == -PIPE_EDEADLK && memcmp(&page->received, &actor->before.received, sizeof page->received) != 0;
    return *is_head_written ? page->received.length : 0; // the names of the chain
}

void check_call(struct actor *actor, long call, long result) {
    bool is_head_written;
    uint64_t written = written_by(actor, call, result, &is_head_written);
    const struct message *page = actor->page, *before = &actor->before;
    if (result < 0 && !is_documented(call, result))
        complain(actor, COMPLAINT_ERROR, call, result);
    if (written > PAYLOAD_MAX || memcmp(page->payload + written, before->payload + written, PAYLOAD_MAX - written) != 0)
        complain(actor, COMPLAINT_PAGE, call, result);
    if (!is_head_written && memcmp(&page->received, &before->received, sizeof page->received) != 0)
        complain(actor, COMPLAINT_PAGE, call, result);
}

// Payloads count up from their first byte.
static bool counts_up(const uint8_t *bytes, uint64_t length) {
    for (uint64_t place = 0; place < length; place++)
        if (bytes[place] != (uint8_t)(bytes[0] + place))
            return false;
    return true;
}

static bool is_sound(const struct message *page, uint64_t length, bool is_reply) {
    const struct message_received *head = &page->received;
    const struct event_message *event = (const void *)page->payload;
    if (head->length != length || head->handle_count > MESSAGE_HANDLES_MAX || head->lend_count > MESSAGE_LENDS_MAX)
        return false;
    if (head->pid && head->kind != KIND_APP)
        return false;
    if (is_reply)
        return counts_up(page->payload, length);
    if ((head->token != 0) != (head->type == MESSAGE_CALL) || head->key & ~KEY_BITS)
        return false;
    switch (head->type) {
    case MESSAGE_DATA:
    case MESSAGE_CALL:
        return head->pid && counts_up(page->payload, length);
    case MESSAGE_EVENT:
        return length == sizeof *event && event->count && event->count <= event->total;
    case MESSAGE_TAP:
        return length >= sizeof(struct tap_message);
    case MESSAGE_CHANGE:
        return length == sizeof(struct change_message);
    case MESSAGE_GONE:
        return length == 0 || length == sizeof *event;
    default:
        return false;
    }
}

void check_message(struct actor *actor, long call, long result) {
    if (!is_sound(actor->page, (uint64_t)result, call == SYSTEM_CALL_call))
        complain(actor, COMPLAINT_MESSAGE, call, result);
}

void check_memory(struct actor *actor, const struct lend_range *may_change, unsigned count, long call, long result) {
    for (uint64_t place = 0; place < ARENA_SIZE; place++) {
        uint64_t address = (uint64_t)(actor->arena + place);
        bool may = actor->arena[place] == actor->arena_before[place];
        for (unsigned index = 0; index < count; index++)
            may = may || (address >= may_change[index].address &&
                          address - may_change[index].address < may_change[index].length);
        if (!may) {
            complain(actor, COMPLAINT_MEMORY, call, result);
            return;
        }
    }
}
