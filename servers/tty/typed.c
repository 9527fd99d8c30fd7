// SPDX-License-Identifier: MIT
// The way: a message of the device (incoming), the terminal's answers taken out (answer), the line discipline, messages
// for the readers (held), their queue.
//
// Keys for which the readers have made no room wait in `incoming`. While the signals are on, Ctrl-C comes through
// though nobody reads: it is looked for among them, and what came before it is dropped. More than AHEAD_MAX of them are
// lost after PATIENCE, counted, and the bell rings. While the signals are off nothing is lost.
//
// Keys that nobody has read when line mode begins are held back, neither shown nor edited, until a reader waits for
// them: what is pasted at a prompt belongs to the next prompts, which show it. Only what signals is acted on at once.
#include "typed.h"

#include "answer.h"
#include "clock.h"
#include "discipline.h"
#include "inputs.h"
#include "keys.h"
#include "pipe.h"
#include "screen.h"
#include "size.h"

#include <string.h>

#define KEY_UNREAD 5u
#define STOP_KEY ('S' & 0x1f)
#define START_KEY ('Q' & 0x1f)
#define HELD_MAX 16u
#define UNREAD_COUNT (INPUT_CAPACITY + HELD_MAX) // messages that nobody has read
#define UNREAD_MAX (UNREAD_COUNT * TTY_LINE_MAX) // their bytes
#define AHEAD_MAX UNREAD_MAX                     // bytes that wait for room, of which more are not asked for
#define HELD_ROOM 2u                             // messages that one step may make
#define RETRY (10 * MILLISECOND)                 // while the readers' queue is full
#define PATIENCE (500 * MILLISECOND)             // with readers
#define KEY_SPAN (50 * MILLISECOND)              // within which the bytes of one key come

// A message for the readers.
struct held {
    size_t length;
    uint8_t bytes[TTY_LINE_MAX];
};

static struct {
    struct discipline discipline;
    struct answer answer;
    uint64_t answer_deadline; // until when what may become an answer waits
    struct typed_pipes pipes;
    bool is_hooked;
    size_t cursor, length; // of what is left in `incoming`: a message of the device, and what is typed once more
    uint8_t incoming[PAYLOAD_MAX + AHEAD_MAX + UNREAD_MAX];
    uint32_t first, count; // of the ring
    struct held held[HELD_MAX];
    uint64_t full_since; // 0: the readers have made room
    uint32_t lost;
    bool holds; // keys that were typed before line mode began, until a reader waits
} typed;

// Messages that were taken back, in order.
static struct {
    size_t count, length;
    size_t lengths[UNREAD_COUNT];
    uint8_t bytes[UNREAD_MAX];
} unread;

// ---- To the readers ----

static bool has_room(void) {
    return typed.count + HELD_ROOM <= HELD_MAX;
}

static struct held *held_at(uint32_t index) {
    return &typed.held[(typed.first + index) % HELD_MAX];
}

// How many messages nobody has read.
static size_t unread_count(void) {
    struct pipe_stat stat;
    return typed.count + (pipe_stat(typed.pipes.input, &stat) < 0 ? 0 : (size_t)stat.depth);
}

static void give(const uint8_t *bytes, size_t length) {
    bool is_line = typed.discipline.flags & TTY_LINES;
    struct held *last = typed.count ? held_at(typed.count - 1) : NULL;
    if (!last || is_line || last->length + length > TTY_LINE_MAX) {
        last = held_at(typed.count++);
        last->length = 0;
    }
    if (is_line)
        keys_given(length, unread_count());
    memcpy(last->bytes + last->length, bytes, length);
    last->length += length;
}

static void held_send(void) {
    while (typed.count) {
        const struct held *next = held_at(0);
        if (pipe_send(typed.pipes.input, next->bytes, next->length, DEADLINE_NOW) == -PIPE_EAGAIN)
            return;
        typed.first = (typed.first + 1) % HELD_MAX;
        typed.count--;
        typed.full_since = 0;
    }
}

// ---- What was not read ----

static void device_leave(void) {
    if (typed.is_hooked)
        pipe_unhook(typed.pipes.device);
    typed.is_hooked = false;
}

static void unread_add(const void *bytes, size_t length) {
    memcpy(unread.bytes + unread.length, bytes, length);
    unread.length += length;
    unread.lengths[unread.count++] = length;
}

