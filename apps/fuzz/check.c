// SPDX-License-Identifier: MIT
// What can be seen of a system call from outside: its result is one that pipens/syscalls.def names, it has written
// where it may and nowhere else, and what it received was sent.
#include "actor.h"

#include <string.h>

#define ERRORS_MAX 20u

enum error {
#define ERROR(name, number, sentence) name = (number),
#include "errors.def"
#undef ERROR
};

// By system call; 0 ends a list.
static const uint16_t documented[SYSTEM_CALLS][ERRORS_MAX + 1] = {
#define SYSTEM_CALL(name, arguments, ...) [SYSTEM_CALL_##name] = {__VA_ARGS__},
#include "syscalls.def"
#undef SYSTEM_CALL
};
// What tests/model/operation.c replies.
static const uint16_t replied[] = {EPROTO, ENOENT, 4095, 0};

void complain(struct actor *actor, enum complaint complaint, long call, long result) {
    if (actor->report.complaint)
        return;
    actor->report.complaint = complaint;
    actor->report.call = (uint32_t)call;
    actor->report.result = result;
}

static bool is_among(long result, const uint16_t *errors) {
    while (*errors && -result != *errors)
        errors++;
    return *errors;
}

static bool is_documented(long call, long result) {
    return is_among(result, documented[call]) || (call == SYSTEM_CALL_call && is_among(result, replied));
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
    for (uint64_t index = 0; index < length; index++)
        if (bytes[index] != (uint8_t)(bytes[0] + index))
            return false;
    return true;
}

static bool is_sound(const struct message *page, uint64_t length, bool is_reply) {
    const struct message_received *head = &page->received;
    const struct event_message *event = (const void *)page->payload;
    if (head->length != length || head->handle_count > MESSAGE_HANDLES_MAX || head->lease_count > MESSAGE_LEASES_MAX)
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

void check_memory(struct actor *actor, const struct lease *may_change, unsigned count, long call, long result) {
    for (uint64_t offset = 0; offset < ARENA_SIZE; offset++) {
        uint64_t address = (uint64_t)(actor->arena + offset);
        bool may = actor->arena[offset] == actor->arena_before[offset];
        for (unsigned index = 0; index < count; index++)
            may = may || (address >= may_change[index].address &&
                          address - may_change[index].address < may_change[index].length);
        if (!may) {
            complain(actor, COMPLAINT_MEMORY, call, result);
            return;
        }
    }
}
