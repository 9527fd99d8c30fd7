// SPDX-License-Identifier: MIT
#include "pipe.h"

#include <string.h>

struct message *pipe_main_message;
bool pipe_has_threads;

// Puts a path into the payload; its length, which the kernel judges.
static uint64_t path_put(const char *path) {
    size_t length = strlen(path);
    size_t copied = length < PAYLOAD_MAX ? length : PAYLOAD_MAX;
    memcpy(pipe_message()->payload, path, copied);
    return copied;
}

static void payload_put(const void *payload, size_t length) {
    uint8_t *cursor = pipe_message()->payload;
    size_t copied = length < PAYLOAD_MAX ? length : PAYLOAD_MAX;
    if ((uintptr_t)payload - (uintptr_t)cursor < PAYLOAD_MAX)
        memmove(cursor, payload, copied); // a part of the page itself
    else
        memcpy(cursor, payload, copied);
}

long pipe_create(const char *path, enum flow flow, uint32_t rules, uint32_t capacity, uint32_t payload_max) {
    return system_call(SYSTEM_CALL_create, path_put(path), flow, rules, capacity, payload_max);
}

long pipe_create_transient(const char *path, enum flow flow, uint32_t rules, uint32_t capacity, uint32_t payload_max,
                           uint64_t payer) {
    uint64_t flags = CREATE_TRANSIENT | (payer ? CREATE_CALLER_PAYS : 0);
    uint64_t length = path_put(path);
    pipe_message()->sent.payer = payer;
    return system_call(SYSTEM_CALL_create, length, flow | flags, rules, capacity, payload_max);
}

long pipe_open(const char *path, uint32_t rights) {
    return system_call(SYSTEM_CALL_open, path_put(path), rights, 0, 0, 0);
}

long pipe_open_once(long *handle, const char *path) {
    if (*handle <= 0)
        *handle = pipe_open(path, RIGHT_WRITE);
    return *handle;
}

long pipe_close(long handle) {
    return system_call(SYSTEM_CALL_close, (uint64_t)handle, 0, 0, 0, 0);
}

long pipe_remove(const char *path) {
    return system_call(SYSTEM_CALL_remove, path_put(path), 0, 0, 0, 0);
}

// The result of a call by a handle. A negative handle is the error with which it could not be opened, and says more
// than EBADF.
static long result_by(long handle, long result) {
    return result < 0 && handle < 0 ? handle : result;
}

long pipe_set_rules(long handle, uint32_t rules) {
    return result_by(handle, system_call(SYSTEM_CALL_set_rules, (uint64_t)handle, rules, 0, 0, 0));
}

long pipe_list(long directory, const char *cursor) {
    return result_by(directory, system_call(SYSTEM_CALL_list, (uint64_t)directory, path_put(cursor), 0, 0, 0));
}

bool pipe_next_name(long directory, char *name) {
    struct list_entry entry;
    if (pipe_list(directory, name) < (long)sizeof entry)
        return false;
    memcpy(&entry, pipe_payload(), sizeof entry);
    memcpy(name, (const char *)pipe_payload() + sizeof entry, entry.name_length);
    name[entry.name_length] = 0;
    return true;
}

static long stat_get(long result, struct pipe_stat *stat) {
    if (result < 0)
        return result;
    memcpy(stat, pipe_payload(), sizeof *stat);
    return 0;
}

long pipe_stat(long handle, struct pipe_stat *stat) {
    return stat_get(result_by(handle, system_call(SYSTEM_CALL_stat, (uint64_t)handle, 0, 0, 0, 0)), stat);
}

long pipe_stat_path(const char *path, struct pipe_stat *stat) {
    return stat_get(system_call(SYSTEM_CALL_stat, 0, path_put(path), 0, 0, 0), stat);
}

bool pipe_is_over(long queue) {
    const uint32_t writers = RULE(RIGHT_WRITE, RIGHT_WRITE, RIGHT_WRITE, RIGHT_WRITE);
    struct pipe_stat stat;
    long result = pipe_stat(queue, &stat);
    return result == -PIPE_EPIPE || (result == 0 && !stat.depth && !(stat.rules & writers));
}

long pipe_hook(long handle, uint64_t key, uint32_t flags) {
    return result_by(handle, system_call(SYSTEM_CALL_hook, (uint64_t)handle, key, flags, 0, 0));
}

long pipe_unhook(long handle) {
    return result_by(handle, system_call(SYSTEM_CALL_unhook, (uint64_t)handle, 0, 0, 0, 0));
}

// ---- Attached ----

