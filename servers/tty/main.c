// SPDX-License-Identifier: MIT
// The server of one session (protocol/tty.h): it stands between a device, which is its own standard input and output,
// and the programs of who sits at that. Its session outlives it: the pipes wait for its successor, and so do the
// modes and the foreground, which are the last value of an event that nobody else takes.
//
// usage: tty SESSION [SIZE-PIPE]
#include "inputs.h"
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

// A request, and the inputs that its handles are.
struct question {
    struct tty_request request;
    uint64_t token;
    uint32_t handle_count, input;
    long job; // the second handle's, or a negated error
};

static void job_end(uint32_t number);

// ---- What a successor finds ----

static void state_keep(void) {
    pipe_signal(session.mode, inputs_state());
}

// What a predecessor left, or 0. Nothing else is hooked yet.
static uint64_t state_find(void) {
    struct event_message event = {0};
    pipe_hook(session.mode, KEY_MODE, 0);
    if (pipe_wait(DEADLINE_NOW) == (long)sizeof event)
        memcpy(&event, pipe_payload(), sizeof event);
    pipe_unhook(session.mode);
    return event.value;
}

// ---- Modes ----

static void mode_reply(uint64_t token, uint32_t number) {
    bool is_foreground = number == inputs_foreground();
    struct tty_mode mode = {is_foreground ? typed_flags() : input_at(number)->flags, typed_lost()};
    pipe_reply(token, &mode, sizeof mode);
}

static void mode_set(const struct question *question) {
    uint32_t flags = question->request.flags;
    struct tty_mode before = {input_at(question->input)->flags, typed_lost()};
    if (flags & ~TTY_FLAGS) {
        pipe_reply(question->token, NULL, -PIPE_EINVAL);
        return;
    }
    if (question->input == inputs_foreground()) {
        before.flags = typed_flags();
        typed_set_flags(flags);
    }
    input_at(question->input)->flags = flags;
    state_keep();
    pipe_reply(question->token, &before, sizeof before);
}

static void mode_get(const struct question *question) {
    mode_reply(question->token, question->handle_count ? question->input : inputs_foreground());
}

static void size_get(const struct question *question) {
    size_ask(question->token);
}

static void flush(const struct question *question) {
    bool is_foreground = question->input == inputs_foreground();
    if (is_foreground)
        typed_drop();
    pipe_reply(question->token, NULL, is_foreground ? 0 : -PIPE_EPERM);
}

// ---- Jobs ----

static void job_begin(const struct question *question) {
    long number = input_make(question->input);
    struct attached attached = {.handle_count = 2};
    if (number < 0) {
        pipe_reply(question->token, NULL, number);
        return;
    }
    long queue = input_handle((uint32_t)number, false), event = input_handle((uint32_t)number, true);
    attached.handles[0] = (uint32_t)queue;
    attached.handles[1] = (uint32_t)event;
    long result = queue < 0 ? queue : event < 0 ? event : 0;
    if (result == 0)
        result = pipe_reply_attached(question->token, NULL, 0, &attached);
    else
        pipe_reply(question->token, NULL, result);
    if (queue >= 0)
        pipe_close(queue);
    if (event >= 0)
        pipe_close(event);
    if (result < 0)
        job_end((uint32_t)number);
    state_keep();
}

static void job_end(uint32_t number) {
    if (input_is_below(inputs_foreground(), number))
        inputs_select(input_at(number)->parent);
    input_end(number);
    state_keep();
}

// Whether the caller's input is above the job, or the job itself.
static bool job_is_below(const struct question *question) {
    return question->job >= 0 && input_is_below((uint32_t)question->job, question->input);
}

static void job_finish(const struct question *question) {
    bool is_below = job_is_below(question) && (uint32_t)question->job != question->input;
    if (is_below && input_is_below(inputs_foreground(), (uint32_t)question->job))
        inputs_select(question->input);
    if (is_below)
        job_end((uint32_t)question->job);
    pipe_reply(question->token, NULL, is_below ? 0 : -PIPE_EPERM);
}