// Takes the messages back that nobody has read. The readers' queue is the only one that this thread hooks meanwhile,
// but for the jobs' events, and none of its messages comes later: this thread sends them.
static void unread_take(void) {
    unread.count = unread.length = 0;
    device_leave();
    pipe_unhook(typed.pipes.control);
    pipe_hook(typed.pipes.input, KEY_UNREAD, 0);
    for (long length; (length = pipe_wait(DEADLINE_NOW)) >= 0;)
        if (pipe_received()->key == KEY_UNREAD)
            unread_add(pipe_payload(), (size_t)length);
        else
            inputs_hear();
    pipe_unhook(typed.pipes.input);
    pipe_hook(typed.pipes.control, KEY_CONTROL, 0);
    for (uint32_t index = 0; index < typed.count; index++)
        unread_add(held_at(index)->bytes, held_at(index)->length);
    typed.count = 0;
}

static void lines_send(void) {
    size_t index = 0;
    for (size_t number = 0; number < unread.count; index += unread.lengths[number++])
        if (pipe_send(typed.pipes.input, unread.bytes + index, unread.lengths[number], DEADLINE_NOW) == -PIPE_EAGAIN) {
            struct held *last = held_at(typed.count++);
            last->length = unread.lengths[number];
            memcpy(last->bytes, unread.bytes + index, last->length);
        }
}

// Puts keys in front of what is still coming. What finds no room at the end is lost.
static void type_again(const uint8_t *keys, size_t count) {
    size_t left = typed.length - typed.cursor;
    if (left > sizeof typed.incoming - count) {
        typed.lost += (uint32_t)(left - (sizeof typed.incoming - count));
        left = sizeof typed.incoming - count;
    }
    memmove(typed.incoming + count, typed.incoming + typed.cursor, left);
    memcpy(typed.incoming, keys, count);
    typed.cursor = 0;
    typed.length = count + left;
}

// Of lines that nobody has read the keys are typed again, for in raw mode each of them counts.
static void lines_type_again(void) {
    size_t index = 0, length = 0;
    static uint8_t keys[UNREAD_MAX];
    for (size_t number = 0; number < unread.count; index += unread.lengths[number++])
        length += keys_of(unread.count - 1 - number, unread.bytes + index, unread.lengths[number], keys + length,
                          sizeof keys - length);
    length += keys_pending(keys + length, sizeof keys - length);
    type_again(keys, length);
}

void typed_drop(void) {
    unread_take();
    keys_drop();
    typed.length = typed.cursor = typed.answer.length = typed.discipline.length = 0;
}

static void signal_readers(enum tty_signal signal) {
    unread_take();
    keys_drop();
    pipe_signal(typed.pipes.interrupt, signal);
}

// ---- From the device ----

static const struct discipline_host host = {give, screen_echo, signal_readers, screen_stop};

static void key_take(uint8_t byte) {
    if (typed.discipline.flags & TTY_LINES)
        keys_add(byte);
    discipline_take(&typed.discipline, &host, byte);
}

static void answer_release(void) {
    for (size_t index = 0; index < typed.answer.length; index++)
        key_take(typed.answer.bytes[index]);
    typed.answer.length = 0;
}

static void byte_take(uint8_t byte) {
    struct tty_size size;
    if (!typed.answer.length && !size_is_awaited()) {
        key_take(byte);
        return;
    }
    enum answer_verdict verdict = answer_take(&typed.answer, byte, &size);
    typed.answer_deadline = clock_deadline(KEY_SPAN);
    if (verdict == ANSWER_NONE)
        answer_release();
    if (verdict != ANSWER_WHOLE)
        return;
    typed.answer.length = 0;
    size_answered(&size);
}

// Whether what has no room is to be lost.
static bool is_given_up(void) {
    if (!(typed.discipline.flags & TTY_SIGNALS))
        return false;
    uint64_t now = clock_now();
    if (!typed.full_since)
        typed.full_since = now;
    return now - typed.full_since >= PATIENCE;
}

// Whether keys wait for a reader. They do no more once a thread hooks the queue, or all are gone.
static bool keys_wait(void) {
    struct pipe_stat stat;
    bool is_line = typed.discipline.flags & TTY_LINES;
    if (typed.holds && is_line && typed.cursor < typed.length)
        typed.holds = pipe_stat(typed.pipes.input, &stat) >= 0 && !stat.hooks && !stat.depth;
    else
        typed.holds = false;
    return typed.holds;
}

