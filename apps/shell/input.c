// SPDX-License-Identifier: MIT
#include "input.h"

#include "output.h"
#include "pipe.h"
#include "protocol/start.h"
#include "state.h"
#include "streams.h"

#include <string.h>

static struct {
    long control; // of the terminal, or negative: there is none
    bool is_known, is_hooked;
    bool is_unread;
    bool is_stopped;         // a signal ended a command of the line
    int last;                // that input_byte gave
    struct terminal_job job; // of the line that runs; handles are 0: none
} input = {.control = -PIPE_ENXIO};

// What a command takes keys from, or 0; the mode before.
static struct { long terminal, control, mode; } keys;

bool input_is_terminal(void) {
    return terminal_name(HANDLE_INPUT, "input");
}

static bool has_terminal(void) {
    if (!input.is_known)
        input.control = terminal_open(HANDLE_INPUT, "control", RIGHT_WRITE);
    input.is_known = true;
    return input.control >= 0;
}

void input_edit(void) {
    if (has_terminal())
        terminal_set_mode(input.control, HANDLE_INPUT, TTY_MODE_RAW);
}

// ---- The shell's own line ----

// A Ctrl-D that was typed ahead in line mode comes as a message of no bytes.
int input_key(void) {
    output_flush();
    for (;;) {
        long length = pipe_wait_limited(1, DEADLINE_NONE);
        if (length < 0 || pipe_received()->key != KEY_INPUT)
            continue;
        if (pipe_received()->type != MESSAGE_DATA)
            return INPUT_ENDED;
        return length ? *(const uint8_t *)pipe_payload() : CONTROL_KEY('D');
    }
}

int input_byte(void) {
    if (!input.is_unread) {
        if (!input.is_hooked && pipe_hook(HANDLE_INPUT, KEY_INPUT, HOOK_END) < 0)
            return INPUT_ENDED;
        input.is_hooked = true;
        input.last = input_key();
    }
    input.is_unread = false;
    return input.last;
}

void input_unread(void) {
    input.is_unread = true;
}

// ---- Jobs ----

static void line_leave(void) {
    if (input.is_hooked)
        pipe_unhook(HANDLE_INPUT);
    input.is_hooked = false;
}

void input_job_begin(void) {
    line_leave();
    input.is_stopped = false;
    if (!has_terminal() || terminal_job_begin(input.control, HANDLE_INPUT, &input.job) < 0)
        return;
    input_job_resume(&input.job);
    stream_input_set(input.job.input);
}

bool input_job_end(void) {
    input_keys_end();
    if (input.job.input)
        terminal_job_end(input.control, HANDLE_INPUT, &input.job);
    stream_input_set(HANDLE_INPUT);
    return input.is_stopped;
}

// The foreground is the line's job, or at the prompt the shell itself.
static void line_foreground(void) {
    terminal_foreground(input.control, HANDLE_INPUT, input.job.input ? input.job.input : (long)HANDLE_INPUT);
}

struct terminal_job input_job_leave(void) {
    struct terminal_job job = input.job;
    pipe_unhook(job.interrupt);
    input.job = (struct terminal_job){0};
    line_foreground();
    stream_input_set(HANDLE_INPUT);
    return job;
}

// The signals are hooked before the job is the foreground, which is where they come from then.
void input_job_resume(const struct terminal_job *job) {
    pipe_hook(job->interrupt, KEY_INTERRUPT, 0);
    terminal_foreground(input.control, HANDLE_INPUT, job->input);
}

void input_job_suspend(const struct terminal_job *job) {
    pipe_unhook(job->interrupt);
    line_foreground();
}

void input_job_forget(struct terminal_job *job) {
    terminal_job_end(input.control, HANDLE_INPUT, job);
    line_foreground();
}

enum tty_signal input_signal(void) {
    struct event_message event;
    if (pipe_received()->key != KEY_INTERRUPT || pipe_received()->type != MESSAGE_EVENT)
        return 0;
    memcpy(&event, pipe_payload(), sizeof event);
    return (enum tty_signal)event.value;
}

// ---- Commands that wait ----

long input_terminal(void) {
    if (input.job.input || shell.keys)
        return input.job.input ? input.job.input : shell.keys;
    return has_terminal() ? HANDLE_INPUT : 0;
}

bool input_keys_begin(uint32_t mode) {
    keys.terminal = input_terminal();
    keys.control = keys.terminal ? terminal_open(keys.terminal, "control", RIGHT_WRITE) : -PIPE_ENXIO;
    if (keys.control < 0)
        keys.terminal = 0;
    if (!keys.terminal)
        return false;
    keys.mode = terminal_set_mode(keys.control, keys.terminal, mode);
    pipe_hook(keys.terminal, KEY_INPUT, HOOK_END);
    return true;
}

void input_keys_end(void) {
    if (!keys.terminal)
        return;
    pipe_unhook(keys.terminal);
    if (keys.mode >= 0)
        terminal_set_mode(keys.control, keys.terminal, (uint32_t)keys.mode);
    pipe_close(keys.control);
    keys.terminal = 0;
}

// Whether the message just received ends the command that waits.
static bool is_stop(long length) {
    enum tty_signal signal = input_signal();
    bool is_signal = signal == TTY_INTERRUPT || signal == TTY_QUIT;
    input.is_stopped |= is_signal;
    bool is_key = pipe_received()->key == KEY_INPUT && length > 0 && pipe_received()->type == MESSAGE_DATA;
    return is_signal || (is_key && *(const uint8_t *)pipe_payload() == 'q');
}

long input_wait_limited(uint64_t deadline, uint32_t limit) {
    output_flush();
    for (;;) {
        long length = pipe_wait_limited(limit, deadline);
        if (length < 0)
            return length;
        pipe_close_received();
        if (pipe_received()->key != KEY_INPUT && pipe_received()->key != KEY_INTERRUPT)
            return length;
        if (is_stop(length))
            return INPUT_STOPPED;
    }
}

// What is typed after a "q" stays for the next reader.
long input_wait(uint64_t deadline) {
    return input_wait_limited(deadline, keys.terminal ? 1 : PAYLOAD_MAX);
}