static void job_select(const struct question *question) {
    bool may = job_is_below(question) && input_is_below(inputs_foreground(), question->input);
    if (may && (uint32_t)question->job != inputs_foreground())
        inputs_select((uint32_t)question->job);
    state_keep();
    pipe_reply(question->token, NULL, may ? 0 : -PIPE_EPERM);
}

// ---- Requests ----

static const struct {
    void (*answer)(const struct question *question);
    size_t length; // of its request
    uint32_t handles;
} operations[TTY_OPERATIONS] = {[TTY_SET_MODE] = {mode_set, sizeof(struct tty_request), 1},
                                [TTY_GET_MODE] = {mode_get, sizeof(uint32_t), 0},
                                [TTY_SIZE] = {size_get, sizeof(uint32_t), 0},
                                [TTY_FLUSH] = {flush, sizeof(uint32_t), 1},
                                [TTY_BEGIN_JOB] = {job_begin, sizeof(uint32_t), 1},
                                [TTY_FOREGROUND] = {job_select, sizeof(uint32_t), 2},
                                [TTY_END_JOB] = {job_finish, sizeof(uint32_t), 2}};

// Which inputs the handles are. 0 or a negated error.
static long question_check(struct question *question, size_t length, const uint32_t *handles) {
    uint32_t operation = question->request.operation;
    if (length < sizeof operation)
        return -PIPE_EMSGSIZE;
    if (operation >= TTY_OPERATIONS)
        return -PIPE_EPROTO;
    if (length < operations[operation].length)
        return -PIPE_EMSGSIZE;
    if (question->handle_count < operations[operation].handles)
        return -PIPE_EINVAL;
    long input = question->handle_count ? input_of(handles[0]) : 0;
    question->input = input < 0 ? 0 : (uint32_t)input;
    question->job = question->handle_count > 1 ? input_of(handles[1]) : -PIPE_EACCES;
    return input < 0 ? input : 0;
}

static void request_arrived(size_t length) {
    struct message_received head = *pipe_received();
    struct question question = {.token = head.token, .handle_count = head.handle_count};
    memcpy(&question.request, pipe_payload(), length < sizeof question.request ? length : sizeof question.request);
    long error = question_check(&question, length, head.handle);
    for (unsigned index = 0; index < head.handle_count; index++)
        pipe_close(head.handle[index]);
    if (error)
        pipe_reply(head.token, NULL, error);
    else
        operations[question.request.operation].answer(&question);
}

// ---- The whole ----

static long pipe_make(const char *name, enum flow flow, uint32_t rules, uint32_t capacity, uint32_t payload) {
    char path[sizeof TTY_DIRECTORY + TTY_NAME_MAX + sizeof "/interrupt"];
    snprintf(path, sizeof path, TTY_DIRECTORY "/%s%s", session.name, name);
    return pipe_create(path, flow, rules, capacity, payload);
}

// The manifest names the directory of all sessions, which outlives each of them.
static bool pipes_make(void) {
    uint32_t callable = RULES_SERVICE;
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
    inputs_begin(session.name, session.input, session.interrupt, state_find());
    const struct input *input = input_at(inputs_foreground());
    struct typed_pipes pipes = {HANDLE_INPUT, input->queue, input->interrupt, session.control};
    bool is_begun =
        screen_begin(HANDLE_OUTPUT, session.output, session.wake) >= 0 && typed_begin(&pipes, input->flags) >= 0;
    state_keep();
    return is_begun;
}

static void message_arrived(long length) {
    uint64_t key = pipe_received()->key;
    if (pipe_received()->type == MESSAGE_GONE)
        return;
    if (key == KEY_CONTROL) {
        request_arrived((size_t)length);
        return;
    }
    for (unsigned index = 0; index < pipe_received()->handle_count; index++)
        pipe_close(pipe_received()->handle[index]);
    if (key == KEY_TYPED)
        typed_take(pipe_payload(), (size_t)length);
    else if (key >= KEY_JOB)
        inputs_hear();
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
        long length = pipe_wait(typed < size ? typed : size);
        if (length >= 0)
            message_arrived(length);
        for (uint32_t number; (number = input_closed());)
            job_end(number);
        typed_advance();
        size_advance();
        screen_flush();
    }
}
