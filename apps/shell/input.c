// SPDX-License-Identifier: MIT
#include "input.h"

#include "info.h"
#include "output.h"
#include "pipe.h"
#include "protocol/start.h"
#include "terminal.h"

#include <string.h>

#define TYPED_AHEAD_MAX 8192u

// Bytes that came and that nobody has taken: [place, length). `seen` is how far a waiting command has looked for a key
// that ends it.
static struct {
    uint8_t bytes[TYPED_AHEAD_MAX];
    size_t place, seen, length;
    long control, interrupt; // of the terminal, or negative: it is none
    long mode;               // of the terminal before input_lines_begin
    bool is_known, is_typed, is_hooked, has_ended, stops_at_q;
    bool takes_lines, line_ended; // the end of the file was typed
    size_t keys;                  // of the bytes kept, those that came before the terminal gave lines
} input = {.control = -PIPE_ENXIO, .interrupt = -PIPE_ENXIO};

// The kind of process that gives the input; an app if nothing is known.
static uint32_t giver_kind(void) {
    struct pipe_stat stat;
    struct info_process owner;
    bool is_known = pipe_stat(HANDLE_INPUT, &stat) == 0 &&
                    info_ask(INFO_PROCESS, stat.owner, &owner, sizeof owner) == 0 && owner.pid == stat.owner;
    return is_known ? owner.kind : KIND_APP;
}

bool input_is_terminal(void) {
    return giver_kind() == KIND_DRIVER || terminal_name(HANDLE_INPUT, "input");
}

// Finds the terminal, if the input is one. Its interrupts are hooked for good, so that none waits for a later program.
static void terminal_know(void) {
    if (input.is_known)
        return;
    input.is_known = true;
    input.is_typed = input_is_terminal();
    input.control = terminal_open(HANDLE_INPUT, "control", RIGHT_WRITE);
    input.interrupt = input.control < 0 ? input.control : terminal_open(HANDLE_INPUT, "interrupt", RIGHT_READ);
    if (input.interrupt >= 0)
        pipe_hook(input.interrupt, KEY_INTERRUPT, 0);
}

static bool is_terminal(void) {
    return input.control >= 0;
}

static void release(void) {
    if (input.is_hooked)
        pipe_unhook(HANDLE_INPUT);
    input.is_hooked = false;
}

void input_edit(void) {
    terminal_know();
    if (is_terminal())
        terminal_set_mode(input.control, TTY_MODE_RAW);
}

long input_take(void) {
    terminal_know();
    bool has_enough = input.is_hooked || (!input.is_typed && input.place < input.length);
    if (!has_enough && !input.has_ended)
        input.has_ended = pipe_is_over(HANDLE_INPUT);
    if (has_enough || input.has_ended)
        return 0;
    long result = pipe_hook(HANDLE_INPUT, KEY_INPUT, 0);
    input.is_hooked = result == 0;
    return result;
}

void input_lines_begin(void) {
    input.mode = is_terminal() ? terminal_set_mode(input.control, TTY_MODE_LINES) : 0;
    input.takes_lines = true;
    input.line_ended = false;
    input.keys = is_terminal() ? input.length - input.place : 0;
}

void input_lines_end(void) {
    if (is_terminal() && input.mode >= 0)
        terminal_set_mode(input.control, (uint32_t)input.mode);
    input.takes_lines = input.line_ended = false;
    input.keys = 0;
}

bool input_lend(void) {
    if (!input.is_hooked)
        return false;
    release();
    return input.is_typed;
}

void input_give_lines(void) {
    if (is_terminal())
        terminal_set_mode(input.control, TTY_MODE_LINES);
}

bool input_stop_is_signalled(void) {
    return pipe_received()->type == MESSAGE_EVENT && pipe_received()->key == KEY_INTERRUPT;
}

// Moves what is left to the front.
static void make_room(void) {
    input.length -= input.place;
    input.seen -= input.seen < input.place ? input.seen : input.place;
    memmove(input.bytes, input.bytes + input.place, input.length);
    input.place = 0;
}

