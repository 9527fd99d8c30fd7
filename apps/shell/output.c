// SPDX-License-Identifier: MIT
#include "output.h"

#include "pipe.h"
#include "protocol/start.h"

#include <stdarg.h>
#include <stdio.h>

#define STREAM_SIZE 2048u

struct stream {
    uint32_t handle;
    uint32_t piece_max; // bytes of one message, 0: not asked for yet
    size_t length;
    char bytes[STREAM_SIZE];
};

static struct stream output = {.handle = HANDLE_OUTPUT}, errors = {.handle = HANDLE_ERRORS};

static uint32_t piece_max(struct stream *stream) {
    struct pipe_stat stat;
    if (!stream->piece_max && pipe_stat(stream->handle, &stat) == 0 && stat.payload_max)
        stream->piece_max = stat.payload_max < PAYLOAD_MAX ? (uint32_t)stat.payload_max : PAYLOAD_MAX;
    return stream->piece_max;
}

// Nobody can be told when an output is gone: its bytes are dropped.
static void stream_flush(struct stream *stream) {
    size_t most = stream->length ? piece_max(stream) : 0;
    for (size_t done = 0; most && done < stream->length;) {
        size_t piece = stream->length - done < most ? stream->length - done : most;
        if (pipe_send(stream->handle, stream->bytes + done, piece, DEADLINE_NONE) < 0)
            break;
        done += piece;
    }
    stream->length = 0;
}

static void stream_put(struct stream *stream, char byte) {
    if (stream->length == STREAM_SIZE)
        stream_flush(stream);
    stream->bytes[stream->length++] = byte;
}

static void stream_write(struct stream *stream, const char *bytes, size_t length) {
    for (size_t place = 0; place < length; place++) {
        if (bytes[place] == '\n')
            stream_put(stream, '\r');
        stream_put(stream, bytes[place]);
    }
}

static void stream_format(struct stream *stream, const char *format, va_list arguments) {
    char text[SAY_MAX + 1];
    int length = vsnprintf(text, sizeof text, format, arguments);
    if (length > 0)
        stream_write(stream, text, (size_t)length < SAY_MAX ? (size_t)length : SAY_MAX);
}

void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    stream_format(&output, format, arguments);
    va_end(arguments);
}

// Both often end at the same screen: what was said before stands before.
void complain(const char *format, ...) {
    stream_flush(&output);
    va_list arguments;
    va_start(arguments, format);
    stream_format(&errors, format, arguments);
    va_end(arguments);
    stream_flush(&errors);
}

void say_bytes(const char *bytes, size_t length) {
    stream_write(&output, bytes, length);
}

void say_escaped(const void *bytes, size_t length) {
    const uint8_t *place = bytes;
    for (const uint8_t *end = place + length; place < end; place++)
        if (*place == '\\')
            say("\\\\");
        else if (*place >= ' ' && *place <= '~')
            stream_put(&output, (char)*place);
        else
            say("\\x%02x", *place);
}

void output_flush(void) {
    stream_flush(&output);
}
