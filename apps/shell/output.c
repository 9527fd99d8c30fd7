// SPDX-License-Identifier: MIT
#include "output.h"

#include "failure.h"
#include "file.h"
#include "pipe.h"
#include "process.h"
#include "state.h"
#include "streams.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define BYTES_MAX PAYLOAD_MAX

// Bytes of a descriptor that wait. Who writes where may change only when none wait.
struct output {
    unsigned descriptor;
    long asked_for;     // the queue that the rest is about
    uint32_t chunk_max; // bytes of one message
    size_t length;
    char bytes[BYTES_MAX];
};

static struct output output = {.descriptor = 1}, errors = {.descriptor = 2};
static long error_now;

long output_error(void) {
    long error = error_now;
    error_now = 0;
    return error;
}

bool output_has_failed(void) {
    return error_now;
}

static void queue_ask(struct output *to, long handle) {
    struct pipe_stat stat = {0};
    if (to->asked_for == handle)
        return;
    pipe_stat(handle, &stat);
    to->asked_for = handle;
    to->chunk_max = stat.payload_max < BYTES_MAX ? (uint32_t)stat.payload_max : BYTES_MAX;
}

// Nobody reads any more: as with SIGPIPE, a process that only serves a pipeline ends. The shell that people sit at can
// tell nobody: its bytes are dropped.
static void queue_write(struct output *from, long handle) {
    queue_ask(from, handle);
    for (size_t done = 0; from->chunk_max && done < from->length;) {
        size_t chunk = from->length - done < from->chunk_max ? from->length - done : from->chunk_max;
        long result = pipe_send(handle, from->bytes + done, chunk, DEADLINE_NONE);
        if (result == -PIPE_EPIPE && !shell.is_interactive)
            process_exit(STATUS_NO_READER);
        if (result < 0)
            break;
        done += chunk;
    }
}

static void file_write_all(const struct output *from, long file) {
    for (size_t done = 0; !error_now && done < from->length;) {
        long result = file_write(file, from->bytes + done, from->length - done);
        error_now = result < 0 ? result : 0;
        done += result < 0 ? 0 : (size_t)result;
    }
}

static void bytes_flush(struct output *from) {
    const struct stream *stream = stream_of(from->descriptor);
    if (from->length && stream->type == STREAM_QUEUE)
        queue_write(from, stream->handle);
    else if (from->length && stream->type == STREAM_FILE)
        file_write_all(from, stream->handle);
    from->length = 0;
}

static void bytes_write(struct output *to, const char *bytes, size_t length) {
    while (length) {
        if (to->length == BYTES_MAX)
            bytes_flush(to);
        size_t room = BYTES_MAX - to->length, chunk = length < room ? length : room;
        memcpy(to->bytes + to->length, bytes, chunk);
        to->length += chunk;
        bytes += chunk;
        length -= chunk;
    }
}

static void format_write(struct output *to, const char *format, va_list arguments) {
    char text[SAY_MAX + 1];
    int length = vsnprintf(text, sizeof text, format, arguments);
    if (length > 0)
        bytes_write(to, text, (size_t)length < SAY_MAX ? (size_t)length : SAY_MAX);
}

void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    format_write(&output, format, arguments);
    va_end(arguments);
}

// Both often end at the same screen: what was said before stands before.
void complain(const char *format, ...) {
    bytes_flush(&output);
    va_list arguments;
    va_start(arguments, format);
    format_write(&errors, format, arguments);
    va_end(arguments);
    bytes_flush(&errors);
}

void say_bytes(const char *bytes, size_t length) {
    bytes_write(&output, bytes, length);
}

void output_flush(void) {
    bytes_flush(&output);
}
