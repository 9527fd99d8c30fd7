// SPDX-License-Identifier: MIT
// A handle does not say by which name its pipe was opened, so every session is asked whether the pipe is one of its
// own.
#include "terminal.h"

#include <stdio.h>
#include <string.h>

#define PATH_MAX (sizeof TTY_DIRECTORY + COMPONENT_MAX + sizeof "/interrupt")

static bool stat_of(const char *session, const char *pipe, struct pipe_stat *stat) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, TTY_DIRECTORY "/%s/%s", session, pipe);
    return pipe_stat_path(path, stat) == 0;
}

// The inputs are the queues of the session's server that are not its output.
static bool is_pipe_of(const char *session, bool is_input, const struct pipe_stat *stat) {
    struct pipe_stat output;
    return stat->flow == FLOW_QUEUE && stat_of(session, "output", &output) && stat->owner == output.owner &&
           is_input == (stat->number != output.number);
}

const char *terminal_name(long handle, const char *pipe) {
    static char name[COMPONENT_MAX + 1];
    struct pipe_stat stat;
    long directory = pipe_stat(handle, &stat) == 0 ? pipe_open(TTY_DIRECTORY, RIGHT_READ) : -PIPE_EBADF;
    if (directory < 0)
        return NULL;
    bool is_found = false;
    name[0] = 0;
    while (!is_found && pipe_next_name(directory, name))
        is_found = is_pipe_of(name, *pipe == 'i', &stat);
    pipe_close(directory);
    return is_found ? name : NULL;
}

long terminal_open(long handle, const char *pipe, uint32_t rights) {
    char path[PATH_MAX];
    const char *name = terminal_name(handle, "input");
    if (!name)
        return -PIPE_ENXIO;
    snprintf(path, sizeof path, TTY_DIRECTORY "/%s/%s", name, pipe);
    return pipe_open(path, rights);
}

// ---- Requests ----

static long ask(long control, const struct tty_request *request, const struct attached *attached, void *reply,
                size_t reply_size) {
    return pipe_call_attached(control, request, sizeof *request, attached, reply, reply_size, DEADLINE_NONE);
}

static long input_ask(long control, const struct tty_request *request, long input) {
    struct attached attached = {.handles = {(uint32_t)input}, .handle_count = 1};
    struct tty_mode mode = {0};
    long result = ask(control, request, &attached, &mode, sizeof mode);
    return result < 0 ? result : (long)mode.flags;
}

long terminal_set_mode(long control, long input, uint32_t flags) {
    return input_ask(control, &(struct tty_request){TTY_SET_MODE, flags}, input);
}

long terminal_mode(long control, long input) {
    return input_ask(control, &(struct tty_request){.operation = TTY_GET_MODE}, input);
}

long terminal_flush(long control, long input) {
    return input_ask(control, &(struct tty_request){.operation = TTY_FLUSH}, input);
}

long terminal_size(long control, struct tty_size *size) {
    long result = ask(control, &(struct tty_request){.operation = TTY_SIZE}, &(struct attached){0}, size, sizeof *size);
    return result < 0 ? result : 0;
}

// ---- Jobs ----

long terminal_job_begin(long control, long input, struct terminal_job *job) {
    long result = input_ask(control, &(struct tty_request){.operation = TTY_BEGIN_JOB}, input);
    if (result < 0)
        return result;
    if (pipe_received()->handle_count != 2)
        return -PIPE_EPROTO;
    *job = (struct terminal_job){pipe_received()->handle[0], pipe_received()->handle[1]};
    return 0;
}

static long job_ask(long control, uint32_t operation, long input, long job_input) {
    struct attached attached = {.handles = {(uint32_t)input, (uint32_t)job_input}, .handle_count = 2};
    return ask(control, &(struct tty_request){.operation = operation}, &attached, NULL, 0);
}

long terminal_foreground(long control, long input, long job_input) {
    return job_ask(control, TTY_FOREGROUND, input, job_input);
}

void terminal_job_end(long control, long input, struct terminal_job *job) {
    job_ask(control, TTY_END_JOB, input, job->input);
    pipe_close(job->input);
    pipe_close(job->interrupt);
    *job = (struct terminal_job){0};
}
