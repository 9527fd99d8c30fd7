// SPDX-License-Identifier: MIT
#include "input.h"

#include "output.h"
#include "pipe.h"
#include "protocol/start.h"

#include <string.h>

#define TYPED_AHEAD_MAX 8192u

#define SERIAL_INPUT "/dev/serial/input" // where a tap is tried if it is what the handle is open on

// Bytes that came and that nobody has taken: [place, length). `seen` is how far a waiting command has looked for a key
// that ends it.
static struct {
    uint8_t bytes[TYPED_AHEAD_MAX];
    size_t place, seen, length;
    long tap; // the handle of a tap, or 0
    bool is_hooked, has_ended, stops_at_q;
} input;

static void tap_close(void) {
    if (input.tap > 0)
        pipe_close(input.tap);
    input.tap = 0;
}

// Whether the input has ended before it began: an empty queue to which nobody may write any more (job.h).
static bool is_over(void) {
    const uint32_t writers = RULE(RIGHT_WRITE, RIGHT_WRITE, RIGHT_WRITE, RIGHT_WRITE);
    struct pipe_stat stat;
    long result = pipe_stat(HANDLE_INPUT, &stat);
    return result == -PIPE_EPIPE || (result == 0 && !stat.depth && !(stat.rules & writers));
}

long input_take(void) {
    tap_close();
    if (!input.is_hooked && !input.has_ended)
        input.has_ended = is_over();
    if (input.is_hooked || input.has_ended)
        return 0;
    long result = pipe_hook(HANDLE_INPUT, KEY_INPUT, 0);
    input.is_hooked = result == 0;
    return result;
}

static void release(void) {
    if (input.is_hooked)
        pipe_unhook(HANDLE_INPUT);
    input.is_hooked = false;
}

// The handle that the shell was given is for reading only, so the pipe is opened by its name, if it is the same pipe.
static void tap_open(void) {
    struct pipe_stat given, named;
    input.tap = pipe_open(SERIAL_INPUT, RIGHT_TAP);
    bool is_same = input.tap > 0 && pipe_stat(input.tap, &named) == 0 && pipe_stat(HANDLE_INPUT, &given) == 0 &&
                   named.number == given.number;
    if (!is_same || pipe_hook(input.tap, KEY_INPUT, HOOK_TAP) < 0)
        tap_close();
}

bool input_lend(void) {
    if (!input.is_hooked)
        return false;
    release();
    tap_open();
    return true;
}

bool input_stop_is_tapped(long length) {
    const struct tap_message *tap = pipe_payload();
    return pipe_received()->type == MESSAGE_TAP && pipe_received()->key == KEY_INPUT && length > (long)sizeof *tap &&
           memchr(tap + 1, CONTROL_KEY('C'), (size_t)length - sizeof *tap);
}

// Moves what is left to the front.
static void make_room(void) {
    input.length -= input.place;
    input.seen -= input.seen < input.place ? input.seen : input.place;
    memmove(input.bytes, input.bytes + input.place, input.length);
    input.place = 0;
}

// Keeps what a message brought. No bytes, or no pipe any more: the input's end. What finds no room was typed faster
// than any command took it, and is lost: a bell says so.
static void keep(long length) {
    if (length == 0 || pipe_received()->type == MESSAGE_GONE) {
        input.has_ended = true;
        release();
        return;
    }
    make_room();
    size_t room = TYPED_AHEAD_MAX - input.length;
    size_t kept = (size_t)length < room ? (size_t)length : room;
    memcpy(input.bytes + input.length, pipe_payload(), kept);
    input.length += kept;
    if (kept < (size_t)length)
        say("\a");
}

int input_byte(void) {
    while (input.place == input.length) {
        if (input.has_ended)
            return -1;
        output_flush();
        long length = pipe_wait(DEADLINE_NONE);
        if (length >= 0 && pipe_received()->key == KEY_INPUT)
            keep(length);
    }
    return input.bytes[input.place++];
}

void input_unread(void) {
    input.place--;
}

void input_watch(bool stops_at_q) {
    input.seen = input.place;
    input.stops_at_q = stops_at_q;
}

static bool begins_line(size_t place) {
    return place == input.place || input.bytes[place - 1] == '\r' || input.bytes[place - 1] == '\n';
}

// Looks at what came since it last looked; takes the key that ends the command out.
static bool stop_is_typed(void) {
    for (; input.seen < input.length; input.seen++) {
        uint8_t byte = input.bytes[input.seen];
        if (byte != CONTROL_KEY('C') && !(input.stops_at_q && byte == 'q' && begins_line(input.seen)))
            continue;
        input.length--;
        memmove(input.bytes + input.seen, input.bytes + input.seen + 1, input.length - input.seen);
        return true;
    }
    return false;
}

long input_wait(uint64_t deadline) {
    output_flush();
    while (!stop_is_typed()) {
        long length = pipe_wait(deadline);
        if (length < 0 || pipe_received()->key != KEY_INPUT)
            return length;
        keep(length);
    }
    return INPUT_STOPPED;
}