// Writes the attached into the page's header; the flags that say so.
static uint64_t attached_put(const struct attached *attached) {
    struct message_sent *head = &pipe_message()->sent;
    memcpy(head->handle, attached->handles, sizeof head->handle);
    memcpy(head->lease, attached->leases, sizeof head->lease);
    memcpy(head->rights, attached->rights, sizeof head->rights);
    uint32_t moved = attached->move_mask & ((1u << MESSAGE_HANDLES_MAX) - 1);
    uint32_t writable = attached->writable_mask & ((1u << MESSAGE_LEASES_MAX) - 1);
    return ATTACH_HANDLES(attached->handle_count) | ATTACH_LEASES(attached->lease_count) | moved * ATTACH_MOVE(0) |
           writable * ATTACH_WRITABLE(0) | ATTACH_LIMITED | (attached->pays ? CALL_PAYS : 0);
}

// ---- Sending ----

long pipe_send(long handle, const void *payload, size_t length, uint64_t deadline) {
    payload_put(payload, length);
    return result_by(handle, system_call(SYSTEM_CALL_send, (uint64_t)handle, length, 0, deadline, 0));
}

long pipe_send_attached(long handle, const void *payload, size_t length, const struct attached *attached,
                        uint64_t deadline) {
    payload_put(payload, length);
    return result_by(handle,
                     system_call(SYSTEM_CALL_send, (uint64_t)handle, length, attached_put(attached), deadline, 0));
}

long pipe_signal(long handle, uint64_t value) {
    return result_by(handle, system_call(SYSTEM_CALL_send, (uint64_t)handle, value, 0, DEADLINE_NOW, 0));
}

long pipe_acknowledge(long line, uint32_t answer) {
    return pipe_signal(line, answer);
}

static long call_with(long handle, const void *request, size_t length, uint64_t flags, void *reply, size_t reply_max,
                      uint64_t deadline) {
    payload_put(request, length);
    long result = system_call(SYSTEM_CALL_call, (uint64_t)handle, length, flags, deadline, 0);
    if (result > 0 && reply)
        memcpy(reply, pipe_payload(), (size_t)result < reply_max ? (size_t)result : reply_max);
    return result_by(handle, result);
}

long pipe_call(long handle, const void *request, size_t length, void *reply, size_t reply_max, uint64_t deadline) {
    return call_with(handle, request, length, 0, reply, reply_max, deadline);
}

long pipe_call_attached(long handle, const void *request, size_t length, const struct attached *attached, void *reply,
                        size_t reply_max, uint64_t deadline) {
    return call_with(handle, request, length, attached_put(attached), reply, reply_max, deadline);
}

// ---- Replying and waiting ----

long pipe_wait(uint64_t deadline) {
    return system_call(SYSTEM_CALL_reply_wait, 0, 0, 0, deadline, 0);
}

long pipe_wait_limited(uint32_t limit, uint64_t deadline) {
    pipe_message()->sent.limit = limit;
    return system_call(SYSTEM_CALL_reply_wait, 0, 0, RECEIVE_LIMIT, deadline, 0);
}

void pipe_close_received(void) {
    for (unsigned index = 0; index < pipe_received()->handle_count; index++)
        pipe_close(pipe_received()->handle[index]);
}

long pipe_wait_data(uint64_t deadline) {
    long result = pipe_wait(deadline);
    if (result >= 0)
        pipe_close_received();
    return result;
}

long pipe_reply(uint64_t token, const void *reply, long length) {
    if (length > 0)
        payload_put(reply, (size_t)length);
    return system_call(SYSTEM_CALL_reply_wait, token, (uint64_t)length, REPLY_ONLY, DEADLINE_NOW, 0);
}

long pipe_reply_wait(uint64_t token, const void *reply, long length, uint64_t deadline) {
    if (length > 0)
        payload_put(reply, (size_t)length);
    return system_call(SYSTEM_CALL_reply_wait, token, (uint64_t)length, 0, deadline, 0);
}

long pipe_reply_attached(uint64_t token, const void *reply, long length, const struct attached *attached) {
    if (length > 0)
        payload_put(reply, (size_t)length);
    return system_call(SYSTEM_CALL_reply_wait, token, (uint64_t)length, attached_put(attached) | REPLY_ONLY,
                       DEADLINE_NOW, 0);
}

// ---- Leases ----

// Copies in parts that one call may have.
static long lease_copy(uint64_t token, uint64_t index, uint64_t offset, uint64_t address, size_t length) {
    size_t done = 0;
    while (done < length) {
        size_t chunk = length - done < LEASE_COPY_MAX ? length - done : LEASE_COPY_MAX;
        long result = system_call(SYSTEM_CALL_copy_lease, token, index, offset + done, address + done, chunk);
        if (result < 0)
            return result;
        done += chunk;
    }
    return (long)done;
}

long pipe_lease_read(uint64_t token, unsigned index, uint64_t offset, void *to, size_t length) {
    return lease_copy(token, index, offset, (uint64_t)to, length);
}

long pipe_lease_write(uint64_t token, unsigned index, uint64_t offset, const void *from, size_t length) {
    return lease_copy(token, index | LEASE_WRITE, offset, (uint64_t)from, length);
}