// Keeps what a message brought. No bytes, or no pipe any more: the input's end; but a terminal goes on behind a Ctrl-D
// that was typed for a program. What finds no room was typed faster than any command took it, and is lost: a bell says
// so.
static void keep(long length) {
    bool is_end = length == 0 && !is_terminal();
    input.line_ended |= length == 0 && input.takes_lines;
    if (is_end || pipe_received()->type == MESSAGE_GONE) {
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

// What a key typed before the terminal gave lines means in a line; it was not shown yet.
static int key_byte(int byte) {
    input.keys--;
    if (byte == CONTROL_KEY('C') || byte == CONTROL_KEY('D')) {
        say(byte == CONTROL_KEY('C') ? "^C" : "");
        return byte == CONTROL_KEY('C') ? INPUT_STOPPED : INPUT_ENDED;
    }
    char shown = byte == '\r' ? '\n' : (char)byte;
    say_bytes(&shown, 1);
    return (uint8_t)shown;
}

long input_more(uint64_t deadline) {
    long length = input_take();
    output_flush();
    if (length == 0)
        length = pipe_wait_data(deadline);
    if (length >= 0 && pipe_received()->key == KEY_INPUT)
        keep(length);
    return length;
}

int input_byte(void) {
    while (input.place == input.length) {
        if (input_take() < 0 || input.has_ended || input.line_ended)
            return INPUT_ENDED;
        long length = input_more(DEADLINE_NONE);
        if (length >= 0 && input.takes_lines && input_stop_is_signalled())
            return INPUT_STOPPED;
    }
    int byte = input.bytes[input.place++];
    return input.keys ? key_byte(byte) : byte;
}

void input_unread(void) {
    input.place--;
}

size_t input_line(const uint8_t **bytes) {
    size_t length = input.is_typed ? 0 : input.length - input.place;
    *bytes = input.bytes + input.place;
    if (length > PAYLOAD_MAX)
        length = PAYLOAD_MAX;
    const uint8_t *end = memchr(*bytes, '\n', length);
    return end ? (size_t)(end - *bytes) + 1 : length;
}

void input_used(size_t length) {
    input.place += length;
}

bool input_has_ended(void) {
    return input.has_ended;
}

void input_give_back(const void *bytes, size_t length) {
    make_room();
    if (length > TYPED_AHEAD_MAX - input.length)
        return;
    memmove(input.bytes + length, input.bytes, input.length);
    memcpy(input.bytes, bytes, length);
    input.length += length;
}

void input_watch(bool stops_at_q) {
    input.seen = input.place;
    input.stops_at_q = stops_at_q;
}

static bool ends_line(uint8_t byte) {
    return byte == '\r' || byte == '\n';
}

// Looks at what came since it last looked; takes the key that ends the command out. With "q" go the keys that stand
// before it in its line: they were typed to see them pass.
static bool stop_is_typed(void) {
    for (; input.is_typed && input.seen < input.length; input.seen++) {
        bool is_q = input.stops_at_q && input.bytes[input.seen] == 'q';
        if (input.bytes[input.seen] != CONTROL_KEY('C') && !is_q)
            continue;
        size_t begin = input.seen, end = input.seen + 1;
        while (is_q && begin > input.place && !ends_line(input.bytes[begin - 1]))
            begin--;
        memmove(input.bytes + begin, input.bytes + end, input.length - end);
        input.length -= end - begin;
        input.seen = begin;
        return true;
    }
    return false;
}

long input_wait(uint64_t deadline) {
    output_flush();
    if (!input.is_typed)
        release();
    while (!stop_is_typed()) {
        long length = pipe_wait_data(deadline);
        if (length >= 0 && pipe_received()->key == KEY_INPUT)
            keep(length);
        else if (length < 0 || !input_stop_is_signalled())
            return length;
    }
    return INPUT_STOPPED;
}
