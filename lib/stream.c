// SPDX-License-Identifier: MIT
#include "stream.h"

#include "pipe.h"
#include "process.h"

#include <string.h>

// ---- Queues ----

#define DIRECTORY "/app/"
#define PAIR "/pipe-"
#define ENDED "/ended"

// Makes this process's own directory, which others may list. 0 or a negated error.
static long directory_show(void) {
    static bool is_shown;
    char path[sizeof DIRECTORY + PID_DIGITS];
    if (is_shown)
        return 0;
    process_path(path, DIRECTORY, process_id(), "");
    long directory = pipe_open(path, RIGHT_READ | RIGHT_MANAGE);
    if (directory < 0)
        directory = pipe_create(path, FLOW_DIRECTORY, RULES_DEFAULT, 0, 0);
    if (directory < 0)
        return directory;
    pipe_set_rules(directory, RULES_READABLE);
    pipe_close(directory);
    is_shown = true;
    return 0;
}

// Makes a transient queue, and handles of it with these rights. The handle that create gives may do all, so its holder
// would be a reader and a writer.
static long queue_make(const char *path, uint32_t capacity, long *reader, long *writer) {
    long handle = pipe_create_transient(path, FLOW_QUEUE, RULES_DEFAULT, capacity, PAYLOAD_MAX, 0);
    if (handle < 0)
        return handle;
    long error = *reader = pipe_open(path, RIGHT_READ);
    if (error >= 0 && writer)
        error = *writer = pipe_open(path, RIGHT_WRITE);
    if (error < 0 && *reader >= 0)
        pipe_close(*reader);
    pipe_close(handle);
    return error < 0 ? error : 0;
}

long queue_pair(long *reader, long *writer, uint32_t capacity) {
    static uint32_t made;
    char directory[sizeof DIRECTORY + PID_DIGITS + sizeof PAIR], path[sizeof directory + PID_DIGITS];
    long error = directory_show();
    if (error)
        return error;
    process_path(directory, DIRECTORY, process_id(), PAIR);
    process_path(path, directory, ++made, "");
    return queue_make(path, capacity, reader, writer);
}

long queue_ended(void) {
    static long reader;
    char path[sizeof DIRECTORY + PID_DIGITS + sizeof ENDED];
    if (reader > 0)
        return reader;
    process_path(path, DIRECTORY, process_id(), ENDED);
    long error = directory_show();
    if (!error)
        error = queue_make(path, 1, &reader, NULL);
    return error ? error : reader;
}

long queue_read(long queue, void *bytes, size_t length, uint64_t deadline) {
    long result = length ? pipe_hook(queue, 0, HOOK_END) : 0;
    if (!length || result == -PIPE_EPIPE)
        return 0;
    if (result < 0)
        return result;
    result = pipe_wait_limited(length < PAYLOAD_MAX ? (uint32_t)length : PAYLOAD_MAX, deadline);
    if (result >= 0)
        pipe_close_received();
    if (result >= 0 && pipe_received()->type != MESSAGE_DATA)
        result = 0;
    if (result > 0)
        memcpy(bytes, pipe_payload(), (size_t)result);
    pipe_unhook(queue);
    return result;
}

long queue_write(long queue, const void *bytes, size_t length, size_t message_max) {
    for (size_t done = 0; done < length;) {
        size_t chunk = length - done < message_max ? length - done : message_max;
        long result = pipe_send(queue, (const uint8_t *)bytes + done, chunk, DEADLINE_NONE);
        if (result < 0)
            return result;
        done += chunk;
    }
    return (long)length;
}

long queue_message_max(long queue) {
    struct pipe_stat stat;
    long result = pipe_stat(queue, &stat);
    return result < 0 ? result : (long)(stat.payload_max < PAYLOAD_MAX ? stat.payload_max : PAYLOAD_MAX);
}

// ---- Call pipes ----

static long ask(long stream, const struct stream_request *request, const struct attached *attached) {
    struct stream_moved moved = {0};
    long result = pipe_call_attached(stream, request, sizeof *request, attached, &moved, sizeof moved, DEADLINE_NONE);
    return result < 0 ? result : (long)moved.count;
}

// In chunks that one lease may have, until one is cut short.
static long move(enum stream_operation operation, long stream, uint64_t address, size_t length) {
    const struct stream_request request = {.operation = operation};
    size_t done = 0;
    while (done < length) {
        size_t chunk = length - done < LEASE_LENGTH_MAX ? length - done : LEASE_LENGTH_MAX;
        struct attached attached = {
            .leases = {{address + done, chunk}}, .lease_count = 1, .writable_mask = operation == STREAM_READ};
        long moved = ask(stream, &request, &attached);
        if (moved < 0)
            return done ? (long)done : moved;
        done += (size_t)moved;
        if ((size_t)moved < chunk)
            break;
    }
    return (long)done;
}

long stream_read(long stream, void *bytes, size_t length) {
    return move(STREAM_READ, stream, (uint64_t)bytes, length);
}

long stream_write(long stream, const void *bytes, size_t length) {
    return move(STREAM_WRITE, stream, (uint64_t)bytes, length);
}

long stream_seek(long stream, int64_t offset, enum stream_from from) {
    const struct stream_request request = {STREAM_SEEK, from, offset};
    return ask(stream, &request, &(struct attached){0});
}

long stream_stat(long stream, struct stream_stat *stat) {
    const struct stream_request request = {.operation = STREAM_STAT};
    long result = pipe_call(stream, &request, sizeof request, stat, sizeof *stat, DEADLINE_NONE);
    return result < 0 ? result : 0;
}
