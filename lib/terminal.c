// SPDX-License-Identifier: MIT
// A handle does not say by which name its pipe was opened, so every session is asked whether its pipe is the same one.
#include "terminal.h"

#include <stdio.h>
#include <string.h>

#define PATH_MAX (sizeof TTY_DIRECTORY + COMPONENT_MAX + sizeof "/interrupt")

static bool is_pipe_of(const char *session, const char *pipe, uint32_t number) {
    char path[PATH_MAX];
    struct pipe_stat stat;
    snprintf(path, sizeof path, TTY_DIRECTORY "/%s/%s", session, pipe);
    return pipe_stat_path(path, &stat) == 0 && stat.number == number;
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
        is_found = is_pipe_of(name, pipe, stat.number);
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

static long ask(long control, uint32_t operation, uint32_t flags, void *reply, size_t reply_size) {
    struct tty_request request = {operation, flags};
    return pipe_call(control, &request, sizeof request, reply, reply_size, DEADLINE_NONE);
}

long terminal_set_mode(long control, uint32_t flags) {
    struct tty_mode mode;
    long result = ask(control, TTY_SET_MODE, flags, &mode, sizeof mode);
    return result < 0 ? result : (long)mode.flags;
}

long terminal_mode(long control) {
    struct tty_mode mode;
    long result = ask(control, TTY_GET_MODE, 0, &mode, sizeof mode);
    return result < 0 ? result : (long)mode.flags;
}

long terminal_size(long control, struct tty_size *size) {
    long result = ask(control, TTY_SIZE, 0, size, sizeof *size);
    return result < 0 ? result : 0;
}

long terminal_flush(long control) {
    return ask(control, TTY_FLUSH, 0, NULL, 0);
}
