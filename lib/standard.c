// SPDX-License-Identifier: MIT
#include "standard.h"

#include "pipe.h"
#include "protocol/start.h"

#include <signal.h>
#include <string.h>

static const uint32_t handles[STANDARD_STREAMS] = {HANDLE_INPUT, HANDLE_OUTPUT, HANDLE_ERRORS};

uint32_t standard_handle(unsigned stream) {
    return handles[stream];
}

// The longest payload of the stream's queue, or a negated error.
static long payload_max_of(unsigned stream) {
    static long known[STANDARD_STREAMS];
    if (!known[stream]) {
        struct pipe_stat stat;
        long result = pipe_stat(handles[stream], &stat);
        known[stream] = result < 0 ? result : (long)stat.payload_max;
    }
    return known[stream];
}

long standard_write(unsigned stream, const char *bytes, size_t length) {
    long most = payload_max_of(stream);
    if (most < 0)
        return most;
    for (size_t done = 0; done < length;) {
        size_t piece = length - done < (size_t)most ? length - done : (size_t)most;
        long result = pipe_send(handles[stream], bytes + done, piece, DEADLINE_NONE);
        if (result == -PIPE_EPIPE) // nobody reads any more
            raise(SIGPIPE);
        if (result < 0)
            return result;
        done += piece;
    }
    return (long)length;
}

// What the last message has brought and nobody has read.
static struct {
    uint8_t bytes[PAYLOAD_MAX];
    size_t place, length;
    bool is_hooked;
} input;

static long input_hook(void) {
    long result = input.is_hooked ? 0 : pipe_hook(HANDLE_INPUT, 0, 0);
    if (result >= 0)
        input.is_hooked = true;
    return result;
}

void standard_leave(void) {
    if (input.is_hooked)
        pipe_unhook(HANDLE_INPUT);
    input.is_hooked = false;
}

// Waits for the next message of the input: its length, or 0 at the end. That of a terminal is followed by what is typed
// then; that of another pipe stays (pipe_is_over).
static long input_fill(void) {
    if (!input.is_hooked && pipe_is_over(HANDLE_INPUT))
        return 0;
    long result = input_hook();
    if (result >= 0)
        result = pipe_wait_data(DEADLINE_NONE);
    if (result > 0 && pipe_received()->type == MESSAGE_GONE)
        result = 0;
    if (result == 0)
        standard_leave();
    if (result <= 0)
        return result;
    memcpy(input.bytes, pipe_payload(), (size_t)result);
    input.place = 0;
    input.length = (size_t)result;
    return result;
}

long standard_read(void *bytes, size_t length) {
    long result = input.place == input.length ? input_fill() : 0;
    if (result < 0)
        return result;
    size_t left = input.length - input.place;
    if (length > left)
        length = left;
    memcpy(bytes, input.bytes + input.place, length);
    input.place += length;
    return (long)length;
}