// Ctrl-S and Ctrl-Q, which may be meant for the editor that is about to start.
static bool is_stop_key(uint8_t byte) {
    return byte == STOP_KEY || byte == START_KEY;
}

// Goes to the first key that signals, which drops those before it. False: there is none.
static bool signal_find(void) {
    size_t index = typed.cursor;
    while (index < typed.length &&
           (is_stop_key(typed.incoming[index]) || !discipline_signals(&typed.discipline, typed.incoming[index])))
        index++;
    if (index == typed.length)
        return false;
    typed.cursor = index;
    return true;
}

// Takes a Ctrl-Q out that waits for a reader which itself waits for it: the output is stopped.
static void start_find(void) {
    uint8_t *keys = typed.incoming + typed.cursor;
    size_t count = typed.length - typed.cursor;
    uint8_t *key = screen_is_stopped() ? memchr(keys, START_KEY, count) : NULL;
    if (!key || !discipline_signals(&typed.discipline, START_KEY))
        return;
    memmove(key, key + 1, (size_t)(keys + count - key) - 1);
    typed.length--;
    screen_stop(false);
}

static bool must_wait(void) {
    if (!has_room())
        held_send();
    return keys_wait() || !has_room();
}

static void incoming_take(void) {
    while (typed.cursor < typed.length && (!must_wait() || signal_find()))
        byte_take(typed.incoming[typed.cursor++]);
}

// What has waited too long is lost from AHEAD_MAX on.
static void incoming_limit(void) {
    size_t waiting = typed.length - typed.cursor;
    if (waiting)
        start_find();
    if (waiting <= AHEAD_MAX || !is_given_up())
        return;
    typed.lost += (uint32_t)(waiting - AHEAD_MAX);
    typed.length = typed.cursor + AHEAD_MAX;
    discipline_refuse(&host);
}

static void device_heed(void) {
    if (typed.length - typed.cursor > AHEAD_MAX)
        device_leave();
    else if (!typed.is_hooked)
        typed.is_hooked = pipe_hook(typed.pipes.device, KEY_TYPED, 0) >= 0;
}

// ---- The whole ----

long typed_begin(const struct typed_pipes *pipes, uint32_t flags) {
    typed.pipes = *pipes;
    typed.discipline.flags = flags;
    screen_set_newlines(flags & TTY_NEWLINES);
    typed.is_hooked = true;
    long result = pipe_hook(pipes->control, KEY_CONTROL, 0);
    return result < 0 ? result : pipe_hook(pipes->device, KEY_TYPED, 0);
}

void typed_take(const void *bytes, size_t length) {
    size_t left = typed.length - typed.cursor;
    memmove(typed.incoming, typed.incoming + typed.cursor, left);
    memcpy(typed.incoming + left, bytes, length);
    typed.cursor = 0;
    typed.length = left + length;
}

void typed_advance(void) {
    if (typed.answer.length && clock_now() >= typed.answer_deadline && has_room())
        answer_release();
    held_send();
    incoming_take();
    incoming_limit();
    held_send();
    device_heed();
}

uint64_t typed_deadline(void) {
    if (typed.count || typed.cursor < typed.length)
        return clock_deadline(RETRY);
    return typed.answer.length ? typed.answer_deadline : DEADLINE_NONE;
}

uint32_t typed_flags(void) {
    return typed.discipline.flags;
}

void typed_switch(long input, long interrupt, uint32_t flags) {
    bool were_lines = typed.discipline.flags & TTY_LINES, are_lines = flags & TTY_LINES;
    bool is_other = input != typed.pipes.input;
    if (is_other || were_lines != are_lines)
        unread_take();
    else
        unread.count = unread.length = 0;
    if (were_lines && !are_lines)
        typed.discipline.length = 0; // its keys are typed again
    discipline_set_mode(&typed.discipline, &host, flags);
    screen_set_newlines(flags & TTY_NEWLINES);
    typed.pipes.input = input;
    typed.pipes.interrupt = interrupt;
    if (were_lines && are_lines)
        lines_send();
    else if (were_lines)
        lines_type_again();
    else
        type_again(unread.bytes, unread.length);
    typed.holds = are_lines && (!were_lines || is_other) && typed.cursor < typed.length;
    if (!are_lines)
        keys_drop();
}

void typed_set_flags(uint32_t flags) {
    typed_switch(typed.pipes.input, typed.pipes.interrupt, flags);
}

uint32_t typed_lost(void) {
    return typed.lost;
}
