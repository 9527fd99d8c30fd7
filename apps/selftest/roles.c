// SPDX-License-Identifier: MIT
// The table of roles, and how a child is started.
#include "roles.h"

#include "process.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

struct role {
    const char *name;
    int (*run)(int argument_count, char *arguments[]);
};

static const struct role roles[] = {
    {"agent", role_agent}, {"echo", role_echo},     {"exit", role_exit}, {"fault", role_fault},
    {"heap", role_heap},   {"thread", role_thread}, {"wire", role_wire},
};

#define NO_SUCH_ROLE 99

int role_run(int argument_count, char *arguments[]) {
    for (unsigned index = 0; index < sizeof roles / sizeof *roles; index++)
        if (strcmp(arguments[0], roles[index].name) == 0)
            return roles[index].run(argument_count, arguments);
    return NO_SUCH_ROLE;
}

int role_exit(int argument_count, char *arguments[]) {
    return argument_count > 1 ? atoi(arguments[1]) : 0;
}

// Replies to every call with the complement of what came: a reply comes in the page that the request went from, so the
// same bytes would be there without it. Ends with its pipe.
int role_echo(int argument_count, char *arguments[]) {
    (void)argument_count, (void)arguments;
    uint64_t token = 0;
    long length = 0;
    if (pipe_hook(HANDLE_GIVEN, 0, 0) < 0)
        return 1;
    for (;;) {
        length = pipe_reply_wait(token, pipe_payload(), length, DEADLINE_NONE);
        if (length < 0 || pipe_received()->type == MESSAGE_GONE)
            return 0;
        token = pipe_received()->token;
        for (long index = 0; index < length; index++)
            pipe_message()->payload[index] ^= 0xff;
    }
}

long role_spawn(uint32_t kind, const char *role, const char *argument, long given) {
    char *arguments[] = {"selftest", "--role", (char *)(uintptr_t)role, (char *)(uintptr_t)argument, NULL};
    uint32_t handles[] = {HANDLE_INPUT, HANDLE_OUTPUT, HANDLE_ERRORS, (uint32_t)given};
    return process_spawn(arguments, handles, given > 0 ? 4 : 3, kind);
}
