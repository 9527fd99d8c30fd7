// SPDX-License-Identifier: MIT
// The server of one session (protocol/tty.h): it stands between a device, which is its own standard input and output,
// and the programs of who sits at that. Its session outlives it: the pipes wait for its successor, and so does the
// mode, which is the last value of an event that nobody else takes.
//
// usage: tty SESSION [SIZE-PIPE]
#include "pipe.h"
#include "process.h"
#include "protocol/start.h"
#include "protocol/tty.h"
#include "report.h"
#include "screen.h"
#include "size.h"
#include "typed.h"

#include <stdio.h>
#include <string.h>

#define OUTPUT_CAPACITY 64u
#define KEY_MODE 3u

static struct {
    const char *name;
    long input, output, control, interrupt, wake, mode;
} session;

// ---- The mode ----

static void mode_keep(void) {
    pipe_signal(session.mode, typed_flags());
}

// The mode that a predecessor left, or that of the beginning. Nothing else is hooked yet.
static uint32_t mode_find(void) {
    struct event_message event = {.value = TTY_MODE_LINES};
    pipe_hook(session.mode, KEY_MODE, 0);
    if (pipe_wait(DEADLINE_NOW) == (long)sizeof event)
        memcpy(&event, pipe_payload(), sizeof event);
    pipe_unhook(session.mode);
    return (uint32_t)event.value & TTY_FLAGS;
}

static void mode_set(uint64_t token, uint32_t flags) {
    struct tty_mode before = {typed_flags(), typed_lost()};
    if (flags & ~TTY_FLAGS) {
        pipe_reply(token, NULL, -PIPE_EINVAL);
        return;
    }
    typed_set_flags(flags);
    mode_keep();
    pipe_reply(token, &before, sizeof before);
}

// ---- Requests ----

static void mode_tell(uint64_t token) {
    struct tty_mode mode = {typed_flags(), typed_lost()};
    pipe_reply(token, &mode, sizeof mode);
}

static void request_answer(uint64_t token, const struct tty_request *request) {
    switch (request->operation) {
    case TTY_SET_MODE:
        mode_set(token, request->flags);
        break;
    case TTY_GET_MODE:
        mode_tell(token);
        break;
    case TTY_SIZE:
        size_ask(token);
        break;
    case TTY_FLUSH:
        typed_drop();
        pipe_reply(token, NULL, 0);
        break;
    default:
        pipe_reply(token, NULL, -PIPE_EPROTO);
    }
}

static void request_arrived(long length) {
    struct tty_request request = {0};
    uint64_t token = pipe_received()->token;
    size_t least = sizeof request.operation;
    memcpy(&request, pipe_payload(), (size_t)length < sizeof request ? (size_t)length : sizeof request);
    if ((size_t)length >= least && request.operation == TTY_SET_MODE)
        least = sizeof request;
    if ((size_t)length < least)
        pipe_reply(token, NULL, -PIPE_EMSGSIZE);
    else
        request_answer(token, &request);
}

// ---- The whole ----

static long pipe_make(const char *name, enum flow flow, uint32_t rules, uint32_t capacity, uint32_t payload) {
    char path[sizeof TTY_DIRECTORY + TTY_NAME_MAX + sizeof "/interrupt"];
    snprintf(path, sizeof path, TTY_DIRECTORY "/%s%s", session.name, name);
    return pipe_create(path, flow, rules, capacity, payload);
}

// The directory of all sessions is made by whoever is first; the others make names in it.
static bool pipes_make(void) {
    uint32_t callable = RULE(RIGHTS_ALL, RIGHT_WRITE, RIGHT_WRITE, RIGHT_WRITE);
    pipe_create(TTY_DIRECTORY, FLOW_DIRECTORY, RULE(RIGHTS_ALL, RIGHT_READ, RIGHT_READ, RIGHT_READ | RIGHT_WRITE), 0,
                0);
    pipe_make("", FLOW_DIRECTORY, RULES_READABLE, 0, 0);
    session.input =
        pipe_make("/input", FLOW_QUEUE, RULE(RIGHTS_ALL, RIGHT_TAP, 0u, RIGHT_READ), INPUT_CAPACITY, TTY_LINE_MAX);
    session.output = pipe_make("/output", FLOW_QUEUE, RULE(RIGHTS_ALL, RIGHT_TAP, RIGHT_WRITE, RIGHT_WRITE),
                               OUTPUT_CAPACITY, TTY_OUTPUT_MAX);
    session.control = pipe_make("/control", FLOW_CALL, callable, 0, 0);
    session.interrupt = pipe_make("/interrupt", FLOW_EVENT, RULES_READABLE, 0, 0);
    session.wake = pipe_make("/echo", FLOW_EVENT, RULES_DEFAULT, 0, 0);
    session.mode = pipe_make("/mode", FLOW_EVENT, RULES_DEFAULT, 0, 0);
    return session.input >= 0 && session.output >= 0 && session.control >= 0 && session.interrupt >= 0 &&
           session.wake >= 0 && session.mode >= 0;
}

static bool begin(void) {
    uint32_t flags = mode_find();
    struct typed_pipes pipes = {HANDLE_INPUT, session.input, session.interrupt, session.control};
    bool is_begun = screen_begin(HANDLE_OUTPUT, session.output, session.wake) >= 0 && typed_begin(&pipes, flags) >= 0;
    mode_keep();
    return is_begun;
}

static void message_arrived(long length) {
    uint64_t key = pipe_received()->key;
    if (pipe_received()->type == MESSAGE_GONE)
        return;
    if (key == KEY_TYPED)
        typed_take(pipe_payload(), (size_t)length);
    else if (key == KEY_CONTROL)
        request_arrived(length);
}

int main(int count, char **words) {
    if (count < 2 || strlen(words[1]) > TTY_NAME_MAX) {
        report("its stanza names no session");
        return 1;
    }
    session.name = words[1];
    size_begin(count > 2 ? words[2] : NULL);
    if (!pipes_make() || !begin()) {
        report("the session %s can't begin: its pipes or its device are unavailable", session.name);
        return 1;
    }
    process_ready();
    for (;;) {
        uint64_t typed = typed_deadline(), size = size_deadline();
        long length = pipe_wait_data(typed < size ? typed : size);
        if (length >= 0)
            message_arrived(length);
        typed_advance();
        size_advance();
        screen_flush();
    }
}
